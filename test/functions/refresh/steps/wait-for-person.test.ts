import { beforeEach, describe, expect, it } from 'vitest';
import type { Connection } from '../../../../functions/connections/connection.ts';
import { resolveConnection } from '../../../../functions/connections/resolve-connection.ts';
import { AttemptLedger } from '../../../../functions/refresh/attempt-ledger.ts';
import type { HeldLease } from '../../../../functions/refresh/refresh-run.ts';
import { circumstances, REVOKED } from '../../../../functions/refresh/rules/refusal.ts';
import { TIMING } from '../../../../functions/refresh/rules/timing.ts';
import { lookAgain, stillWaiting } from '../../../../functions/refresh/steps/wait-for-person.ts';
import { RefreshWorld, ROTATING } from '../../../support/refresh-world.ts';
import { DAY, HOUR, MINUTE, NOW, SECOND, stateOf } from '../state-of.ts';

type Changes = Parameters<typeof stateOf>[0];

let world: RefreshWorld;
let credentialsVersionId: string;
let refreshTokenVersionId: string;

beforeEach(() => {
  world = new RefreshWorld();
  world.storeCredentials(world.provider.clientSecret);
  credentialsVersionId = world.secrets.get('credentials/client', {})?.versionId ?? '';
  refreshTokenVersionId = world.storeRefreshToken('crm');
});

/** A connection whose refresh token was refused a moment ago. */
function refused(changes: Changes = {}, grants: readonly string[] = ['refresh_token']) {
  const definition: Connection = { ...ROTATING, grants: [...grants] };
  const state = stateOf({
    definition,
    attempt: 'own',
    lastOutcome: 'needs-reauthorization',
    lastErrorSource: 'provider',
    lastErrorCode: 'invalid_grant',
    lastErrorAt: NOW,
    credentialsVersionId,
    refreshTokenVersionId,
    refusedRefreshTokenVersionId: refreshTokenVersionId,
    refusedUnder: circumstances(definition, credentialsVersionId),
    refusedAt: NOW,
    refusals: 1,
    ...changes,
  });
  const signal = new AbortController().signal;
  const lease: HeldLease = { name: 'crm', owner: 'o', state, endsAt: NOW + 2 * MINUTE, signal };
  return { connection: resolveConnection('crm', definition), lease };
}

function waits(changes: Changes = {}, grants?: readonly string[]): Promise<boolean> {
  const { connection, lease } = refused(changes, grants);
  return stillWaiting(connection, lease, world.ports());
}

const reads = () => world.calls.map(({ port, method }) => `${port}.${method}`);

describe('a connection whose refresh token was refused', () => {
  it('waits for a person, without a look at any secret’s value', async () => {
    expect(await waits()).toBe(true);
    expect(reads()).toEqual(['credentials.currentVersionId', 'refreshTokens.currentVersionId']);
    for (const { signal } of world.calls) expect(signal).toBeInstanceOf(AbortSignal);
  });

  it('waits no longer when its credentials are others, or have gone', async () => {
    world.storeCredentials('another');
    expect(await waits()).toBe(false);
    expect(await waits({ credentialsVersionId: undefined })).toBe(false);
  });

  it('waits no longer when another refresh token is stored', async () => {
    world.storeRefreshToken('crm');
    expect(await waits()).toBe(false);
  });

  it('waits on where no refresh token is stored at all', async () => {
    const { connection, lease } = refused();
    expect(await stillWaiting(connection, { ...lease, name: 'other' }, world.ports())).toBe(true);
    const none = refused({
      refreshTokenVersionId: undefined,
      refusedRefreshTokenVersionId: undefined,
      refusedUnder: 'other',
      lastErrorKindAt: NOW - DAY,
      refreshTokenSentAt: NOW - 2 * HOUR,
    });
    expect(await stillWaiting(none.connection, { ...none.lease, name: 'other' }, world.ports())).toBe(true);
  });

  it('waits on where the state names one of the two, and the other is stored', async () => {
    const other = { refusedUnder: undefined, refusedAt: NOW };
    expect(await waits({ ...other, refusedRefreshTokenVersionId: 'v0' })).toBe(false);
    const named = { ...other, lastErrorCode: 'no_refresh_token', refusedRefreshTokenVersionId: 'v0' };
    expect(await waits(named)).toBe(true);
    expect(await waits({ ...named, refreshTokenVersionId: 'v1' })).toBe(false);
    expect(await waits({ ...named, refreshTokenVersionId: undefined })).toBe(false);
    const refusedOne = { lastErrorCode: 'no_refresh_token', refreshTokenVersionId: 'v1' };
    expect(await waits(refusedOne)).toBe(true);
  });

  it('looks at no credentials where it needs none', async () => {
    const { connection, lease } = refused({ credentialsVersionId: 'identity', refusedUnder: undefined });
    const own = { ...connection, credentials: undefined, clientId: 'public' };
    expect(await stillWaiting(own, lease, world.ports())).toBe(true);
    expect(reads()).toEqual(['refreshTokens.currentVersionId']);
    const before = { ...lease, state: { ...lease.state, credentialsVersionId } };
    expect(await stillWaiting(own, before, world.ports())).toBe(false);
  });

  it.each(['retry-later', 'refreshed', undefined] as const)(
    'waits for nobody when %s',
    async (lastOutcome) => {
      expect(await waits({ lastOutcome })).toBe(false);
      expect(reads()).toEqual([]);
    },
  );
});

