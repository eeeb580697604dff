import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Connection } from '../../functions/connections/connection.ts';
import { marginSeconds } from '../../functions/connections/fit.ts';
import type { ExchangeLimits } from '../../functions/oauth/transport/exchange-deadline.ts';
import { TestAws } from '../support/aws.ts';
import { canarySecret } from '../support/canary.ts';
import { ComposedRefresher, type StoredSecret } from '../support/composed-refresher.ts';
import { LeapingClock } from '../support/leaping-clock.ts';
import { FAULTS, type FaultName } from '../support/token-endpoint-faults.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;

const clock = new LeapingClock();
let aws: TestAws;
let refresher: ComposedRefresher;
let before: StoredSecret;

beforeAll(async () => {
  aws = await TestAws.startDirect(clock);
});
afterAll(() => aws[Symbol.asyncDispose]());

/** A connection that has a token and a refresh token, and is due. */
async function begin(connection: Partial<Connection> = {}): Promise<void> {
  refresher = await ComposedRefresher.start(aws, clock, { connection });
  await refresher.untilDue();
  before = await refresher.stored();
}
beforeEach(() => begin());
afterEach(() => refresher[Symbol.asyncDispose]());

/** Nothing was lost, spent or replaced: the stored refresh token is the one of before, and nothing else is kept. */
async function expectUnchanged(): Promise<void> {
  expect(await refresher.stored()).toEqual(before);
  expect(await refresher.rescue()).toBeUndefined();
}

const covered = new Set<FaultName>();
const rows = <Row extends { readonly fault: FaultName }>(all: readonly Row[]) => {
  for (const { fault } of all) covered.add(fault);
  return all;
};

describe('an answer that says no', () => {
  const retrying = { outcome: 'retry-later', health: 'retrying' } as const;
  const misconfigured = { outcome: 'misconfigured', health: 'misconfigured' } as const;
  // Half of the first wait of 30 s, and three quarters where nothing says what was refused: chance is 0.5 here.
  const soon = 15 * SECOND;
  const spaced = 22.5 * SECOND;

  const refusals = rows([
    { fault: '400', ...retrying, code: 'http_400', due: spaced },
    { fault: '401', ...misconfigured, code: 'invalid_client', due: MINUTE },
    { fault: '403', ...retrying, code: 'http_403', due: spaced },
    { fault: '404', ...retrying, code: 'http_404', due: spaced },
    { fault: '408', ...retrying, code: 'http_408', due: spaced },
    { fault: '429', ...retrying, code: 'http_429', due: soon },
    { fault: '429 with Retry-After in seconds', ...retrying, code: 'http_429', due: 7 * SECOND },
    { fault: '429 with Retry-After as a date', ...retrying, code: 'http_429', due: 2 * MINUTE },
    {
      fault: '429 with Retry-After as a date that a slow clock wrote',
      ...retrying,
      code: 'http_429',
      due: 0,
    },
    { fault: '301', ...retrying, code: 'http_301', due: spaced },
    { fault: '302', ...retrying, code: 'http_302', due: spaced },
    { fault: '405', ...retrying, code: 'http_405', due: spaced },
    { fault: 'HTML 403', ...retrying, code: 'http_403', due: spaced },
    { fault: 'a realm that is switched off', ...retrying, code: 'access_denied', due: spaced },
    { fault: 'invalid_scope', ...misconfigured, code: 'invalid_scope', due: MINUTE },
    { fault: '307', ...retrying, code: 'http_307', due: spaced },
    { fault: '307 to the metadata of the instance', ...retrying, code: 'http_307', due: spaced },
  ] as const);

  it.each(refusals)('$fault: $outcome, with nothing spent', async ({ fault, outcome, health, code, due }) => {
    const { endpoint } = refresher;
    endpoint.break(fault);
    const sent = endpoint.requests.length;
    const result = await refresher.refresh();
    expect(result).toMatchObject({ outcome, health, error: { code } });
    expect(Date.parse(result.nextDueAt ?? '') - clock.now()).toBe(due);
    expect(endpoint.requests.length - sent).toBe(1);
    expect(endpoint.strays).toBe(0);
    await expectUnchanged();
    expect(await refresher.state()).not.toHaveProperty('attempt');

    endpoint.repair();
    expect(await refresher.ticksUntil('healthy')).toBeLessThanOrEqual(3);
    expect(endpoint.doubleSpends).toBe(0);
    expect(refresher.told).toEqual([
      'Refresh Failed',
      ...(outcome === 'misconfigured' ? ['Connection Needs Attention'] : []),
      'Token Refreshed',
      ...(outcome === 'misconfigured' ? ['Connection Recovered'] : []),
    ]);
  });

  it('429 for as long as it likes is asked once in a minute at most', async () => {
    refresher.endpoint.break('429 with Retry-After as a date that a slow clock wrote');
    const sent = refresher.endpoint.requests.length;
    for (let half = 0; half < 20; half += 1) {
      await refresher.tick();
      clock.advance(MINUTE / 2);
    }
    expect(refresher.endpoint.requests.length - sent).toBeLessThanOrEqual(10);
    await expectUnchanged();
  });

  it.each(rows([{ fault: '400 invalid_grant' }] as const))(
    '$fault: needs a person, is not sent again soon, and heals with a new sign-in',
    async ({ fault }) => {
      const { endpoint } = refresher;
      endpoint.break(fault);
      const result = await refresher.refresh();
      expect(result).toMatchObject({
        outcome: 'needs-reauthorization',
        health: 'needs-reauthorization',
        error: { code: 'invalid_grant', remedy: expect.stringContaining('evertoken authorize crm') },
      });
      expect(Date.parse(result.nextDueAt ?? '') - clock.now()).toBe(MINUTE);
      await expectUnchanged();
      expect(await refresher.state()).not.toHaveProperty('attempt');

      const sent = endpoint.requests.length;
      expect(await refresher.ticksUntil('healthy', 3)).toBeUndefined();
      expect(endpoint.requests.length).toBe(sent);

      endpoint.repair();
      const authorized = await refresher.authorize();
      expect(await refresher.ticksUntil('healthy')).toBeLessThanOrEqual(2);
      expect(endpoint.requests.at(-1)?.refreshToken).toBe(authorized);
      expect(refresher.told).toEqual([
        'Refresh Failed',
        'Connection Needs Attention',
        'Token Refreshed',
        'Connection Recovered',
      ]);
    },
  );
});

