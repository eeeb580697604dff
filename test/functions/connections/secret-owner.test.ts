import { describe, expect, it } from 'vitest';
import { ConnectionError } from '../../../functions/connections/connection-error.ts';
import { parseConnection } from '../../../functions/connections/parse/parse-connection.ts';
import { parseConnections } from '../../../functions/connections/parse/parse-connections.ts';
import { secretArnProblem, usableSecretId } from '../../../functions/connections/secret-owner.ts';

const place = { namespace: 'evertoken', region: 'eu-west-1', account: '123456789012' };
const arn = (name: string, { partition = 'aws', region = 'eu-west-1', account = '123456789012' } = {}) =>
  `arn:${partition}:secretsmanager:${region}:${account}:secret:${name}`;

describe('a secret that has an owner', () => {
  it.each([
    ['a refresh token', arn('evertoken/refresh-tokens/crm-AbCdEf'), /the refresh token of a connection/],
    ['a token', arn('evertoken/tokens/crm-AbCdEf'), /the token of a connection.*one writer/],
    ['credentials', arn('evertoken/credentials/crm-AbCdEf'), /name them in place of the ARN/],
    ['a connection of a longer name', arn('evertoken/refresh-tokens/books/acme-AbCdEf'), /refresh token/],
    ['an ARN without its suffix', arn('evertoken/refresh-tokens/crm'), /refresh token/],
    ['an ARN with half of it', arn('evertoken/refresh-tokens/crm-AbC'), /refresh token/],
    ['a name in upper case', arn('EVERTOKEN/Refresh-Tokens/CRM-AbCdEf'), /refresh token/],
    ['an ARN in upper case', arn('evertoken/refresh-tokens/crm-AbCdEf').toUpperCase(), /refresh token/],
    [
      'another partition',
      arn('evertoken/refresh-tokens/crm-AbCdEf', { partition: 'aws-cn' }),
      /refresh token/,
    ],
    ['another Region', arn('evertoken/refresh-tokens/crm-AbCdEf', { region: 'us-east-1' }), /refresh token/],
    [
      'another account',
      arn('evertoken/refresh-tokens/crm-AbCdEf', { account: '999999999999' }),
      /refresh token/,
    ],
    ['the refresh token of another namespace', arn('staging/refresh-tokens/crm-AbCdEf'), /refresh token/],
    ['no ARN at all', 'evertoken/refresh-tokens/crm', /expected the ARN of a secret/],
  ])('is not used by ARN: %s', (_, secretArn, problem) => {
    expect(secretArnProblem(secretArn, place)).toMatch(problem);
  });

  it.each([
    ['one of one’s own', 'legacy/crm-AbCdEf'],
    ['one whose name begins alike', 'evertoken-legacy/tokens/crm-AbCdEf'],
    ['one beside the prefixes', 'evertoken/legacy/crm-AbCdEf'],
    ['one that is called as a prefix', 'evertoken/tokens-AbCdEf'],
    ['credentials of somebody with the same habit', 'payments/credentials/crm-AbCdEf'],
    ['a token of theirs', 'payments/tokens/crm-AbCdEf'],
  ])('is not %s', (_, name) => {
    expect(secretArnProblem(arn(name), place)).toBeUndefined();
  });
});

describe('a secret that the functions cannot reach', () => {
  const mine = arn('legacy/crm-AbCdEf');

  it('is refused in another Region, with how to bring it here', () => {
    const problem = secretArnProblem(mine, { ...place, region: 'us-east-1' });
    expect(problem).toMatch(/in eu-west-1, .* run in us-east-1.*replicate it to us-east-1/);
  });

  it('is refused in another account where no key of its own is named', () => {
    expect(secretArnProblem(mine, { ...place, account: '999999999999' })).toMatch(
      /the account 123456789012.*resource policy.*customer-managed key.*"keyArn"/,
    );
    const declare = (keyArn: object) =>
      parseConnection({ provider: 'kajabi', credentials: { secretArn: mine, ...keyArn } }, 'crm', {
        ...place,
        account: '999999999999',
      });
    expect(() => declare({})).toThrow('credentials.secretArn: is a secret of the account 123456789012');
    const keyArn = 'arn:aws:kms:eu-west-1:123456789012:key/theirs';
    expect(declare({ keyArn }).credentials).toMatchObject({ keyArn });
  });

  it('is not judged by what nobody knows', () => {
    expect(secretArnProblem(mine, { namespace: 'evertoken' })).toBeUndefined();
  });
});

describe('a declaration of such a secret', () => {
  const refreshToken = arn('evertoken/refresh-tokens/books-AbCdEf');
  const thief = {
    tokenUrl: 'https://attacker.example/token',
    credentials: { secretArn: refreshToken, fields: { client_secret: 'expires_at' } },
  };
  const vandal = {
    provider: 'kajabi',
    credentials: 'kajabi',
    token: { secretArn: refreshToken, fields: {} },
  };

  it.each([
    ['credentials.secretArn', thief],
    ['token.secretArn', vandal],
  ])('is refused at %s, alone and in a file', (path, connection) => {
    expect(() => parseConnection(connection, 'crm', place)).toThrow(
      `connection "crm": ${path}: holds the refresh token`,
    );
    const parsed = parseConnections(JSON.stringify({ connections: { crm: connection } }), { place });
    expect(parsed).toMatchObject({
      ok: false,
      problems: [{ path: ['connections', 'crm', ...path.split('.')], line: 1 }],
    });
  });

  it('is refused when it is used, whatever let it pass before', () => {
    const use = () => usableSecretId('credentials', thief.credentials, place);
    expect(use).toThrow(ConnectionError);
    expect(use).toThrow(/credentials.secretArn: ".*" holds the refresh token/);
    const own = { secretArn: arn('legacy/crm-AbCdEf'), fields: {} };
    expect(usableSecretId('token', own, place)).toBe(own.secretArn);
  });
});

describe('an ARN that reaches into policies', () => {
  it.each([
    'legacy/*',
    'legacy/cr?-AbCdEf',
    'legacy/\u0024{aws:username}',
    'legacy/crm AbCdEf',
    'legacy/crm\n',
  ])('is none: %j', (name) => {
    const credentials = { secretArn: arn(name) };
    expect(() => parseConnection({ provider: 'kajabi', credentials }, 'crm')).toThrow(
      /expected the ARN of a secret|holds the invisible character U\+000A/,
    );
  });

  it.each(['*', 'a/*', 'a?'])('is none for a key either: %j', (id) => {
    const credentials = {
      secretArn: arn('legacy/crm-AbCdEf'),
      keyArn: `arn:aws:kms:eu-west-1:123456789012:key/${id}`,
    };
    expect(() => parseConnection({ provider: 'kajabi', credentials }, 'crm')).toThrow(
      'expected the ARN of a key',
    );
  });
});