describe('what is tried again by itself', () => {
  const HOURLY = NOW - HOUR;

  it.each<[string, Changes, readonly string[], boolean]>([
    ['a refused token not before an hour has passed', { refusedAt: HOURLY + 1 }, ['refresh_token'], true],
    ['a refused token after an hour', { refusedAt: HOURLY }, ['refresh_token'], false],
    ['one refused twice not after an hour', { refusedAt: HOURLY, refusals: 2 }, ['refresh_token'], true],
    ['one refused twice after a day', { refusedAt: NOW - DAY, refusals: 2 }, ['refresh_token'], false],
    ['one that was taken back never', { refusedAt: 0, lastErrorCode: REVOKED }, ['refresh_token'], true],
    ['one refused under another definition at once', { refusedUnder: 'other' }, ['refresh_token'], false],
    [
      'one that was refused for no sure reason, after a while',
      {
        refusedRefreshTokenVersionId: undefined,
        lastErrorKindAt: NOW - 4 * MINUTE,
        refreshTokenSentAt: NOW - 2 * MINUTE,
      },
      ['refresh_token'],
      false,
    ],
    [
      'and not before',
      {
        refusedRefreshTokenVersionId: undefined,
        lastErrorKindAt: NOW - 4 * MINUTE,
        refreshTokenSentAt: NOW - 1,
      },
      ['refresh_token'],
      true,
    ],
    ['none that is not there', { lastErrorCode: 'no_refresh_token' }, ['refresh_token'], true],
    ['a grant that spends nothing at each look', {}, ['refresh_token', 'client_credentials'], false],
    ['a password not before an hour has passed', { exchangedAt: HOURLY + 1 }, ['password'], true],
    ['a password after an hour', { exchangedAt: HOURLY }, ['password'], false],
    ['a password that was never tried, at once', {}, ['password'], false],
    ['whichever grant comes first', { exchangedAt: HOURLY }, ['refresh_token', 'password'], false],
    [
      'nothing while credentials are missing',
      { lastOutcome: 'awaiting-credentials' },
      ['client_credentials'],
      true,
    ],
    ['what a store refused at each look', { lastErrorSource: 'store' }, ['refresh_token'], false],
    ['what the declaration spoilt at each look', { lastErrorSource: 'connection' }, ['refresh_token'], false],
    [
      'what an older state does not say, at each look',
      { lastErrorSource: undefined },
      ['refresh_token'],
      false,
    ],
  ])('is %s', async (_, changes, grants, isWaiting) => {
    expect(await waits(changes, grants)).toBe(isWaiting);
  });

  it('asks for no refresh token where none is used', async () => {
    const state = { refreshTokenVersionId: 'v1', refusedRefreshTokenVersionId: 'v1' };
    expect(await waits({ ...state, exchangedAt: NOW }, ['password'])).toBe(true);
    expect(await waits({ ...state, lastOutcome: 'awaiting-credentials' })).toBe(true);
    expect(reads()).toEqual(['credentials.currentVersionId', 'credentials.currentVersionId']);
  });
});

describe('the next look', () => {
  function look(changes: Changes = {}, grants?: readonly string[]) {
    const { connection, lease } = refused(changes, grants);
    return lookAgain(connection, lease, new AttemptLedger(lease.state, 'own', TIMING), world.ports());
  }

  it('comes in a minute, in five or in an hour, by how long it has waited; the attempt is closed', () => {
    const dueAt = (waitedMs: number) => look({ lastErrorAt: NOW - waitedMs, refusals: 2 }).change.dueAt;
    expect(dueAt(0)).toBe(NOW + MINUTE);
    expect(dueAt(HOUR)).toBe(NOW + 5 * MINUTE);
    expect(dueAt(DAY)).toBe(NOW + HOUR);
    expect(look()).toEqual({
      outcome: 'needs-reauthorization',
      change: { attempt: null, attemptAt: null, unansweredSends: null, dueAt: NOW + MINUTE },
    });
  });

  it('comes as soon as something is tried again, in whole milliseconds and not in the past', () => {
    const long = { lastErrorAt: NOW - 2 * DAY };
    expect(look({ ...long, refusedAt: NOW - HOUR + 7 * SECOND }).change.dueAt).toBe(NOW + 7 * SECOND);
    expect(look({ ...long, refusedAt: NOW - HOUR + 6.5 }).change.dueAt).toBe(NOW + 7);
    expect(look({ ...long, lastErrorSource: 'store' }).change.dueAt).toBe(NOW);
  });

  it('is early enough for any try while it is a minute away, and no later than a try is due after that', () => {
    const soon = { refusedAt: NOW - HOUR + 7 * SECOND, refreshTokenSentAt: NOW };
    const dueAt = (waitedMs: number) => look({ ...soon, lastErrorAt: NOW - waitedMs }).change.dueAt;
    expect(dueAt(0)).toBe(NOW + MINUTE);
    expect(dueAt(HOUR - 1)).toBe(NOW + MINUTE);
    expect(dueAt(HOUR)).toBe(NOW + 7 * SECOND);
    expect(dueAt(2 * DAY)).toBe(NOW + 7 * SECOND);
  });

  it('begins now where an older state does not say since when', () => {
    expect(look({ lastErrorAt: undefined, refusals: 2 }).change.dueAt).toBe(NOW + MINUTE);
    expect(look({ lastOutcome: undefined }).outcome).toBe('retry-later');
  });
});
