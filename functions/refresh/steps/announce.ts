import { credentialsName } from '../../connections/connection-labels.ts';
import type { AttemptLedger } from '../attempt-ledger.ts';
import { applyChange, type ConnectionState, nextDueAt, type StateChange } from '../connection-state.ts';
import { type EventDetailType, NOTICES, type RefreshEvent } from '../ports/outside.ts';
import type { RefreshPorts } from '../refresh-run.ts';
import { health, isWaiting } from '../rules/health.ts';
import { type Need, neededFrom, needOf, needReport } from '../rules/need.ts';
import type { Conclusion } from '../rules/next-state.ts';
import { endStays, warnsOfEnd } from '../rules/refresh-token-end.ts';
import { remindsBetween } from '../rules/retry-schedule.ts';

/** What of a refresh's ports telling takes. */
export type TellingPorts = Pick<
  RefreshPorts,
  'namespace' | 'clock' | 'timing' | 'state' | 'events' | 'metrics' | 'log'
>;

/** A notice that nobody has confirmed is told again so much later. */
const TELL_AGAIN_MS = 60_000;

/**
 * The change to commit, with the notices in it: until they are told, the connection is due within a minute, so
 * that the next tick tells what this process could not. Where nothing is to be told yet, it is due no later than a
 * person is needed if nothing changes.
 * @param now epoch milliseconds
 */
export function withNotices(
  before: ConnectionState,
  conclusion: Conclusion,
  now: number,
  { namespace, timing }: Pick<RefreshPorts, 'namespace' | 'timing'>,
): StateChange {
  const { change } = conclusion;
  const after = applyChange(before, change);
  const need = needOf(after, now, namespace);
  const attention = attentionOf(before, after, need, now, timing);
  const told = attention ? { ...change, ...calledFor(after, need, now) } : change;
  const news = [...outcomeTypes(before, after, conclusion, now), ...(attention ? [attention] : [])];
  const untold = [...new Set([...(before.untold ?? []), ...news.filter((type) => NOTICES.has(type))])];
  const due = change.dueAfterTold ?? change.dueAt ?? nextDueAt(before);
  if (untold.length > 0) {
    return { ...told, untold, dueAfterTold: due, dueAt: Math.min(due, now + TELL_AGAIN_MS) };
  }
  const from = need ? undefined : neededFrom(applyChange(before, told));
  if (from !== undefined && from < due) return { ...told, dueAfterTold: due, dueAt: Math.ceil(from) };
  const isPut = change.dueAfterTold !== undefined || before.dueAfterTold !== undefined;
  return isPut ? { ...told, dueAfterTold: null, dueAt: due } : told;
}

/** A connection that is due only because something is to be told; `undefined` for any other. */
export function tellAgain(
  state: ConnectionState,
  ledger: AttemptLedger,
  now: number,
): Conclusion | undefined {
  const { dueAfterTold } = state;
  if (dueAfterTold === undefined || dueAfterTold <= now) return undefined;
  return tellOnly(state, ledger);
}

/** Whether somebody is to be called or reminded now, or was and may not have heard of it. */
export function callsNow(
  state: ConnectionState,
  now: number,
  { namespace, timing }: Pick<RefreshPorts, 'namespace' | 'timing'>,
): boolean {
  const need = needOf(state, now, namespace);
  if (need === undefined) return false;
  const { untold = [], neededToldAt = 0 } = state;
  const isLost = untold.includes('Connection Needs Attention') && now - neededToldAt > TELL_AGAIN_MS;
  return isLost || attentionOf(state, state, need, now, timing) !== undefined;
}

/** Nothing is tried, and what is to be told is told. */
export function tellOnly(state: ConnectionState, ledger: AttemptLedger): Conclusion {
  return {
    outcome: state.lastOutcome ?? 'fresh',
    change: { ...ledger.toChange(), dueAfterTold: nextDueAt(state) },
  };
}

