import { describe, expect, test } from 'vitest';
import { readRefreshNowEvent } from '../../../functions/handlers/read-event.ts';
import { readInvocation } from '../../../functions/handlers/read-invocation.ts';

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
