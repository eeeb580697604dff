import { describe, expect, it } from 'vitest';
import { readRefreshNowEvent, readRotationEvent } from '../../../functions/handlers/read-event.ts';

const read = (event: unknown) => readRefreshNowEvent(event, 'evertoken');

describe('what refresh-now is asked', () => {
  it.each([
    ['nothing', undefined],
    ['no names', { connections: [] }],
    ['a name that is none', { connections: [7] }],
    ['an unknown key', { connections: ['crm'], forced: true }],
    ['too many names', { connections: Array.from({ length: 101 }, (_, index) => `c${index}`) }],
  ])('refuses %s, saying what it takes', (_, event) => {
    expect(() => read(event)).toThrow(/expected \{"connections": \[1 to 100 names\]/);
  });

  it('does not force a direct call that does not say so', () => {
    expect(read({ connections: ['crm'] })).toEqual({ kind: 'refresh', connections: ['crm'], force: false });
  });

  it('forces what an event asks for when it says so, in its own namespace alone', () => {
    const event = (namespace: string, force?: boolean) => ({
      source: 'my.app',
      'detail-type': 'Refresh Requested',
      detail: { namespace, connections: ['crm'], ...(force !== undefined && { force }) },
    });
    const wanted = { kind: 'refresh', connections: ['crm'] };
    expect(read(event('evertoken', true))).toMatchObject({ ...wanted, force: true });
    expect(read(event('evertoken'))).toMatchObject({ ...wanted, force: false });
    expect(read(event('other'))).toEqual({ kind: 'ignore' });
  });

  it('registers a connection whose declaration was written, and nothing else', () => {
    const event = (name: string, operation: string) => ({
      source: 'aws.ssm',
      'detail-type': 'Parameter Store Change',
      detail: { name, operation, type: 'String' },
    });
    expect(read(event('/evertoken/connections/books/acme', 'Create'))).toEqual({
      kind: 'register',
      connection: 'books/acme',
    });
    expect(read(event('/evertoken/connections/crm', 'Delete'))).toEqual({ kind: 'ignore' });
    expect(read(event('/evertoken-b/connections/crm', 'Update'))).toEqual({ kind: 'ignore' });
    expect(read(event('/evertoken/rescue/crm', 'Update'))).toEqual({ kind: 'ignore' });
  });
});

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
