import { beforeEach, describe, expect, it } from 'vitest';
import { resolveConnection } from '../../../../functions/connections/resolve-connection.ts';
import { Secret } from '../../../../functions/oauth/secret.ts';
import { AttemptLedger } from '../../../../functions/refresh/attempt-ledger.ts';
import type { RefreshRun } from '../../../../functions/refresh/refresh-run.ts';
import { RefreshFailed } from '../../../../functions/refresh/rules/classify-failure.ts';
import { TIMING } from '../../../../functions/refresh/rules/timing.ts';
import {
  recoverOpenAttempt,
  requireSettled,
  unansweredWaitMs,
} from '../../../../functions/refresh/steps/recover-open-attempt.ts';
import { canarySecret } from '../../../support/canary.ts';
import { RefreshWorld, ROTATING } from '../../../support/refresh-world.ts';
import { HOUR, MINUTE, NOW, SECOND, stateOf } from '../state-of.ts';

let world: RefreshWorld;

beforeEach(() => {
  world = new RefreshWorld();
});

/** A refresh that finds `v1` sent at `NOW`, and no answer noted. */
function run(changes: Parameters<typeof stateOf>[0] = {}, graceSeconds = 0): RefreshRun {
  const open = { attempt: 'earlier', attemptAt: NOW, refreshTokenVersionId: 'v1' };
  const state = stateOf({ ...open, ...changes });
  const connection = resolveConnection('crm', ROTATING);
  const signal = new AbortController().signal;
  return {
    lease: { name: 'crm', owner: 'o', state, endsAt: NOW + 2 * MINUTE, signal },
    connection: { ...connection, refreshToken: { ...connection.refreshToken, graceSeconds } },
    ports: world.ports(),
    ledger: new AttemptLedger(state, 'own', TIMING),
    force: false,
  };
}

const token = (versionId: string) => ({
  versionId,
  value: { refresh_token: new Secret(canarySecret('refresh')), obtained_at: 0 },
  createdAt: 0,
  stages: [],
});

/** When the same refresh token may be sent again; `undefined` for now. */
function settledAt(afterMs: number, changes?: Parameters<typeof stateOf>[0], graceSeconds?: number) {
  world = new RefreshWorld();
  world.clock.advance(afterMs);
  try {
    requireSettled(run(changes, graceSeconds), token('v1'));
    return undefined;
  } catch (error) {
    if (!(error instanceof RefreshFailed)) throw error;
    return error.failure.retryAt;
  }
}

describe('what an exchange brought that was cut off', () => {
  it('is found by the id of its attempt, and its write counts when it was made', async () => {
    world.secrets.put(
      'refresh-tokens/crm',
      JSON.stringify({ refresh_token: canarySecret('new') }),
      'earlier',
    );
    const found = run({ attemptAt: NOW - HOUR });
    await recoverOpenAttempt(found);
    expect(found.ledger.inherited).toBeUndefined();
    expect(found.ledger.toChange()).toMatchObject({
      attempt: null,
      refreshTokenVersionId: 'earlier',
      writesByHour: { [(NOW - HOUR) / HOUR]: 1 },
    });
  });

  it('leaves the attempt open where nothing is stored under its id', async () => {
    world.storeRefreshToken('crm');
    const open = run();
    await recoverOpenAttempt(open);
    expect(open.ledger.inherited).toMatchObject({ attempt: 'earlier' });
    expect(world.calls.map(({ signal }) => signal)).toEqual([open.lease.signal]);
  });

  it('is not looked for where no attempt is open', async () => {
    await recoverOpenAttempt(run({ attempt: 'own' }));
    expect(world.calls).toEqual([]);
  });
});

describe('the refresh token of an open attempt', () => {
  it('is sent again two minutes after it was sent at the latest, to the millisecond', () => {
    expect(settledAt(0)).toBe(NOW + 2 * MINUTE);
    expect(settledAt(2 * MINUTE - 1)).toBe(NOW + 2 * MINUTE);
    expect(settledAt(2 * MINUTE)).toBeUndefined();
  });

  it.each([
    [1, 2 * MINUTE],
    [2, 4 * MINUTE],
    [3, 8 * MINUTE],
    [5, 32 * MINUTE],
    [6, HOUR],
    [5000, HOUR],
  ])('after %d sends without an answer waits %d ms', (sends, ms) => {
    expect(unansweredWaitMs(sends, TIMING)).toBe(ms);
    expect(settledAt(ms - 1, { unansweredSends: sends })).toBe(NOW + ms);
    expect(settledAt(ms, { unansweredSends: sends })).toBeUndefined();
  });

  it('doubles ten times at most, whatever the first wait', () => {
    expect(unansweredWaitMs(50, { ...TIMING, unansweredMs: 1 })).toBe(1024);
  });

  it('says why it waits, and for whom', () => {
    let error: unknown;
    try {
      requireSettled(run(), token('v1'));
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({
      failure: { outcome: 'retry-later', source: 'provider', kind: 'unanswered', code: 'open_attempt' },
      message: expect.stringContaining('answer'),
    });
  });

  it('may be sent again within a documented grace, counted from when it could have left first', () => {
    const latestSend = 50 * SECOND;
    expect(settledAt(0, {}, 50)).toBe(NOW + 2 * MINUTE);
    expect(settledAt(0, {}, 51)).toBeUndefined();
    expect(settledAt(120 * SECOND - latestSend - 1, {}, 120)).toBeUndefined();
    expect(settledAt(120 * SECOND - latestSend, {}, 120)).toBe(NOW + 2 * MINUTE);
  });

  it('is not sent a third time for a grace', () => {
    expect(settledAt(0, { unansweredSends: 2 }, 120)).toBe(NOW + 4 * MINUTE);
  });

  it('leaves the attempt open when it passes: that is counted on', () => {
    world.clock.advance(2 * MINUTE);
    const passed = run();
    requireSettled(passed, token('v1'));
    expect(passed.ledger.inherited).toMatchObject({ attempt: 'earlier' });
  });
});

describe('another refresh token', () => {
  it('overtakes what was sent', () => {
    const overtaking = run();
    requireSettled(overtaking, token('v2'));
    expect(overtaking.ledger.inherited).toBeUndefined();
    expect(overtaking.ledger.isOpen).toBe(false);
  });

  it('passes where no attempt is open', () => {
    const usual = run({ attempt: 'own' });
    requireSettled(usual, token('v1'));
    expect(() => usual.ledger.sending('v1', NOW)).not.toThrow();
  });
});
