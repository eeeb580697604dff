import type { Connection } from '../../connections/connection.ts';
import type { ConnectionState } from '../connection-state.ts';
import { RefreshFailed } from './classify-failure.ts';
import { UNREADABLE_STATE } from './trouble.ts';

type Check = (value: unknown) => boolean;

const text: Check = (value) => typeof value === 'string';
const flag: Check = (value) => typeof value === 'boolean';
const count: Check = (value) => typeof value === 'number' && Number.isFinite(value);
/** The furthest instant that a date can hold. */
const instant: Check = (value) => count(value) && Math.abs(value as number) <= 8.64e15;
const fields: Check = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
const counts: Check = (value) => fields(value) && Object.values(value as object).every(count);
const texts: Check = (value) => Array.isArray(value) && value.every(text);

const OUTCOMES: readonly unknown[] = [
  'refreshed',
  'retry-later',
  'awaiting-credentials',
  'misconfigured',
  'needs-reauthorization',
];

/** As far as somebody looks at it who does not use it: whether it can be used is said by its refresh. */
const definition: Check = (value) => {
  if (!fields(value)) return false;
  const { grants, credentials, token, ...rest } = value as Record<string, unknown>;
  const isSecret: Check = (each) => fields(each) && text((each as Record<string, unknown>)['secretArn']);
  return (
    (grants === undefined || texts(grants)) &&
    (credentials === undefined || text(credentials) || isSecret(credentials)) &&
    (token === undefined || isSecret(token)) &&
    ['provider', 'issuer', 'tokenUrl'].every((key) => rest[key] === undefined || text(rest[key]))
  );
};

/** Pairs of an instant and a letter. */
const outcomes: Check = (value) =>
  Array.isArray(value) &&
  value.every((each) => Array.isArray(each) && instant(each[0]) && /^[rf]$/.test(each[1]));

const CHECKS: Readonly<Record<Exclude<keyof ConnectionState, 'unreadable'>, Check>> = {
  name: text,
  // Looked at before: what a newer version wrote is not read at all.
  schema: () => true,
  definition,
  dueAt: instant,
  queuedAt: instant,
  leaseOwner: text,
  leaseEndsAt: instant,
  attempt: text,
  attemptAt: instant,
  unansweredSends: count,
  refreshTokenVersionId: text,
  refusedRefreshTokenVersionId: text,
  refusedUnder: text,
  refusedAt: instant,
  refusals: count,
  tokenVersionId: text,
  publishedTo: (value) => value === 'parameter',
  credentialsVersionId: text,
  credentialsSetAt: instant,
  credentialsSentTo: text,
  credentialsSentToSince: instant,
  credentialsBound: flag,
  expiresAt: instant,
  refreshTokenExpiresAt: instant,
  obtainedAt: instant,
  onlyRefreshed: flag,
  tooEarlyMs: count,
  earliestMs: count,
  tokenDigest: text,
  refreshTokenSentAt: instant,
  exchangedAt: instant,
  generation: count,
  failures: count,
  failuresByKind: counts,
  writesByHour: counts,
  ringWritesByHour: (value) => fields(value) && Object.values(value as object).every(counts),
  tokenWritesByHour: counts,
  unpublished: flag,
  lastOutcome: (value) => OUTCOMES.includes(value),
  lastErrorCode: text,
  lastErrorMessage: text,
  lastErrorSource: (value) => value === 'provider' || value === 'store' || value === 'connection',
  lastErrorAt: instant,
  lastErrorKind: text,
  lastErrorKindAt: instant,
  failingSince: instant,
  stretched: flag,
  untold: texts,
  dueAfterTold: instant,
  neededSince: instant,
  neededFor: text,
  neededToldAt: instant,
  endStays: flag,
  needAt: instant,
  dangerAt: instant,
  watchAt: instant,
  recent: outcomes,
  remembered: counts,
  paused: flag,
  removedAt: instant,
};

/** What no state is without, and what stands in for it. */
const LEAST = { definition: {} as Connection, dueAt: 0, generation: 0, failures: 0, writesByHour: {} };

/** What decides what is sent where, and whether a refresh token may be: it must not be guessed at. */
const DECISIVE: ReadonlySet<string> = new Set([
  'definition',
  'attempt',
  'attemptAt',
  'unansweredSends',
  'refreshTokenVersionId',
  'refusedRefreshTokenVersionId',
  'refusedUnder',
  'refusedAt',
  'refusals',
  'writesByHour',
  'ringWritesByHour',
  'tokenWritesByHour',
]);

/**
 * The state that these attributes make up. One whose value is none that it can have, as somebody who edits the table
 * by hand may leave it, is left out and named in `unreadable`, as one is that is missing: it must not keep anyone from
 * seeing the rest.
 */
export function readableState(attributes: Readonly<Record<string, unknown>>): ConnectionState {
  const missing = Object.keys(LEAST).filter((key) => attributes[key] === undefined);
  const wrong = Object.keys(attributes).filter((key) => !isReadable(key, attributes[key]));
  // Nearly every state is whole, and whoever looks at all of them has thousands.
  if (missing.length === 0 && wrong.length === 0) return { ...attributes } as unknown as ConnectionState;
  const readable = Object.entries(attributes).filter(([key]) => !wrong.includes(key));
  return {
    ...LEAST,
    ...Object.fromEntries(readable),
    unreadable: [...missing, ...wrong],
  } as unknown as ConnectionState;
}

function isReadable(key: string, value: unknown): boolean {
  return !Object.hasOwn(CHECKS, key) || CHECKS[key as keyof typeof CHECKS](value);
}

/** What of a state that cannot be read would have to be guessed at by a refresh. */
export function undecidable({ unreadable = [] }: ConnectionState): readonly string[] {
  return unreadable.filter((key) => DECISIVE.has(key));
}

/** Ends a refresh that would have to guess at them. */
export function unreadableState(keys: readonly string[]): RefreshFailed {
  return new RefreshFailed({
    outcome: 'misconfigured',
    source: 'store',
    code: UNREADABLE_STATE,
    message: `its item in the state table holds values that cannot be: ${keys.join(', ')}`,
  });
}
