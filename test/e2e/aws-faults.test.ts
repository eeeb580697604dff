import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Connection } from '../../functions/connections/connection.ts';
import type { Fault } from '../../local/aws/fault.ts';
import { AwsError } from '../../local/aws/wire/error-answer.ts';
import type { ServiceName } from '../../local/aws/wire/message.ts';
import { TestAws } from '../support/aws.ts';
import { ComposedRefresher, type StoredSecret } from '../support/composed-refresher.ts';
import { LeapingClock } from '../support/leaping-clock.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

const clock = new LeapingClock();
let aws: TestAws;
let refresher: ComposedRefresher;
let before: StoredSecret;
let sent: number;

beforeAll(async () => {
  aws = await TestAws.startDirect(clock);
});
afterAll(() => aws[Symbol.asyncDispose]());

/** A connection that has a token and a refresh token, and is due; its process has just started. */
async function begin(connection: Partial<Connection> = {}): Promise<void> {
  refresher = await ComposedRefresher.start(aws, clock, { connection });
  await refresher.untilDue();
  refresher.restart();
  before = await refresher.stored();
  sent = refresher.endpoint.requests.length;
}
beforeEach(() => begin());
afterEach(() => refresher[Symbol.asyncDispose]());

/** Which calls; a resource is known by how it ends. */
interface Calls {
  readonly service?: ServiceName;
  readonly operation?: string;
  readonly resource?: string;
}

/** Lets these calls go wrong, all but the first `skip`, and no more than `times`, until `heal`. */
function fail(calls: Calls, fault: Fault, { skip = 0, times = Number.POSITIVE_INFINITY } = {}): void {
  let met = 0;
  const others = aws.endpoint.inject;
  aws.endpoint.inject = (service, operation, resource) => {
    const meant =
      (calls.service ?? service) === service &&
      (calls.operation ?? operation) === operation &&
      (resource ?? '').endsWith(calls.resource ?? '');
    if (!meant) return others?.(service, operation, resource);
    met += 1;
    return met > skip && met <= skip + times ? fault : undefined;
  };
}

function heal(): void {
  aws.endpoint.inject = undefined;
}

const refused = (code: string): Fault => ({ before: new AwsError(code, `${code}, as AWS words it`) });
const broken: Fault = { before: new AwsError('InternalServiceError', 'An error occurred', 500) };
const cut: Fault = { before: 'reset' };
const TOKEN_WRITE = { operation: 'PutSecretValue', resource: '/tokens/crm' };
const REFRESH_TOKEN_WRITE = { operation: 'PutSecretValue', resource: 'refresh-tokens/crm' };
/** The way back is proved by the first write; the second is the one that counts. */
const AFTER_PROOF = { skip: 1 };

const sends = () => refresher.endpoint.requests.length - sent;
const dueIn = (result: { readonly nextDueAt: string | null }) =>
  Date.parse(result.nextDueAt ?? '') - clock.now();

async function expectNothingSpent(): Promise<void> {
  expect(sends()).toBe(0);
  expect(await refresher.stored()).toEqual(before);
  expect(await refresher.rescue()).toBeUndefined();
  expect(await refresher.state()).not.toHaveProperty('attempt');
}

/** All is well again, nothing was spent twice, and the stored refresh token is one that works. */
async function expectHealed({ ticks = 3 } = {}): Promise<void> {
  heal();
  expect(await refresher.ticksUntil('healthy')).toBeLessThanOrEqual(ticks);
  expect(refresher.endpoint.doubleSpends).toBe(0);
  expect(refresher.endpoint.isAlive((await refresher.stored()).refreshToken)).toBe(true);
  expect(await refresher.rescue()).toBeUndefined();
  const { attempt, refreshTokenVersionId } = await refresher.state();
  expect(attempt).toBeUndefined();
  expect(refreshTokenVersionId).toBe((await refresher.stored()).versionId);
}

