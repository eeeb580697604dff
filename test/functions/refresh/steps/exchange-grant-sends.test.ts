import { beforeEach, describe, expect, it } from 'vitest';
import { TokenError } from '../../../../functions/oauth/token-error.ts';
import type { Grant, RefreshRun } from '../../../../functions/refresh/refresh-run.ts';
import { exchangeGrant, writeDownSend } from '../../../../functions/refresh/steps/exchange-grant.ts';
import { RefreshWorld } from '../../../support/refresh-world.ts';
import { clientCredentials, grantOf, OWN, runOf, v1 } from '../run-of.ts';
import { MINUTE, NOW, SECOND } from '../state-of.ts';

let world: RefreshWorld;

beforeEach(() => {
  world = new RefreshWorld();
});

const noAnswer = new TokenError('unanswered', 'timeout', 'no answer came');
const sends = () => world.calls.filter(({ method }) => method === 'exchange').length;
const item = () => world.state.items.get('crm');

/** A run whose provider never answers, each time after `takesMs`. */
function unanswered({ graceSeconds = 0, takesMs = 0, endsAt = NOW + 2 * MINUTE } = {}): RefreshRun {
  world.intercept = async (call, effect) => {
    if (call.method !== 'exchange') return effect();
    world.clock.advance(takesMs);
    throw noAnswer;
  };
  const run = runOf(world, { endsAt });
  const refreshToken = { ...run.connection.refreshToken, graceSeconds };
  return { ...run, connection: { ...run.connection, refreshToken } };
}

/** The second process to hold the lease of `run`. */
function loseLease(): void {
  const held = item();
  if (held) world.state.items.set('crm', { ...held, leaseOwner: 'another' });
}

const spend = (run: RefreshRun, grant: Grant = grantOf(world)) =>
  expect(exchangeGrant(run, grant)).rejects.toBe(noAnswer);

describe('a refresh token that is spent', () => {
  it('is not sent unless that was written down before, and nothing is written between proof and send', async () => {
    const run = unanswered();
    const refreshToken = { ...v1(), versionId: 'v2' };
    await expect(exchangeGrant(run, grantOf(world, { refreshToken }))).rejects.toThrow('written down');
    expect(world.calls).toEqual([]);
  });

  it('stays open without an answer, from when that was given up', async () => {
    const run = unanswered({ takesMs: 10 * SECOND });
    await spend(run);
    expect(run.ledger.toChange()).toMatchObject({
      attempt: OWN,
      attemptAt: NOW + 10 * SECOND,
      unansweredSends: 1,
    });
  });

  it('stays open although a later send within the grace is refused, or never leaves', async () => {
    for (const kind of ['refused', 'never-sent'] as const) {
      world = new RefreshWorld();
      const run = unanswered({ graceSeconds: 60 });
      world.intercept = async (call, effect) => {
        if (call.method !== 'exchange') return effect();
        throw sends() === 1 ? noAnswer : new TokenError(kind, 'the_code', 'words');
      };
      await spend(run);
      expect(sends()).toBe(2);
      expect(run.ledger.isOpen).toBe(true);
    }
  });
});

describe('a grant that spends nothing', () => {
  it.each([
    ['without a refresh token', () => clientCredentials(world)],
    ['with one that never rotates', () => grantOf(world, { spends: false })],
  ])('%s leaves no attempt open, and is not sent again for a grace', async (_, grant) => {
    const run = unanswered({ graceSeconds: 60 });
    await spend(run, grant());
    expect(sends()).toBe(1);
    expect(run.ledger.isOpen).toBe(false);
    expect(run.ledger.toChange()).toMatchObject({ attempt: null });
  });
});

describe('a second send within a grace', () => {
  it.each([
    [16, 0, 2],
    [15, 0, 1],
    [26, 10, 2],
    [25, 10, 1],
    [0, 0, 1],
  ])(
    'of %d s needs 15 s of it, and a bit, after %d s without an answer: %d sends',
    async (graceSeconds, seconds, expected) => {
      await spend(unanswered({ graceSeconds, takesMs: seconds * SECOND }));
      expect(sends()).toBe(expected);
    },
  );

  it.each([
    [75_000, 2],
    [74_999, 1],
  ])('needs 75 s of the lease: with %d ms left there are %d', async (leftMs, expected) => {
    await spend(unanswered({ graceSeconds: 60, endsAt: NOW + leftMs }));
    expect(sends()).toBe(expected);
  });

  it('is written down as the second before it leaves', async () => {
    await spend(unanswered({ graceSeconds: 60 }));
    expect(item()).toMatchObject({ attempt: OWN, refreshTokenVersionId: 'v1', unansweredSends: 2 });
  });

  it('is not made when the lease was lost meanwhile', async () => {
    const run = unanswered({ graceSeconds: 60 });
    const { intercept } = world;
    world.intercept = (call, effect) => {
      if (call.method === 'exchange') loseLease();
      return intercept(call, effect);
    };
    await spend(run);
    expect(sends()).toBe(1);
    expect(run.ledger.toChange()).toMatchObject({ attempt: OWN, unansweredSends: 1 });
  });
});

describe('the note of a send that is to come', () => {
  it.each([
    ['until when it may leave, 70 s before the lease ends', 0, 50 * SECOND],
    ['now, where that is past', 60 * SECOND, 60 * SECOND],
  ])('says %s', async (_, afterMs, atMs) => {
    world.clock.advance(afterMs);
    const run = runOf(world);
    await writeDownSend(run, 'v2');
    expect(item()).toMatchObject({
      attempt: OWN,
      attemptAt: NOW + atMs,
      refreshTokenVersionId: 'v2',
      unansweredSends: 1,
    });
    expect(world.calls.map(({ method, signal }) => [method, signal])).toEqual([
      ['openAttempt', run.lease.signal],
    ]);
    expect(() => run.ledger.sending('v2', NOW)).not.toThrow();
  });

  it('costs no call where the lease has made it', async () => {
    await writeDownSend(runOf(world), 'v1');
    expect(world.calls).toEqual([]);
  });

  it('cannot be made once the lease is lost: then nothing may be sent', async () => {
    const run = runOf(world);
    loseLease();
    await expect(writeDownSend(run, 'v2')).rejects.toMatchObject({
      failure: {
        outcome: 'retry-later',
        source: 'store',
        code: 'lease_lost',
        message: expect.stringMatching(/lease .*before anything was sent/),
      },
    });
    expect(() => run.ledger.sending('v2', NOW)).toThrow('written down');
  });
});
