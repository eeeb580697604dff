import { beforeEach, describe, expect, it } from 'vitest';
import { TokenError } from '../../../functions/oauth/token-error.ts';
import type { RefreshPorts } from '../../../functions/refresh/refresh-run.ts';
import { beginEachTestAnew, item, MINUTE, world } from './crm-world.ts';

beginEachTestAnew();

const SECOND = 1000;
const KEYS = { origin: 'https://idp.example.com', client: 'https://idp.example.com#client' };

let ports: RefreshPorts;
let now: number;

/** A connection that is due, in a process that knows of its origin's troubles. */
beforeEach(async () => {
  await world.connect('crm', { grants: ['client_credentials'] });
  ports = world.ports();
  now = world.clock.now();
});

/** The provider asked to leave one client alone for so many minutes. */
const throttled = (minutes: number) =>
  ports.cooldowns.failed(
    KEYS,
    new TokenError('throttled', 'http_429', 'slow down', { status: 429, retryAfterMs: minutes * MINUTE }),
  );

/** Nobody answers at the origin, which is left alone for 45 s. */
const unreachable = () =>
  ports.cooldowns.failed(KEYS, new TokenError('never-sent', 'connect_refused', 'the connection was refused'));

/** What is tried while readers have a token for so many seconds; `undefined`: none. */
async function refresh(leftSeconds?: number, state: object = {}) {
  const found = item();
  if (found === undefined) throw new Error('"crm" is not registered');
  const expiresAt = leftSeconds === undefined ? {} : { expiresAt: now + leftSeconds * SECOND };
  world.state.items.set('crm', { ...found, ...expiresAt, ...state });
  const { outcome } = await world.refresh('crm', { ports });
  const { dueAt = 0 } = item() ?? {};
  return { outcome, dueInSeconds: (dueAt - now) / SECOND, sent: world.provider.exchanges.length };
}

describe('a client that is left alone', () => {
  it('is not asked for before that is over, and the connection is as it was', async () => {
    await throttled(5);
    const before = item();
    expect(await refresh()).toEqual({ outcome: 'retry-later', dueInSeconds: 300, sent: 0 });
    const watch = { needAt: expect.any(Number), watchAt: expect.any(Number) };
    expect(item()).toEqual({ ...before, ...watch, dueAt: now + 5 * MINUTE });
    world.clock.advance(5 * MINUTE);
    expect(await refresh()).toMatchObject({ outcome: 'refreshed', sent: 1 });
  });

  it('is asked again no later than 90 s before the token expires that readers have', async () => {
    await throttled(5);
    expect(await refresh(200)).toEqual({ outcome: 'retry-later', dueInSeconds: 110, sent: 0 });
  });

  it('is asked when it is over where the token lives longer', async () => {
    await throttled(5);
    expect(await refresh(3600)).toEqual({ outcome: 'retry-later', dueInSeconds: 300, sent: 0 });
  });

  it.each([
    ['is asked all the same where that is the last chance', {}, 1],
    ['is not where its limit was broken for that before', { failuresByKind: { throttled: 2 } }, 0],
  ])('%s', async (_, state, sent) => {
    await throttled(5);
    expect(await refresh(90, state)).toMatchObject({ sent });
  });
});

describe('an origin that is left alone', () => {
  it.each([
    ['while the token lives long', 3600],
    ['also where the last chance comes before it ends', 100],
    ['also at the last chance', 90],
    ['also when readers have no token', undefined],
  ])('is not asked before that is over, %s', async (_, leftSeconds) => {
    await unreachable();
    expect(await refresh(leftSeconds)).toEqual({ outcome: 'retry-later', dueInSeconds: 45, sent: 0 });
  });

  it('is no matter to a connection elsewhere', async () => {
    await unreachable();
    await world.connect('crm', {
      grants: ['client_credentials'],
      tokenUrl: 'https://other.example.com/token',
    });
    expect(await refresh()).toMatchObject({ outcome: 'refreshed', sent: 1 });
  });
});