describe('before anything is spent', () => {
  const retrying = { outcome: 'retry-later', health: 'retrying', due: 15 * SECOND } as const;
  const misconfigured = { outcome: 'misconfigured', health: 'misconfigured', due: MINUTE } as const;

  it.each([
    ['Secrets Manager throttles', { service: 'secretsmanager' }, refused('ThrottlingException'), retrying],
    ['Secrets Manager is broken', { service: 'secretsmanager' }, broken, retrying],
    ['Secrets Manager cuts every connection', { service: 'secretsmanager' }, cut, retrying],
    [
      'the refresh token may not be written',
      REFRESH_TOKEN_WRITE,
      refused('AccessDeniedException'),
      misconfigured,
    ],
    [
      'the refresh token may not be read',
      { operation: 'GetSecretValue', resource: 'refresh-tokens/crm' },
      refused('AccessDeniedException'),
      misconfigured,
    ],
    [
      'the credentials may not be read',
      { operation: 'GetSecretValue', resource: 'credentials/client' },
      refused('AccessDeniedException'),
      misconfigured,
    ],
    [
      'the key is disabled for reading',
      { operation: 'GetSecretValue' },
      refused('DecryptionFailure'),
      misconfigured,
    ],
    [
      'the key is disabled for writing',
      { operation: 'PutSecretValue' },
      refused('EncryptionFailure'),
      misconfigured,
    ],
    ['the quota of versions is reached', REFRESH_TOKEN_WRITE, refused('LimitExceededException'), retrying],
  ] as const)('%s: nothing is sent, and it heals by itself', async (_, calls, fault, expected) => {
    fail(calls, fault);
    const { due, ...standing } = expected;
    const result = await refresher.refresh();
    expect(result).toMatchObject(standing);
    expect(dueIn(result)).toBe(due);
    heal();
    await expectNothingSpent();
    await expectHealed();
    expect(sends()).toBe(1);
    expect(refresher.told.at(-1)).toBe(result.need === null ? 'Token Refreshed' : 'Connection Recovered');
  });

  it('a refusal says whom it met, and what to do', async () => {
    fail(REFRESH_TOKEN_WRITE, refused('AccessDeniedException'));
    const { error } = await refresher.refresh();
    expect(error).toEqual({
      code: 'AccessDeniedException',
      message: `PutSecretValue ${refresher.namespace}/refresh-tokens/crm: AccessDeniedException: AccessDeniedException, as AWS words it`,
      remedy: expect.stringContaining('Allow the refresher to read and write its secrets'),
    });
  });

  describe('with 90 writes in a day', () => {
    async function use90Writes(): Promise<void> {
      const { ports } = refresher;
      const now = clock.now();
      const hours = Array.from({ length: 9 }, (_, hour) => [Math.floor(now / HOUR) - hour, 10]);
      await ports.state.lease('crm', { owner: 'a', now, endsAt: now + 1, attempt: 'a', force: true });
      await ports.state.commit('crm', 'a', {
        attempt: null,
        attemptAt: null,
        writesByHour: Object.fromEntries(hours),
      });
    }

    it('the ninety-first waits until the oldest have left the day', async () => {
      await use90Writes();
      const result = await refresher.refresh();
      expect(result).toMatchObject({ outcome: 'retry-later', error: { code: 'version_quota' } });
      await expectNothingSpent();
      expect(dueIn(result)).toBeGreaterThan(14 * HOUR);
      expect(dueIn(result)).toBeLessThan(17 * HOUR);
      clock.advance(dueIn(result));
      expect(await refresher.refresh()).toMatchObject({ outcome: 'refreshed' });
    });

    it('the next grant takes its place, and leaves the refresh token alone', async () => {
      await refresher[Symbol.asyncDispose]();
      await begin({ grants: ['refresh_token', 'client_credentials'] });
      await use90Writes();
      expect(await refresher.refresh()).toMatchObject({ outcome: 'refreshed', health: 'healthy' });
      expect(refresher.endpoint.requests.at(-1)?.grantType).toBe('client_credentials');
      expect(await refresher.stored()).toEqual(before);
    });
  });

  it('a refresh token that may not be written leaves the next grant to be used', async () => {
    await refresher[Symbol.asyncDispose]();
    await begin({ grants: ['refresh_token', 'client_credentials'] });
    fail(REFRESH_TOKEN_WRITE, refused('AccessDeniedException'));
    expect(await refresher.refresh()).toMatchObject({ outcome: 'refreshed', health: 'healthy' });
    expect(refresher.endpoint.requests.slice(sent).map(({ grantType }) => grantType)).toEqual([
      'client_credentials',
    ]);
    expect(await refresher.stored()).toEqual(before);
  });
});

