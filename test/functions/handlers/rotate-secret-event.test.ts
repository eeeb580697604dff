import { describe, expect, it } from 'vitest';
import { readRotationEvent } from '../../../functions/handlers/rotate-secret-event.ts';

const TOKEN = '0'.repeat(32);
const arnOf = (name: string) => `arn:aws:secretsmanager:us-east-1:000000000000:secret:${name}-AbC123`;
const event = (SecretId: string, rest: object = {}) => ({
  Step: 'createSecret',
  SecretId,
  ClientRequestToken: TOKEN,
  ...rest,
});

describe('what is refused', () => {
  it.each([
    ['no event', undefined, /expected an event of a Secrets Manager rotation/],
    ['an unknown step', event(arnOf('evertoken/tokens/crm'), { Step: 'deleteSecret' }), /Step/],
    [
      'a short token',
      event(arnOf('evertoken/tokens/crm'), { ClientRequestToken: 'x' }),
      /ClientRequestToken/,
    ],
    ['a secret of another kind', event(arnOf('evertoken/refresh-tokens/crm')), /only secrets named/],
    ['a secret of another namespace', event(arnOf('other/tokens/crm')), /only secrets named/],
    ['a secret that only begins alike', event(arnOf('evertoken/tokens/')), /only secrets named/],
    ['a name that no connection has', event(arnOf('evertoken/tokens/Crm')), /only secrets named/],
  ])('%s', (_, input, message) => {
    expect(() => readRotationEvent(input, 'evertoken')).toThrow(message);
  });
});

it.each([
  ['crm', arnOf('evertoken/tokens/crm')],
  ['books/acme-ltd', arnOf('evertoken/tokens/books/acme-ltd')],
  ['crm', 'evertoken/tokens/crm'],
  ['crm', arnOf('evertoken/tokens/crm').replace('arn:aws:', 'arn:aws-us-gov:')],
])('the connection %s is known by %s', (connection, SecretId) => {
  expect(readRotationEvent(event(SecretId, { RotationToken: 'r'.repeat(36) }), 'evertoken')).toEqual({
    step: 'createSecret',
    connection,
    secretId: SecretId,
    versionId: TOKEN,
  });
});