describe('an exchange that may or may not have taken effect', () => {
  const unclear = rows([
    { fault: '500', code: 'http_500' },
    { fault: '502', code: 'http_502' },
    { fault: '503', code: 'http_503' },
    { fault: '503 with Retry-After', code: 'http_503', due: 90 * SECOND },
    { fault: '503 invalid_grant', code: 'invalid_grant' },
    { fault: 'an error body with 200', code: 'invalid_grant' },
    { fault: '504', code: 'http_504' },
    { fault: 'HTML with 200', code: 'html_answer' },
    { fault: 'an empty body', code: 'empty_answer' },
    { fault: 'truncated JSON', code: 'unreadable_answer', always: true },
    { fault: 'null', code: 'not_an_object_answer' },
    { fault: '[]', code: 'not_an_object_answer' },
    { fault: '10 MiB', code: 'answer_too_large' },
    { fault: 'a gzip bomb', code: 'unreadable_answer' },
    { fault: 'headers that never come', code: 'headers_timeout', limits: { headersMs: 40 } },
    { fault: 'a byte a second', code: 'body_timeout', limits: { bodyMs: 60 } },
    { fault: 'a reset in place of the answer', code: 'connection_reset' },
    { fault: 'a reset before the request was read', code: 'connection_reset', never: true },
  ] as const) as readonly {
    readonly fault: FaultName;
    readonly code: string;
    readonly limits?: Partial<ExchangeLimits>;
    /** Milliseconds from the failure; default half of 30 s. */
    readonly due?: number;
    /** The endpoint has acted by then, or cannot have. */
    readonly always?: boolean;
    readonly never?: boolean;
  }[];

  async function expectOpenAttempt(
    { fault, code, limits, due = 15 * SECOND }: (typeof unclear)[number],
    acts: boolean,
  ) {
    const { endpoint } = refresher;
    endpoint.break(fault, { acts });
    // Only now, so that a slow machine cannot fail what should succeed.
    refresher.restart(limits && { limits });
    const sent = endpoint.requests.length;
    const result = await refresher.refresh();
    expect(result).toMatchObject({ outcome: 'retry-later', health: 'retrying', error: { code } });
    expect(Date.parse(result.nextDueAt ?? '') - clock.now()).toBe(due);
    expect(endpoint.requests.length - sent).toBeLessThanOrEqual(1);
    await expectUnchanged();
    const { attempt, attemptAt } = await refresher.state();
    expect(attempt).toMatch(/^[0-9a-f-]{36}$/);
    expect(attemptAt).toBeLessThanOrEqual(clock.now());
    endpoint.repair();
    refresher.restart();
    return attemptAt ?? 0;
  }

  it.each(unclear.filter(({ always }) => !always))(
    '$fault, in place of a request that had no effect: tried once more after two minutes',
    async (row) => {
      const attemptAt = await expectOpenAttempt(row, false);
      const { endpoint } = refresher;
      const sent = endpoint.requests.length;
      expect(await refresher.ticksUntil('healthy')).toBeLessThanOrEqual(4);
      expect(endpoint.requests.length - sent).toBe(1);
      expect(endpoint.requests.at(-1)?.at).toBeGreaterThanOrEqual(attemptAt + 2 * MINUTE);
      expect(endpoint.doubleSpends).toBe(0);
      expect(await refresher.state()).not.toHaveProperty('attempt');
      // Nobody had been called.
      expect(refresher.told.at(-1)).toBe('Token Refreshed');
    },
  );

  it.each(unclear.filter(({ never }) => !never))(
    '$fault, in place of an answer that is lost: one try, and then a person is told',
    async (row) => {
      await expectOpenAttempt(row, true);
      const { endpoint } = refresher;
      const sent = endpoint.requests.length;
      expect(await refresher.ticksUntil('needs-reauthorization')).toBeLessThanOrEqual(4);
      expect(endpoint.requests.length - sent).toBe(1);
      expect(endpoint.doubleSpends).toBe(1);
      expect(refresher.told.at(-1)).toBe('Connection Needs Attention');
      expect(await refresher.state()).not.toHaveProperty('attempt');

      await refresher.authorize();
      expect(await refresher.ticksUntil('healthy')).toBeLessThanOrEqual(2);
      expect(endpoint.doubleSpends).toBe(1);
    },
  );

  it('where nobody listens nothing left: tried again at once, with no attempt open', async () => {
    await refresher.endpoint.stop();
    const result = await refresher.refresh();
    expect(result).toMatchObject({
      outcome: 'retry-later',
      health: 'retrying',
      error: { code: 'connection_refused' },
    });
    expect(Date.parse(result.nextDueAt ?? '') - clock.now()).toBe(15 * SECOND);
    await expectUnchanged();
    expect(await refresher.state()).not.toHaveProperty('attempt');
  });
});

