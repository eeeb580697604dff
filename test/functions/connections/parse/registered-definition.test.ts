import { describe, expect, test } from 'vitest';
import { storedDefinition } from '../../../../functions/connections/parse/parse-connection.ts';
import { registeredDefinition } from '../../../../functions/connections/parse/registered-definition.ts';

const place = { namespace: 'evertoken' };
const definition = { tokenUrl: 'https://idp.example.com/token', credentials: 'crm' };
const SECRET = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:crm/api-AbCdEf';

describe('what was registered is read as storedDefinition reads it', () => {
  test.each<readonly [string, object]>([
    ['by names', definition],
    [
      'with a secret whose fields have their own names',
      { ...definition, credentials: { secretArn: SECRET } },
    ],
    ['in an order of its own', { credentials: 'crm', schema: 1, tokenUrl: definition.tokenUrl }],
    ['with line breaks that were once allowed', { ...definition, parameters: { claims: '{\r\n\t}' } }],
    ['with a host as a person wrote it', { ...definition, tokenUrl: 'https://b\u00fccher.example/token' }],
    ['though the fields make no sense together', { marginSeconds: 1 }],
    ['with rules', { ...definition, rules: { response: { path: ['data'] }, errors: {} } }],
  ])('%s', async (_, stored) => {
    const read = await registeredDefinition(stored, place);
    expect(read).toStrictEqual(storedDefinition(stored, place));
    expect(JSON.stringify(read)).toBe(JSON.stringify(storedDefinition(stored, place)));
  });
});

describe('what cannot be used is refused in the same words', () => {
  test.each<readonly [string, unknown]>([
    ['nothing', undefined],
    ['a text', 'crm'],
    ['a field that nobody knows', { ...definition, tokenurl: 'x' }],
    [
      'several wrong fields',
      { ...definition, marginSeconds: 0, grants: [], rules: { request: { nope: 1 } } },
    ],
    ['an invisible character', { ...definition, scope: 'a\u202eb' }],
    [
      'the secret of another connection',
      { ...definition, token: { secretArn: SECRET.replace('crm/api', 'evertoken/tokens/api') } },
    ],
  ])('%s', async (_, stored) => {
    const error: unknown = await registeredDefinition(stored, place).catch((thrown) => thrown);
    expect(() => storedDefinition(stored, place)).toThrow(error as Error);
    expect(String(error)).toContain('the registered definition cannot be used: ');
  });
});