describe('a stale read', () => {
  const STALE = { operation: 'GetSecretValue', resource: 'refresh-tokens/crm' };

  it('of the version that the state names is waited out; the older one is not sent', async () => {
    const waitedFrom = clock.now();
    // Each look takes two reads: of the version that is named, and of the current one.
    fail(STALE, { stale: true }, { times: 4 });
    expect(await refresher.refresh()).toMatchObject({ outcome: 'refreshed' });
    expect(clock.now() - waitedFrom).toBeGreaterThanOrEqual(2 * SECOND);
    expect(refresher.endpoint.requests.slice(sent).map(({ refreshToken }) => refreshToken)).toEqual([
      before.refreshToken,
    ]);
    await refresher.untilDue();
    expect(await refresher.refresh()).toMatchObject({ outcome: 'refreshed' });
    expect(refresher.endpoint.doubleSpends).toBe(0);
  });

  it('that lasts sends nothing: an older refresh token could be spent twice', async () => {
    fail(STALE, { stale: true });
    const result = await refresher.refresh();
    expect(result).toMatchObject({
      outcome: 'retry-later',
      health: 'retrying',
      error: { code: 'refresh_token_not_visible' },
    });
    expect(dueIn(result)).toBe(15 * SECOND);
    await expectHealed({ ticks: 1 });
    expect(sends()).toBe(1);
  });

  it('after a sign-in costs a tick, and the person’s token is the one that is sent', async () => {
    refresher.endpoint.break('400 invalid_grant');
    await refresher.refresh();
    refresher.endpoint.repair();
    const authorized = await refresher.authorize();
    fail({ operation: 'DescribeSecret', resource: 'refresh-tokens/crm' }, { stale: true }, { times: 1 });
    expect(await refresher.ticksUntil('healthy')).toBe(2);
    expect(refresher.endpoint.requests.at(-1)?.refreshToken).toBe(authorized);
  });
});