describe('what is in hand is kept', () => {
  const kept = rows([
    { fault: 'truncated behind the refresh token', code: 'unreadable_answer' },
    { fault: 'an array around the answer', code: 'not_an_object_answer' },
    { fault: 'access_token missing', code: 'missing_access_token' },
    { fault: 'access_token null', code: 'missing_access_token' },
    { fault: 'ok false beside the tokens', code: 'http_200' },
    { fault: 'an error beside the tokens', code: 'invalid_scope' },
    { fault: 'a connection lost in mid-body', code: 'connection_failed' },
  ] as const);

  it.each(kept)(
    '$fault: the refresh token is stored, nothing is published, and the next tick goes on from it',
    async ({ fault, code }) => {
      const { endpoint } = refresher;
      endpoint.break(fault);
      const published = await refresher.published();
      expect(await refresher.refresh()).toMatchObject({ outcome: 'retry-later', error: { code } });
      const after = await refresher.stored();
      expect(after.versionId).not.toBe(before.versionId);
      expect(endpoint.isAlive(after.refreshToken)).toBe(true);
      expect(await refresher.state()).not.toHaveProperty('attempt');
      expect(await refresher.published()).toEqual(published);

      endpoint.repair();
      expect(await refresher.ticksUntil('healthy')).toBeLessThanOrEqual(2);
      expect(endpoint.requests.at(-1)?.refreshToken).toBe(after.refreshToken);
      expect(endpoint.doubleSpends).toBe(0);
    },
  );
});

