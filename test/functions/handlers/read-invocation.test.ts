import { describe, expect, test } from 'vitest';
import { readRefreshNowEvent, readRotationEvent } from '../../../functions/handlers/read-event.ts';
import { readInvocation, readRotation } from '../../../functions/handlers/read-invocation.ts';

const ACCOUNT = '111122223333';
const HUNDRED = Array.from({ length: 100 }, (_, index) => `c${index}`);

describe('what comes is read as readRefreshNowEvent reads it', () => {
  test.each<readonly [string, unknown]>([
    ['names', { connections: ['crm', 'books'] }],
    ['as many names as there may be', { connections: HUNDRED }],
    ['names, by force', { connections: ['crm'], force: true }],
    [
      'an event that asks for it',
      {
        'detail-type': 'Refresh Requested',
        account: ACCOUNT,
        source: 'x',
        detail: { namespace: 'evertoken', connections: ['crm'] },
      },
    ],
    ['a message of the queue', { Records: [{ eventSource: 'aws:sqs', body: '{"connection":"crm"}' }] }],
  ])('%s', async (_, event) => {
    expect(await readInvocation(event, 'evertoken', ACCOUNT)).toStrictEqual(
      readRefreshNowEvent(event, 'evertoken', ACCOUNT),
    );
  });
});

describe('what it does not know is refused in the same words', () => {
  test.each<readonly [string, unknown]>([
    ['nothing', undefined],
    ['no names', { connections: [] }],
    ['an empty name', { connections: [''] }],
    ['a name too many', { connections: [...HUNDRED, 'one'] }],
    ['another kind of force', { connections: ['crm'], force: 'yes' }],
    ['something beside it', { connections: ['crm'], verbose: true }],
  ])('%s', async (_, event) => {
    const error: unknown = await readInvocation(event, 'evertoken', ACCOUNT).catch((thrown) => thrown);
    expect(() => readRefreshNowEvent(event, 'evertoken', ACCOUNT)).toThrow(error as Error);
    expect(error).toMatchObject({ code: 'invalid_event' });
  });
});

const ROTATION = {
  Step: 'createSecret',
  SecretId: 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:evertoken/tokens/crm-AbCdEf',
  ClientRequestToken: 'a'.repeat(36),
};

test('a rotation is read as readRotationEvent reads it, whatever else comes with it', async () => {
  const event = { ...ROTATION, RotationToken: 'x' };
  expect(await readRotation(event, 'evertoken')).toStrictEqual(readRotationEvent(event, 'evertoken'));
});

test.each<readonly [string, unknown]>([
  ['nothing', undefined],
  ['a text', 'createSecret'],
  ['another step', { ...ROTATION, Step: 'deleteSecret' }],
  ['a token that is too short', { ...ROTATION, ClientRequestToken: 'a' }],
  ['the secret of somebody else', { ...ROTATION, SecretId: 'other/tokens/crm' }],
])('no rotation, refused in the same words: %s', async (_, event) => {
  const error: unknown = await readRotation(event, 'evertoken').catch((thrown) => thrown);
  expect(() => readRotationEvent(event, 'evertoken')).toThrow(error as Error);
  expect(error).toMatchObject({ code: 'invalid_event' });
});