/** Tells the world what a refresh came to. What was only looked at, and not tried, is not told. */
export function announce(
  before: ConnectionState,
  after: ConnectionState,
  conclusion: Conclusion,
  ports: TellingPorts,
): void {
  const { change } = conclusion;
  const { events, metrics, log, clock, state, namespace } = ports;
  const now = clock.now();
  const news = outcomeTypes(before, after, conclusion, now).filter((type) => !NOTICES.has(type));
  const { untold = [], dueAfterTold } = after;
  const confirm = dueAfterTold === undefined ? undefined : () => state.told(after.name, dueAfterTold);
  for (const detailType of [...news, ...(untold as EventDetailType[])]) {
    const event = refreshEvent(detailType, after, now);
    const need = detailType === 'Connection Needs Attention' ? needReport(after, now, namespace) : null;
    const attention = need && { need, code: need.code };
    events.add({ ...event, ...attention }, untold.includes(detailType) ? confirm : undefined);
  }
  if (change.lastOutcome === undefined) return;
  if (after.lastOutcome === 'refreshed') {
    metrics.count('TokensRefreshed');
    if (before.expiresAt !== undefined && before.expiresAt <= now) metrics.count('RefreshesLate');
    log.info('token refreshed', { connection: after.name, expiresAt: after.expiresAt, dueAt: after.dueAt });
  } else {
    metrics.count('RefreshesFailed');
    log.warn('refresh failed', {
      connection: after.name,
      outcome: after.lastOutcome,
      code: after.lastErrorCode,
      reason: after.lastErrorMessage,
      dueAt: after.dueAt,
    });
  }
}

/** What the world should hear of a try; nothing of what was only looked at. `now` in epoch milliseconds. */
function outcomeTypes(
  before: ConnectionState,
  after: ConnectionState,
  { change, grants = [] }: Conclusion,
  now: number,
): EventDetailType[] {
  if (change.lastOutcome === undefined) return [];
  const places = isNewPlace(before, after) ? (['Credentials Sent To New Origin'] as const) : [];
  if (after.lastOutcome !== 'refreshed') return ['Refresh Failed', ...places];
  const ends =
    endStays(before.refreshTokenExpiresAt, after.refreshTokenExpiresAt) &&
    warnsOfEnd(after.refreshTokenExpiresAt, grants, before.obtainedAt ?? 0, now);
  return [
    'Token Refreshed',
    ...(before.publishedTo !== after.publishedTo ? (['Token Moved'] as const) : []),
    ...(ends ? (['Refresh Token Expiring'] as const) : []),
    ...places,
  ];
}

type Attention = 'Connection Needs Attention' | 'Connection Recovered';

/**
 * Whether a person is called, reminded, or told that it is over. Whoever was called is called again for another thing
 * that only a person can do, and when what was done about it did not help.
 */
function attentionOf(
  before: ConnectionState,
  after: ConnectionState,
  need: Need | undefined,
  now: number,
  timing: RefreshPorts['timing'],
): Attention | undefined {
  const { neededSince, neededFor, neededToldAt = 0, queuedAt = 0 } = before;
  if (need === undefined) {
    const isOver = after.lastOutcome === 'refreshed' && neededSince !== undefined;
    return isOver ? 'Connection Recovered' : undefined;
  }
  const isCalled = neededSince !== undefined && neededSince >= queuedAt;
  const isOther = isWaiting(after.lastOutcome) && after.lastOutcome !== neededFor;
  const isReminder = remindsBetween(need.since, neededToldAt, now, timing);
  return !isCalled || isOther || isReminder ? 'Connection Needs Attention' : undefined;
}

/** What the state keeps of whoever was called, or of nobody who is needed any more. */
function calledFor(after: ConnectionState, need: Need | undefined, now: number): StateChange {
  if (need === undefined) return { neededSince: null, neededFor: null, neededToldAt: null };
  return { neededSince: need.since, neededFor: health(after, now), neededToldAt: now };
}

/** Credentials that nothing binds to a place went to one for the first time. */
function isNewPlace(before: ConnectionState, after: ConnectionState): boolean {
  const { credentialsSentToSince: since } = after;
  return since !== undefined && since !== before.credentialsSentToSince;
}

/** One event about a connection as it stands. */
export function refreshEvent(detailType: EventDetailType, state: ConnectionState, now: number): RefreshEvent {
  return {
    detailType,
    connection: state.name,
    outcome: state.lastOutcome ?? 'retry-later',
    health: health(state, now),
    code: state.lastErrorCode ?? null,
    expiresAt: state.expiresAt === undefined ? null : new Date(state.expiresAt).toISOString(),
    ...(detailType === 'Credentials Sent To New Origin' && {
      credentials: credentialsName(state.definition),
      origin: state.credentialsSentTo ?? '',
    }),
  };
}
