import { beforeEach, describe, expect, it } from 'vitest';
import { TokenError } from '../../../../functions/oauth/token-error.ts';
import { StoreError } from '../../../../functions/refresh/ports/stores.ts';
import { circumstances, REVOKED } from '../../../../functions/refresh/rules/refusal.ts';
import { GrantChain } from '../../../../functions/refresh/steps/grant-chain.ts';
import { assertNoCanary, canarySecret } from '../../../support/canary.ts';
import { RefreshWorld } from '../../../support/refresh-world.ts';
import { grantOf, runOf } from '../run-of.ts';
import { HOUR, NOW, SECOND, stateOf } from '../state-of.ts';

type Changes = Parameters<typeof stateOf>[0];

const UNDER = circumstances(stateOf().definition, 'c1');
/** What a state remembers of `v1`, which was refused for the first time at `NOW`. */
const REFUSED: Changes = {
  refusedRefreshTokenVersionId: 'v1',
  refusedUnder: UNDER,
  refusedAt: NOW,
  refusals: 1,
};
const invalidGrant = new TokenError('refused', 'invalid_grant', 'not valid', { status: 400 });
let world: RefreshWorld;

beforeEach(() => {
  world = new RefreshWorld();
});

function store(versionId: string): void {
  world.secrets.put(
    'refresh-tokens/crm',
    JSON.stringify({ refresh_token: canarySecret(versionId) }),
    versionId,
  );
}

/** The grants of a connection whose state names `v1`, the refresh token and another unless it is `alone`. */
function chainOf(state: Changes = {}, { force = false, alone = false } = {}) {
  const grants = alone ? ['refresh_token'] : ['refresh_token', 'client_credentials'];
  const run = { ...runOf(world, { state, connection: { grants } }), force };
  return { chain: new GrantChain(run, grantOf(world).credentials), ledger: run.ledger };
}

/** Which version is sent, or the failure that says why none is. */
async function sent(chain: GrantChain): Promise<unknown> {
  return chain.read().then(
    ({ refreshToken }) => refreshToken?.versionId,
    (error: { failure: unknown }) => error.failure,
  );
}

describe('a refresh token that was refused for sure', () => {
  beforeEach(() => store('v1'));

  it('is not sent again for an hour, to the millisecond', async () => {
    world.clock.advance(HOUR - 1);
    expect(await sent(chainOf(REFUSED).chain)).toMatchObject({ outcome: 'needs-reauthorization' });
    world.clock.advance(1);
    expect(await sent(chainOf(REFUSED).chain)).toBe('v1');
  });

  it('is not sent, and another grant may replace it', async () => {
    const { chain } = chainOf(REFUSED);
    await chain.moveOn(await chain.read().catch((error: unknown) => error));
    expect(await chain.read()).toMatchObject({ type: 'client_credentials', mayReplaceRefreshToken: true });
  });

  it('is what counts all the same', async () => {
    const { chain, ledger } = chainOf({ ...REFUSED, refreshTokenVersionId: undefined });
    await sent(chain);
    expect(ledger.toChange()).toMatchObject({ refreshTokenVersionId: 'v1' });
  });

  it.each([
    ['as its provider did', { lastErrorCode: 'bad_token', lastErrorMessage: 'gone' }, 'bad_token', /^gone$/],
    ['in words of our own once others are forgotten', {}, 'invalid_grant', /provider refused/],
  ])('says why, %s', async (_, state, code, message) => {
    expect(await sent(chainOf({ ...REFUSED, ...state }).chain)).toEqual({
      outcome: 'needs-reauthorization',
      source: 'provider',
      kind: 'refused',
      code,
      message: expect.stringMatching(message),
    });
  });

  it('is sent all the same when somebody asks for it, but for one that was taken back here', async () => {
    expect(await sent(chainOf(REFUSED, { force: true }).chain)).toBe('v1');
    const revoked = { ...REFUSED, refusedUnder: REVOKED };
    expect(await sent(chainOf(revoked, { force: true }).chain)).toMatchObject({
      outcome: 'needs-reauthorization',
    });
  });

  it('is remembered with the credentials under which it was', async () => {
    const { chain, ledger } = chainOf();
    await chain.read();
    await expect(chain.moveOn(invalidGrant)).resolves.toBeUndefined();
    expect(ledger.toChange()).toMatchObject(REFUSED);
  });
});