describe('between the exchange and its refresh token in the secret', () => {
  it.each([
    ['throttled', refused('ThrottlingException')],
    ['broken', broken],
    ['cut', cut],
    ['cut after it took effect', { afterEffect: 'reset' }],
    ['broken after it took effect', { afterEffect: new AwsError('InternalServiceError', 'oops', 500) }],
  ] as const)('a write that is %s three times is repeated, and makes one version', async (_, fault) => {
    const versions = await refresher.versions();
    fail(REFRESH_TOKEN_WRITE, fault, { ...AFTER_PROOF, times: 3 });
    expect(await refresher.refresh()).toMatchObject({ outcome: 'refreshed', health: 'healthy' });
    expect(await refresher.versions()).toBe(versions + 1);
    expect(sends()).toBe(1);
    expect(await refresher.rescue()).toBeUndefined();
    const { attempt, refreshTokenVersionId } = await refresher.state();
    expect(attempt).toBeUndefined();
    expect(refreshTokenVersionId).toBe((await refresher.stored()).versionId);
  });

  const LASTING = [
    ['is forbidden from then on', refused('AccessDeniedException')],
    ['meets a disabled key', refused('EncryptionFailure')],
    ['meets the quota of versions', refused('LimitExceededException')],
    ['is throttled until the lease ends', refused('ThrottlingException')],
    ['is cut until the lease ends', cut],
  ] as const;

  it.each(LASTING)(
    'when the write %s, the refresh token is rescued and the token published',
    async (_, fault) => {
      fail(REFRESH_TOKEN_WRITE, fault, AFTER_PROOF);
      const askedAt = clock.now();
      const result = await refresher.refresh();
      expect(result).toMatchObject({ outcome: 'refreshed', health: 'healthy', error: null });
      expect(dueIn(result)).toBeLessThanOrEqual(30 * SECOND);
      // Before the lease ended, whatever happened.
      expect(clock.now() - askedAt).toBeLessThan(120 * SECOND);
      expect(refresher.printed).toContain('"RescuesWritten"');
      expect((await refresher.published())['obtained_at']).toBe(Math.floor(askedAt / SECOND));

      const rescue = JSON.parse((await refresher.rescue()) ?? '{}');
      const { attempt } = await refresher.state();
      expect(rescue).toMatchObject({ schema: 1, attempt, replaces: before.versionId });
      expect(refresher.endpoint.isAlive(rescue.token.refresh_token)).toBe(true);
      expect(await refresher.stored()).toEqual(before);

      heal();
      clock.advance(Math.max(0, dueIn(result)));
      expect(await refresher.refresh()).toMatchObject({ outcome: 'refreshed' });
      expect(refresher.endpoint.requests.at(-1)?.refreshToken).toBe(rescue.token.refresh_token);
      expect(await refresher.rescue()).toBeUndefined();
      expect(sends()).toBe(2);
      expect(refresher.endpoint.doubleSpends).toBe(0);
      expect(await refresher.state()).not.toHaveProperty('attempt');
    },
  );

  /** Leaves the newest refresh token in the rescue; answers with it. */
  async function leaveRescue(): Promise<string> {
    fail(REFRESH_TOKEN_WRITE, refused('AccessDeniedException'), AFTER_PROOF);
    await refresher.refresh();
    heal();
    sent = refresher.endpoint.requests.length;
    return JSON.parse((await refresher.rescue()) ?? '{}').token.refresh_token;
  }

  it('a rescue is kept while it still cannot be brought home', async () => {
    const rescued = await leaveRescue();
    fail(REFRESH_TOKEN_WRITE, refused('AccessDeniedException'));
    clock.advance(MINUTE);
    expect(await refresher.refresh()).toMatchObject({ outcome: 'misconfigured' });
    expect(sends()).toBe(0);
    expect(await refresher.rescue()).toContain(rescued);
    expect(await refresher.state()).toHaveProperty('attempt');
    await expectHealed();
    expect(refresher.endpoint.requests[sent]?.refreshToken).toBe(rescued);
  });

  it.each([
    ['down', broken, 'retry-later'],
    ['forbidden', refused('AccessDeniedException'), 'misconfigured'],
  ] as const)('a rescue is waited for while Parameter Store is %s', async (_, fault, outcome) => {
    const rescued = await leaveRescue();
    fail({ service: 'ssm' }, fault);
    clock.advance(MINUTE);
    expect(await refresher.refresh()).toMatchObject({ outcome });
    // Also when the exchange is long past: what is not known to be lost is not given up.
    clock.advance(HOUR);
    await refresher.refresh();
    expect(sends()).toBe(0);
    await expectHealed({ ticks: 6 });
    expect(refresher.endpoint.requests[sent]?.refreshToken).toBe(rescued);
  });

  it('a rescue that a person has overtaken is kept, theirs is used, and it is tried when theirs is refused', async () => {
    const rescued = await leaveRescue();
    const authorized = await refresher.authorize();
    const { versionId } = await refresher.stored();
    clock.advance(MINUTE);
    expect(await refresher.refresh()).toMatchObject({ outcome: 'refreshed' });
    expect(refresher.endpoint.requests.slice(sent).map(({ refreshToken }) => refreshToken)).toEqual([
      authorized,
    ]);
    const theirs = await refresher.stored();
    expect(theirs.versionId).not.toBe(versionId);
    expect(refresher.endpoint.doubleSpends).toBe(0);
    expect(await refresher.rescue()).toBeDefined();
    refresher.endpoint.revoke(theirs.refreshToken);
    await refresher.untilDue();
    expect(await refresher.refresh()).toMatchObject({ outcome: 'refreshed' });
    expect(refresher.endpoint.requests.at(-1)?.refreshToken).toBe(rescued);
    expect(await refresher.rescue()).toBeUndefined();
  });

  it.each([
    ['forbidden', refused('AccessDeniedException')],
    ['lost', { afterEffect: 'reset' }],
    ['cut', cut],
  ] as const)('a rescue whose removal is %s is gone in the end', async (_, fault) => {
    const rescued = await leaveRescue();
    fail({ operation: 'DeleteParameter' }, fault, { times: 1 });
    clock.advance(MINUTE);
    await refresher.refresh();
    await expectHealed();
    expect(refresher.endpoint.requests[sent]?.refreshToken).toBe(rescued);
  });

  it.each([
    ['refused', refused('AccessDeniedException')],
    ['down', broken],
  ] as const)(
    'where the rescue is %s too, nothing is silent: one try, then a person is told',
    async (_, fault) => {
      fail(REFRESH_TOKEN_WRITE, refused('AccessDeniedException'), AFTER_PROOF);
      fail({ service: 'ssm' }, fault);
      const askedAt = clock.now();
      // What consumers need is not lost with it.
      expect(await refresher.refresh()).toMatchObject({ outcome: 'refreshed', health: 'healthy' });
      expect((await refresher.published())['obtained_at']).toBe(Math.floor(askedAt / SECOND));
      expect(clock.now() - askedAt).toBeLessThan(120 * SECOND);
      expect(refresher.printed).toContain('a refresh token could be stored nowhere');
      expect(await refresher.state()).toHaveProperty('attempt');
      expect(await refresher.stored()).toEqual(before);
      heal();
      expect(await refresher.ticksUntil('needs-reauthorization', 90)).toBeDefined();
      expect(refresher.endpoint.doubleSpends).toBe(1);
      expect(refresher.told.at(-1)).toBe('Connection Needs Attention');
    },
  );

  it('Parameter Store is not needed while all goes well', async () => {
    fail({ service: 'ssm' }, broken);
    expect(await refresher.refresh()).toMatchObject({ outcome: 'refreshed', health: 'healthy' });
  });
});

