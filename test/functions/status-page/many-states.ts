import type { ConnectionState } from '../../../functions/refresh/connection-state.ts';
import type { PastOutcome } from '../../../functions/refresh/ports/history.ts';
import type { TickRecord } from '../../../functions/refresh/ports/state-table.ts';
import { DAY, HOUR, MINUTE, SECOND, stateOf } from '../refresh/state-of.ts';

/** How connections may stand: one of each, in the order in which `manyStates` deals them out. */
const KINDS = [
  'healthy',
  'retrying',
  'expired',
  'credentials',
  'misconfigured',
  'sign-in',
  'paused',
  'new',
] as const;
type Kind = (typeof KINDS)[number];

const PROVIDERS = ['kajabi', 'salesforce', 'xero', 'quickbooks', 'shopify', 'google'];

/** So many connections, of every health: one of each kind first, then most of them well, as in life. */
export function manyStates(count: number, now: number): ConnectionState[] {
  return Array.from({ length: count }, (_, index) => {
    const kind =
      index < KINDS.length ? KINDS[index] : index % 3 === 0 ? KINDS[index % KINDS.length] : 'healthy';
    const provider = PROVIDERS[index % PROVIDERS.length] ?? '';
    return stateOf({
      name: `${provider}/customer-${String(index).padStart(4, '0')}`,
      definition: { provider, credentials: `${provider}-main` },
      generation: 400 + index,
      credentialsSentTo: `https://api.${provider}.example`,
      ...ofKind(kind ?? 'healthy', now, index),
    });
  });
}

function ofKind(kind: Kind, now: number, index: number): Partial<ConnectionState> {
  const age = (7 + (index % 45)) * MINUTE;
  const living = {
    obtainedAt: now - age,
    expiresAt: now - age + HOUR,
    dueAt: now - age + 50 * MINUTE,
    recent: tries(now - age, 12, []),
    writesByHour: { [Math.floor(now / HOUR)]: 1, [Math.floor(now / HOUR) - 1]: 2 },
  };
  const failing = {
    ...living,
    recent: tries(now - MINUTE, 12, [8, 9, 10, 11]),
    failures: 4,
    lastErrorAt: now - 3 * MINUTE,
    dueAt: now + 20 * SECOND,
  };
  const error = (
    code: string,
    message: string,
    source: 'provider' | 'store' | 'connection' = 'provider',
  ) => ({
    lastErrorCode: code,
    lastErrorMessage: message,
    lastErrorSource: source,
  });
  switch (kind) {
    case 'healthy':
      return { ...living, lastOutcome: 'refreshed' };
    case 'retrying':
      return {
        ...failing,
        lastOutcome: 'retry-later',
        ...error('http_503', 'the provider answered with 503'),
      };
    case 'expired':
      return {
        ...failing,
        obtainedAt: now - 3 * DAY - HOUR,
        expiresAt: now - 3 * DAY,
        lastErrorAt: now - 3 * DAY - 10 * MINUTE,
        lastOutcome: 'retry-later',
        ...error('host_not_found', 'there is no host idp.exmaple.com', 'connection'),
      };
    case 'credentials':
      return {
        dueAt: now + MINUTE,
        lastOutcome: 'awaiting-credentials',
        lastErrorAt: now - 2 * HOUR,
        ...error('credentials_missing', 'the secret of the credentials has no value yet', 'store'),
      };
    case 'misconfigured':
      return {
        ...failing,
        lastOutcome: 'misconfigured',
        lastErrorAt: now - 40 * MINUTE,
        ...error('invalid_scope', 'the scope "everything" is unknown to the provider'),
      };
    case 'sign-in':
      return {
        ...failing,
        expiresAt: now - 5 * MINUTE,
        lastOutcome: 'needs-reauthorization',
        lastErrorAt: now - HOUR,
        ...error('invalid_grant', 'the refresh token was revoked'),
      };
    case 'paused':
      return { ...living, paused: true, lastOutcome: 'refreshed' };
    case 'new':
      return { dueAt: now - 5 * SECOND, generation: 0 };
  }
}

/** Twelve tries an hour or a minute apart, of which those at `failed` did. */
function tries(last: number, count: number, failed: readonly number[]): [at: number, kind: 'r' | 'f'][] {
  let at = last;
  const all: [number, 'r' | 'f'][] = [];
  for (let index = count - 1; index >= 0; index -= 1) {
    const isFailed = failed.includes(index);
    all.unshift([at, isFailed ? 'f' : 'r']);
    at -= isFailed ? 4 * MINUTE : 50 * MINUTE;
  }
  return all;
}

/** A tick of a minute ago. */
export const tickAt = (now: number): TickRecord => ({
  startedAt: now - 14 * SECOND,
  endedAt: now - 12 * SECOND,
  due: 4,
  refreshed: 3,
  failed: 1,
  left: 0,
});

/** Fifty outcomes, with an outage among them, newest first. */
export function pastOf(now: number): PastOutcome[] {
  return Array.from({ length: 50 }, (_, index): PastOutcome => {
    const at = now - 7 * MINUTE - index * 50 * MINUTE;
    const shared = { at, since: at, times: 1, trigger: 'schedule', grant: 'refresh_token' } as const;
    if (index % 9 !== 4) {
      return { ...shared, outcome: 'refreshed', status: 200, exchangeMs: 312.4, storeMs: 88, lateMs: 14_000 };
    }
    const since = at - 20 * MINUTE;
    const words = { code: 'http_503', message: 'the provider answered with 503' };
    return { ...shared, since, times: 7, outcome: 'retry-later', ...words, status: 503, exchangeMs: 41 };
  });
}
