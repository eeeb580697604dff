import { describe, expect, it } from 'vitest';
import { storeRemedy } from '../../../../functions/refresh/rules/store-remedy.ts';

const ARN = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:legacy-AbCdEf';
const read = (secret: string) => `GetSecretValue ${secret}: SomeException: words`;
const remedy = (code: string, message: string, kind = 'store-denied') =>
  storeRemedy({ code, kind, message }, 'the refresher');

describe.each(['evertoken/credentials/crm', 'evertoken/refresh-tokens/crm', 'evertoken/tokens/crm', ARN])(
  'of %s',
  (secret) => {
    it.each([
      ['SecretMarkedForDeletion', `aws secretsmanager restore-secret --secret-id ${secret}.`],
      ['KeyUnusable', 'aws kms cancel-key-deletion'],
      ['KeyAccessDenied', 'Let the refresher use the key'],
      ['ResourcePolicyDenies', `aws secretsmanager get-resource-policy --secret-id ${secret}.`],
      ['ResourcePolicyLacksGrant', 'aws secretsmanager put-resource-policy'],
    ])('%s has a remedy of its own, which names it', (code, words) => {
      for (const message of [read(secret), secret]) {
        expect(remedy(code, message)).toContain(words);
        expect(remedy(code, message)).toContain(secret);
      }
    });
  },
);

it.each([
  ['evertoken/credentials/books/acme', 'evertoken credentials set books/acme'],
  [ARN, `aws secretsmanager put-secret-value --secret-id ${ARN} --secret-string file://`],
])('credentials in %s are stored again', (secret, command) => {
  expect(remedy('MalformedCredentials', `${secret}: the secret is null`, 'store-malformed')).toContain(
    command,
  );
});

it.each([
  ['evertoken/refresh-tokens/crm is null; expected JSON', 'evertoken refresh-token set crm'],
  ['/evertoken/rescue/crm has no "attempt"', 'Correct what "/evertoken/rescue/crm" holds'],
])('what else is malformed is corrected: %s', (message, words) => {
  expect(remedy('MalformedValue', message, 'store-malformed')).toContain(words);
});

it('a newer schema asks for a newer version', () => {
  expect(remedy('NewerSchema', 'evertoken/credentials/crm has schema 2', 'store-malformed')).toMatch(
    /^Deploy/,
  );
});

it.each(['', ' words'])('a message that names no resource, "%s", has a remedy all the same', (message) => {
  expect(remedy('SecretMarkedForDeletion', message)).toMatch(/--secret-id \./);
});

it('is none where permissions are the matter', () => {
  expect(remedy('AccessDeniedException', read(ARN))).toBeUndefined();
});
