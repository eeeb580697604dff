import { beforeEach, describe, expect, it } from 'vitest';
import { Secret } from '../../../../functions/oauth/secret.ts';
import { StoreError } from '../../../../functions/refresh/ports/stores.ts';
import type { ExchangedToken, RefreshRun } from '../../../../functions/refresh/refresh-run.ts';
import { writeDownSend } from '../../../../functions/refresh/steps/exchange-grant.ts';
import { persistRefreshToken } from '../../../../functions/refresh/steps/persist-refresh-token.ts';
import { assertNoCanary, canarySecret } from '../../../support/canary.ts';
import { RefreshWorld } from '../../../support/refresh-world.ts';
import { OWN, runOf, v1 } from '../run-of.ts';
import { NOW, SECOND } from '../state-of.ts';

const BROUGHT = canarySecret('brought');
/** The lease of `runOf`. */
const ENDS_AFTER_MS = 120 * SECOND;
let world: RefreshWorld;

beforeEach(() => {
  world = new RefreshWorld();
});

const answer: ExchangedToken = {
  exchange: {
    requestedAt: NOW,
    token: { token_type: 'Bearer', extras: {}, refresh_token: new Secret(BROUGHT) },
  },
  grantType: 'refresh_token',
  sent: v1(),
  mayReplaceRefreshToken: true,
};

type Fate = 'works' | 'is refused' | 'hangs';

interface Fates {
  readonly secret?: Fate;
  readonly rescue?: Fate;
  readonly afterMs?: number;
}

/** Persists what the answer brought where its secret, from `afterMs` after the lease was had, and the rescue fare so. */
async function persist({ secret = 'is refused', rescue = 'works', afterMs = 0 }: Fates) {
  const run: RefreshRun = runOf(world);
  run.ledger.sending('v1', NOW);
  const abortedAt: number[] = [];
  world.intercept = ({ port, method, signal }, effect) => {
    if (method !== 'put') return effect();
    const [fate, code] =
      port === 'rescues' ? [rescue, 'ParameterLimitExceeded'] : [secret, 'AccessDeniedException'];
    if (port === 'refreshTokens') world.clock.advance(afterMs);
    if (fate === 'works') return effect();
    if (fate === 'is refused') return Promise.reject(new StoreError('denied', code, canarySecret('words')));
    return new Promise((_, reject) => {
      signal?.addEventListener('abort', () => {
        abortedAt.push(world.clock.now());
        reject(new StoreError('transient', 'TimeoutError', canarySecret('words')));
      });
    });
  };
  await world.clock.run(() => persistRefreshToken(run, answer, { turn: { takenAt: NOW }, members: 1 }));
  assertNoCanary(world.logged.join(), 'the log');
  return { run, abortedAt };
}

const REFUSED = /^error .*persisted.* \{"connection":"crm","code":"AccessDeniedException"\}$/;

describe('a refresh token that its secret does not take', () => {
  it('lies in the rescue with what leads back to it, and its attempt stays open', async () => {
    const { run } = await persist({});
    const rescued = world.rescues.get('crm');
    expect(rescued).toMatchObject({ attempt: OWN, replaces: 'v1', token: { attempt: OWN, replaces: 'v1' } });
    expect(rescued?.token.refresh_token.reveal()).toBe(BROUGHT);
    expect(run.ledger.isRescued).toBe(true);
    expect(run.ledger.isOpen).toBe(true);
    expect(world.counted).toEqual(['RescuesWritten']);
    expect(world.logged).toEqual([expect.stringMatching(REFUSED)]);
  });

  it('is not said to be safe where the rescue is refused too', async () => {
    const { run } = await persist({ rescue: 'is refused' });
    expect(run.ledger.isRescued).toBe(false);
    expect(run.ledger.isOpen).toBe(true);
    expect(world.counted).toEqual([]);
    expect(world.logged).toEqual([
      expect.stringMatching(REFUSED),
      expect.stringMatching(/^error .*nowhere \{"connection":"crm","code":"ParameterLimitExceeded"\}$/),
    ]);
  });

  it.each([
    ['early goes on with the rescue until 25 s before the end, when the token must be published', 120, 25],
    ['late has 10 s for the rescue though that is later', 30, 20],
    ['at the last moment goes on until 5 s before the end, and no longer', 12, 5],
  ])('%s', async (_, refusedWithLeft, rescueEndsWithLeft) => {
    const afterMs = ENDS_AFTER_MS - refusedWithLeft * SECOND;
    const { abortedAt } = await persist({ rescue: 'hangs', afterMs });
    expect(abortedAt).toEqual([NOW + ENDS_AFTER_MS - rescueEndsWithLeft * SECOND]);
  });

  it('after all but 15 s of the lease is rescued in what is left', async () => {
    const { run, abortedAt } = await persist({ secret: 'hangs' });
    expect(abortedAt).toEqual([NOW + ENDS_AFTER_MS - 15 * SECOND]);
    expect(run.ledger.isRescued).toBe(true);
  });

  it('lets no further send be written down: it may be the only copy', async () => {
    const { run } = await persist({ rescue: 'is refused' });
    await expect(writeDownSend(run, 'v1')).rejects.toThrow('in-hand');
  });
});