describe('expiry is what evidence says', () => {
  it.each(rows([{ fault: 'expires_in 0' }] as const))(
    '$fault never brings a later expiry',
    async ({ fault }) => {
      refresher.endpoint.break(fault);
      const { expiresAt } = await refresher.state();
      expect(await refresher.refresh()).toMatchObject({ outcome: 'refreshed' });
      expect((await refresher.state()).expiresAt).toBe(expiresAt);
      // No loop either: until that expiry it is asked a few times, ever closer.
      const sent = refresher.endpoint.requests.length;
      await refresher.ticksFor(Math.ceil(((expiresAt ?? 0) - clock.now()) / MINUTE));
      expect(refresher.endpoint.requests.length - sent).toBeLessThan(12);
      await refresher.untilDue();
      expect(await refresher.refresh()).toMatchObject({
        outcome: 'retry-later',
        error: { code: 'expired_token' },
      });
      refresher.endpoint.repair();
      expect(await refresher.ticksUntil('healthy')).toBeLessThanOrEqual(4);
    },
  );

  it.each(rows([{ fault: 'the same access token with no lifetime' }] as const))(
    '$fault keeps the expiry that was known',
    async ({ fault }) => {
      const { expiresAt } = await refresher.state();
      refresher.endpoint.break(fault);
      expect(await refresher.refresh()).toMatchObject({ outcome: 'refreshed' });
      expect((await refresher.state()).expiresAt).toBe(expiresAt);
    },
  );

  it.each(rows([{ fault: 'refresh_expires_in 1800' }, { fault: 'refresh_expires_in 0' }] as const))(
    '$fault is read without a preset',
    async ({ fault }) => {
      refresher.endpoint.break(fault);
      const askedAt = clock.now();
      const { nextDueAt } = await refresher.refresh();
      const dueIn = Date.parse(nextDueAt ?? '') - askedAt;
      if (fault === 'refresh_expires_in 0') expect(dueIn).toBeGreaterThan(40 * MINUTE);
      else expect(dueIn).toBe(20 * MINUTE);
    },
  );
});

