import { beforeEach, describe, expect, it } from 'vitest';
import type { StateChange } from '../../../functions/refresh/connection-state.ts';
import { refreshNow } from '../../../functions/refresh/refresh-now.ts';
import { RefreshWorld } from '../../support/refresh-world.ts';

const SECOND = 1000;
let world: RefreshWorld;
/** When the holder took its lease, and somebody asked. */
let askedAt: number;

/** A connection whose first refresh was a minute ago, and that somebody else refreshes now. */
beforeEach(async () => {
  world = new RefreshWorld();
  await world.connect('crm');
  world.storeRefreshToken('crm');
  await world.refresh('crm');
  world.clock.advance(61 * SECOND);
  askedAt = world.clock.now();
  await hold('holder');
});

const hold = (owner: string, seconds = 120) => {
  const now = world.clock.now();
  return world.state.lease('crm', {
    owner,
    now,
    endsAt: now + seconds * SECOND,
    attempt: owner,
    force: true,
  });
};

/** A holder ends its refresh so: its attempt is closed, and its lease is given back. */
const settles = (change: StateChange = {}, owner = 'holder') =>
  world.state.commit('crm', owner, { attempt: null, ...change });

/** What a caller is told when this happens so many seconds after it asked, and how long it waited, in seconds. */
async function ask(seconds = 0, meanwhile: () => unknown = () => undefined, { force = true } = {}) {
  const ports = { ...world.ports(), declared: { get: async () => undefined } };
  const functionEndsAt = askedAt + 300 * SECOND;
  return world.clock.run(async () => {
    const asked = refreshNow({ connections: ['crm'], force, functionEndsAt }, ports);
    await world.clock.sleep(seconds * SECOND);
    await meanwhile();
    const [result] = await asked;
    return { ...result, waited: (world.clock.now() - askedAt) / SECOND };
  });
}

const sent = () => world.provider.exchanges.length;

describe('a caller that meets another refresh', () => {
  it('is told after 20 s that it takes longer', async () => {
    expect(await ask()).toMatchObject({ outcome: 'busy', waited: 20 });
    expect(sent()).toBe(1);
  });

  it.each([
    ['when it was asked for', 0],
    ['after that', SECOND],
  ])('takes a token that the other obtained %s, and exchanges nothing', async (_, laterMs) => {
    const expiresAt = askedAt + 1800 * SECOND;
    const obtained = { obtainedAt: askedAt + laterMs, expiresAt };
    expect(await ask(5.1, () => settles(obtained))).toMatchObject({
      outcome: 'refreshed',
      expiresAt: new Date(expiresAt).toISOString(),
      waited: 5.25,
    });
    expect(sent()).toBe(1);
  });

  it('obtains one of its own where that of the other is older than what it asked for', async () => {
    expect(await ask(5, settles)).toMatchObject({ outcome: 'refreshed', waited: 5 });
    expect(sent()).toBe(2);
  });

  it('is content with an older one where it did not insist', async () => {
    expect(await ask(5, settles, { force: false })).toMatchObject({ outcome: 'refreshed', waited: 5 });
    expect(sent()).toBe(1);
  });

  it('is told of the other’s failure, and adds none of its own', async () => {
    const failure = { lastOutcome: 'misconfigured', lastErrorCode: 'invalid_client' } as const;
    expect(await ask(1, () => settles(failure))).toMatchObject({
      outcome: 'misconfigured',
      error: { code: 'invalid_client' },
      waited: 1,
    });
    expect(sent()).toBe(1);
  });

  it('is told that it is tried again where the other came to nothing', async () => {
    expect(await ask(1, () => settles({ lastOutcome: null }))).toMatchObject({ outcome: 'retry-later' });
    expect(sent()).toBe(1);
  });

  it('waits no longer for a connection that is gone', async () => {
    expect(await ask(1, () => world.state.items.delete('crm'))).toMatchObject({ outcome: 'busy', waited: 1 });
  });

  it('waits no longer than the lease of a holder that died, and does not send what that may have spent', async () => {
    await hold('holder', 10);
    expect(await ask()).toMatchObject({
      outcome: 'retry-later',
      error: { code: 'open_attempt' },
      waited: 10,
    });
    expect(sent()).toBe(1);
  });

  it('waits on when a second one comes before its own', async () => {
    let tries = 0;
    world.intercept = async (call, effect) => {
      if (call.method === 'lease' && ++tries === 2) await hold('second');
      return effect();
    };
    const both = async () => {
      await settles();
      await world.clock.sleep(7 * SECOND);
      await settles({}, 'second');
    };
    expect(await ask(5, both)).toMatchObject({ outcome: 'refreshed', waited: 12 });
    expect(sent()).toBe(2);
  });
});
