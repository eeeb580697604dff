import { describe, expect, it } from 'vitest';
import { readRefreshNowEvent, readRotationEvent } from '../../../functions/handlers/read-event.ts';

const ACCOUNT = '111122223333';
const OTHER_ACCOUNT = '999988887777';
const read = (event: unknown, account: string | undefined = ACCOUNT) =>
  readRefreshNowEvent(event, 'evertoken', account);

const requested = (detail: unknown, envelope: object = {}) => ({
  account: ACCOUNT,
  source: 'my.app',
  'detail-type': 'Refresh Requested',
  detail,
  ...envelope,
});

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
    const wanted = { kind: 'refresh', connections: ['crm'], force: false, trigger: 'request' };
    expect(read({ connections: ['crm'] })).toEqual(wanted);
  });

  it('forces what an event asks for when it says so, in its own namespace alone', () => {
    const event = (namespace: string, force?: boolean) =>
      requested({ namespace, connections: ['crm'], ...(force !== undefined && { force }) });
    const wanted = {
      kind: 'requested',
      connections: ['crm'],
      origin: { account: ACCOUNT, source: 'my.app' },
    };
    expect(read(event('evertoken', true))).toEqual({ ...wanted, force: true });
    expect(read(event('evertoken'))).toEqual({ ...wanted, force: false });
    expect(read(event('other'))).toEqual({ kind: 'ignore' });
  });

  it('is woken by messages of its own queue, and forces nothing', () => {
    const record = (body: string) => ({ eventSource: 'aws:sqs', messageId: '1', body });
    const records = [
      '{"connection":"crm"}',
      'no JSON',
      '{"force":true}',
      '{"connection":"erp","force":true}',
    ];
    expect(read({ Records: records.map(record) })).toEqual({
      kind: 'refresh',
      connections: ['crm', 'erp'],
      force: false,
      trigger: 'wake-up',
    });
    expect(read({ Records: [record('[]')] })).toEqual({ kind: 'ignore' });
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

describe('an event that is refused', () => {
  const asked = { namespace: 'evertoken', connections: ['crm'] };
  const many = Array.from({ length: 101 }, (_, index) => `c${index}`);

  it.each([
    ['another account', requested(asked, { account: OTHER_ACCOUNT }), 'other-account'],
    ['an account that is none', requested(asked, { account: '' }), 'other-account'],
    [
      'another account, whatever it says',
      requested({ junk: 1 }, { account: OTHER_ACCOUNT }),
      'other-account',
    ],
    ['no names', requested({ ...asked, connections: [] }), 'malformed'],
    ['a text for names', requested({ ...asked, connections: 'crm' }), 'malformed'],
    ['a text for force', requested({ ...asked, force: 'yes' }), 'malformed'],
    ['no namespace', requested({ connections: ['crm'] }), 'malformed'],
    ['no detail', requested(null), 'malformed'],
    ['a text for detail', requested('evertoken'), 'malformed'],
    ['a hundred and one names', requested({ ...asked, connections: many }), 'too-many-names'],
  ])('%s', (_, event, reason) => {
    expect(read(event)).toMatchObject({ kind: 'refused', reason, origin: { source: 'my.app' } });
  });

  it('is each, where the function does not know its own account', () => {
    expect(readRefreshNowEvent(requested(asked), 'evertoken', undefined)).toMatchObject({
      kind: 'refused',
      reason: 'other-account',
    });
  });

  it('is not taken at its word when it names no account: nothing that EventBridge brings does', () => {
    const { account: _, ...event } = requested(asked);
    expect(() => read(event)).toThrow(/expected \{"connections"/);
  });

  it('leaves of its origin nothing that could act or fill a page', () => {
    const source = `\u001b[2Jmy app\u202e\r\n${'x'.repeat(1000)}`;
    const event = read(requested(asked, { account: '\u001b[31m', source }));
    expect(event).toMatchObject({ origin: { account: '', source: expect.stringMatching(/^[\w.?]{64}$/) } });
  });

  it('is a declaration that was written in another account', () => {
    const event = {
      account: OTHER_ACCOUNT,
      source: 'aws.ssm',
      'detail-type': 'Parameter Store Change',
      detail: { name: '/evertoken/connections/crm', operation: 'Create' },
    };
    expect(read(event)).toEqual({
      kind: 'refused',
      reason: 'other-account',
      origin: { account: OTHER_ACCOUNT, source: 'aws.ssm' },
    });
    expect(read({ ...event, account: ACCOUNT })).toMatchObject({ kind: 'register' });
    expect(read({ ...event, detail: { name: '/other/connections/crm', operation: 'Create' } })).toEqual({
      kind: 'ignore',
    });
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