describe('an answer that is good, in its own way', () => {
  const HOUR_SECONDS = 3600;
  const good = rows([
    { fault: 'a form-encoded answer' },
    { fault: 'a wrong content type' },
    { fault: 'expires_in missing' },
    { fault: 'expires_in as a string', lifetime: 5400 },
    { fault: 'expires_in as a float', lifetime: 5400 },
    { fault: 'expires_in negative' },
    { fault: 'expires_in huge' },
    // A thousand times what providers usually choose.
    { fault: 'expires_in in milliseconds', lifetime: 5400 },
    { fault: 'expires_in in milliseconds beside expires_in_sec', lifetime: 4321 },
    { fault: 'status 203' },
    { fault: 'an access token that ends in a line break' },
    { fault: 'error_code OK' },
    { fault: 'warnings beside the token' },
    { fault: 'a coding that is none' },
    { fault: 'zstd' },
    { fault: 'raw deflate' },
    { fault: 'gzip without its trailer' },
    { fault: 'gzip that nobody names' },
    { fault: '64 KB of headers' },
    { fault: 'a body shorter than its length' },
    { fault: 'refresh_token omitted', keeps: true },
    { fault: 'refresh_token null', keeps: true },
    { fault: 'refresh_token empty', keeps: true },
    { fault: 'refresh_token the same', keeps: true },
    { fault: 'token_type missing' },
    { fault: 'token_type in odd case', token: { token_type: 'bEARER' } },
    { fault: 'token_type in prose', token: { token_type: 'User Access Token' } },
    { fault: 'scope narrowed', token: { scope: 'read' } },
    { fault: 'a clock 30 minutes slow', lifetime: 1800 },
    { fault: 'a clock 30 minutes fast', lifetime: 1800 },
    // By its own word it has expired: that says nothing, and the default counts.
    { fault: 'a clock 30 minutes slow, and only a JWT that says so' },
    { fault: 'a clock 30 minutes fast, and only a JWT that says so', lifetime: HOUR_SECONDS },
  ] as const) as readonly {
    readonly fault: FaultName;
    /** Seconds, of the token as published. Default an hour. */
    readonly lifetime?: number;
    /** The stored refresh token stays. */
    readonly keeps?: boolean;
    readonly token?: object;
  }[];

  it.each(good)('$fault', async ({ fault, lifetime = HOUR_SECONDS, keeps = false, token = {} }) => {
    const { endpoint } = refresher;
    endpoint.break(fault);
    const { tokenVersionId: oldToken } = await refresher.state();
    const askedAt = clock.now();
    const result = await refresher.refresh();
    expect(result).toMatchObject({ outcome: 'refreshed', health: 'healthy', error: null });
    expect(Date.parse(result.expiresAt ?? '')).toBe(askedAt + lifetime * SECOND);

    const latest = askedAt + (lifetime - marginSeconds(lifetime, undefined)) * SECOND;
    const dueAt = Date.parse(result.nextDueAt ?? '');
    expect(dueAt).toBeLessThanOrEqual(latest);
    expect(dueAt).toBeGreaterThanOrEqual(latest - (latest - askedAt) / 10);

    expect(await refresher.published()).toMatchObject({
      access_token: expect.any(String),
      token_type: 'Bearer',
      obtained_at: Math.floor(askedAt / SECOND),
      expires_at: Math.floor(askedAt / SECOND) + lifetime,
      ...token,
    });
    const { attempt, tokenVersionId, refreshTokenVersionId } = await refresher.state();
    expect(attempt).toBeUndefined();
    expect(tokenVersionId).not.toBe(oldToken);

    const after = await refresher.stored();
    expect(after.versionId).toBe(refreshTokenVersionId);
    expect(endpoint.isAlive(after.refreshToken)).toBe(true);
    if (keeps) expect(after).toEqual(before);
    else expect(after.versionId).not.toBe(before.versionId);
    expect(await refresher.rescue()).toBeUndefined();
    expect(refresher.told).toEqual(['Token Refreshed']);

    // And no loop: for as long as the token is good, it is left alone.
    const sent = endpoint.requests.length;
    await refresher.ticksFor(1);
    await refresher.ticksFor(9);
    expect(endpoint.requests.length).toBe(sent);
  });

  it('a number of milliseconds counts as such where the preset says so', async () => {
    refresher.endpoint.break('expires_in in milliseconds');
    const { ports } = refresher.restart();
    const preset = await ports.presets('slashid');
    if (!preset) throw new Error('there is no such preset');
    await ports.state.register(
      'crm',
      { ...(await refresher.state()).definition, provider: 'milli' },
      clock.now(),
    );
    const presets = async () => ({
      ...preset,
      supportedGrants: ['refresh_token'],
      response: { ...preset.response, path: [], fields: {}, expiresInUnit: 'milliseconds' as const },
    });
    Object.assign(ports, { presets });
    const askedAt = clock.now();
    const result = await refresher.refresh();
    expect(result).toMatchObject({ outcome: 'refreshed' });
    expect(Date.parse(result.expiresAt ?? '')).toBe(askedAt + 5_400 * SECOND);
  });

  it('a scope that is narrower than the one asked for is reported, once', async () => {
    await refresher[Symbol.asyncDispose]();
    await begin({ scope: 'read write' });
    refresher.endpoint.break('scope narrowed');
    await refresher.refresh();
    expect(await refresher.published()).toMatchObject({ scope: 'read' });
    const lines = refresher.printed.split('\n').filter((line) => line.includes('scope'));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('write');
  });

  it('tokens of which the store cannot hold so much are refused, and the refresh token is kept', async () => {
    refresher.endpoint.breakWith(({ response, answer }) =>
      response.end(JSON.stringify({ ...answer(), access_token: canarySecret('x'.repeat(70_000)) })),
    );
    expect(await refresher.refresh()).toMatchObject({
      outcome: 'retry-later',
      error: { code: 'ValueTooLarge' },
    });
    const after = await refresher.stored();
    expect(after.versionId).not.toBe(before.versionId);
    refresher.endpoint.repair();
    expect(await refresher.ticksUntil('healthy')).toBeLessThanOrEqual(2);
    expect(refresher.endpoint.doubleSpends).toBe(0);
  });
});

it('no fault is left without a test', () => {
  expect([...covered].sort()).toEqual(Object.keys(FAULTS).sort());
});