describe('a refresh token that is refused without a sure reason', () => {
  beforeEach(() => store('v1'));

  /** Shown at `NOW` last, after one such refusal: not worth it for half a minute. */
  const unsure: Changes = {
    failuresByKind: { unsure: 1 },
    lastErrorKindAt: NOW,
    refreshTokenSentAt: NOW,
    lastErrorCode: 'http_403',
  };

  it('is shown seldom where another grant is there, to the millisecond', async () => {
    world.clock.advance(30 * SECOND - 1);
    expect(await sent(chainOf(unsure).chain)).toEqual({
      outcome: 'retry-later',
      source: 'provider',
      kind: 'unsure',
      code: 'http_403',
      message: expect.stringMatching(/refuses the refresh token/),
    });
    expect(await sent(chainOf({ ...unsure, lastErrorMessage: 'blocked' }).chain)).toMatchObject({
      message: 'blocked',
    });
    world.clock.advance(1);
    expect(await sent(chainOf(unsure).chain)).toBe('v1');
  });

  it('gives way to that grant meanwhile, which may not replace it', async () => {
    const { chain } = chainOf(unsure);
    await chain.moveOn(await chain.read().catch((error: unknown) => error));
    expect(await chain.read()).toMatchObject({ type: 'client_credentials', mayReplaceRefreshToken: false });
  });

  it.each<[string, Changes, { readonly alone?: boolean; readonly force?: boolean }]>([
    ['nothing else is there', {}, { alone: true }],
    ['somebody asks for it', {}, { force: true }],
    ['other errors alone were seen', { failuresByKind: { timeout: 3 } }, {}],
    ['no error was seen', { failuresByKind: undefined }, {}],
    ['it was refused for sure before, and an hour is over', { ...REFUSED, refusedAt: NOW - HOUR }, {}],
  ])('is shown at once where %s', async (_, state, options) => {
    expect(await sent(chainOf({ ...unsure, ...state }, options).chain)).toBe('v1');
  });
});

describe('a refusal for which another refresh token is stored by now', () => {
  beforeEach(() => store('v1'));

  /** `v1` is refused while somebody stores `v2`. */
  async function refusedMeanwhile(state: Changes = {}, options = {}) {
    const { chain, ledger } = chainOf(state, options);
    await chain.read();
    world.clock.advance(1);
    store('v2');
    return { chain, ledger };
  }

  it('is followed by that, once, and by the next grant when that is refused too', async () => {
    const { chain, ledger } = await refusedMeanwhile();
    await chain.moveOn(invalidGrant);
    expect(world.logged).toEqual([expect.stringMatching(/^info .*another refresh token.*"crm"/)]);
    assertNoCanary(world.logged.join('\n'), 'the log');
    expect(await sent(chain)).toBe('v2');
    store('v3');
    await chain.moveOn(invalidGrant);
    expect(await chain.read()).toMatchObject({ type: 'client_credentials', mayReplaceRefreshToken: true });
    expect(ledger.toChange()).toMatchObject({ refusedRefreshTokenVersionId: 'v2' });
  });

  it.each([
    ['sent where an hour is over since it was refused', HOUR - 1, 'refresh_token'],
    ['not sent before that', HOUR - 2, 'client_credentials'],
  ])('names one that is %s', async (_, agoMs, type) => {
    const refused = { ...REFUSED, refusedRefreshTokenVersionId: 'v2', refusedAt: NOW - agoMs };
    const { chain } = await refusedMeanwhile(refused);
    await chain.moveOn(invalidGrant);
    expect(await chain.read()).toMatchObject({ type });
  });

  it('says nothing after a send without an answer, which may have brought a successor', async () => {
    const { chain, ledger } = await refusedMeanwhile();
    ledger.sending('v1', NOW);
    ledger.unanswered(NOW);
    await chain.moveOn(invalidGrant);
    expect(await chain.read()).toMatchObject({ type: 'client_credentials', mayReplaceRefreshToken: false });
  });

  it('ends in what kept it from being read, where that fails', async () => {
    const { chain } = await refusedMeanwhile();
    const outage = new StoreError('transient', 'InternalServiceError', 'try again');
    world.intercept = async ({ port }, effect) => {
      if (port === 'refreshTokens') throw outage;
      return effect();
    };
    await expect(chain.moveOn(invalidGrant)).rejects.toBe(outage);
  });

  it('is not looked into for any other error', async () => {
    const { chain, ledger } = await refusedMeanwhile({}, { alone: true });
    world.calls.length = 0;
    const blocked = new TokenError('unsure', 'http_403', 'blocked', { status: 403 });
    await expect(chain.moveOn(blocked)).rejects.toBe(blocked);
    expect(world.calls).toEqual([]);
    expect(ledger.toChange()).not.toHaveProperty('refusedRefreshTokenVersionId');
  });
});