describe('the token for consumers', () => {
  it('that may not be written costs no refresh token: the new one is stored first', async () => {
    fail(TOKEN_WRITE, refused('AccessDeniedException'));
    const result = await refresher.refresh();
    expect(result).toMatchObject({
      outcome: 'misconfigured',
      health: 'misconfigured',
      error: { code: 'AccessDeniedException' },
    });
    expect(dueIn(result)).toBe(MINUTE);
    const after = await refresher.stored();
    expect(after.versionId).not.toBe(before.versionId);
    expect(refresher.endpoint.isAlive(after.refreshToken)).toBe(true);
    expect(await refresher.state()).not.toHaveProperty('attempt');
    await expectHealed();
  });

  it.each([
    ['throttled', refused('ThrottlingException')],
    ['cut after it took effect', { afterEffect: 'reset' }],
  ] as const)('is written again under the same id when that is %s', async (_, fault) => {
    fail(TOKEN_WRITE, fault, { times: 3 });
    expect(await refresher.refresh()).toMatchObject({ outcome: 'refreshed', health: 'healthy' });
    expect(sends()).toBe(1);
    expect((await refresher.published())['access_token']).toBeDefined();
  });
});

describe('the state table', () => {
  const throttled = refused('ProvisionedThroughputExceededException');

  it('that throttles the lease lets nothing happen', async () => {
    fail({ service: 'dynamodb' }, throttled);
    await expect(refresher.refresh()).rejects.toMatchObject({
      name: 'StoreError',
      code: 'ProvisionedThroughputExceededException',
    });
    await expect(refresher.tick()).rejects.toMatchObject({ name: 'StoreError' });
    heal();
    await expectNothingSpent();
    await expectHealed({ ticks: 2 });
  });

  it('that grants the lease and does not say so blocks for no longer than what it might have sent takes effect', async () => {
    fail({ operation: 'UpdateItem' }, { afterEffect: 'reset' }, { times: 1 });
    await expect(refresher.refresh()).rejects.toMatchObject({ name: 'StoreError', kind: 'transient' });
    clock.advance(119 * SECOND);
    await refresher.tick();
    expect(sends()).toBe(0);
    clock.advance(40 * SECOND);
    await refresher.tick();
    expect(sends()).toBe(0);
    clock.advance(12 * SECOND);
    await refresher.tick();
    expect(sends()).toBe(1);
    await expectHealed();
  });

  it.each([
    ['throttled', throttled],
    ['cut', cut],
    ['cut after it took effect', { afterEffect: 'reset' }],
  ] as const)('commits once, however often that is %s', async (_, fault) => {
    const { generation } = await refresher.state();
    fail({ operation: 'UpdateItem' }, fault, { skip: 1, times: 3 });
    expect(await refresher.refresh()).toMatchObject({ outcome: 'refreshed', health: 'healthy' });
    const state = await refresher.state();
    expect(state.generation).toBe(generation + 1);
    expect(state).not.toHaveProperty('attempt');
    expect(state).not.toHaveProperty('leaseOwner');
    expect(refresher.told).toEqual(['Token Refreshed']);
  });

  it('that takes no commit loses nothing: the next lease finds the refresh token by its attempt', async () => {
    fail({ operation: 'UpdateItem' }, throttled, { skip: 1 });
    await refresher.refresh();
    heal();
    expect(refresher.printed).toContain('a refresh could not be committed');
    const { attempt, refreshTokenVersionId } = await refresher.state();
    const after = await refresher.stored();
    expect(after.versionId).toBe(attempt);
    expect(refreshTokenVersionId).toBe(before.versionId);
    clock.advance(2 * MINUTE);
    expect(await refresher.refresh()).toMatchObject({ outcome: 'refreshed' });
    expect(refresher.endpoint.requests.at(-1)?.refreshToken).toBe(after.refreshToken);
    expect(refresher.endpoint.doubleSpends).toBe(0);
    expect(await refresher.state()).not.toHaveProperty('attempt');
  });

  it('that takes no note of a cooldown ends no refresh', async () => {
    refresher.endpoint.break('429');
    fail({ operation: 'PutItem' }, throttled);
    expect(await refresher.refresh()).toMatchObject({ outcome: 'retry-later', error: { code: 'http_429' } });
    refresher.endpoint.repair();
    await expectHealed();
  });
});

describe('events that cannot be sent', () => {
  it('cost nothing else', async () => {
    fail({ service: 'events' }, broken);
    expect(await refresher.refresh()).toMatchObject({ outcome: 'refreshed', health: 'healthy' });
    expect(refresher.told).toEqual([]);
    expect(refresher.printed).toContain('events could not be sent yet');
  });

  it('are sent when they can be', async () => {
    fail({ service: 'events' }, refused('AccessDeniedException'));
    await refresher.refresh();
    expect(refresher.told).toEqual([]);
    heal();
    await refresher.tick();
    expect(refresher.told).toEqual(['Token Refreshed']);
  });
});
