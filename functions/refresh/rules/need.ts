import { instantText } from '../../text/times.ts';
import {
  type ConnectionState,
  type NeedReport,
  nextDueAt,
  type RefreshFailure,
} from '../connection-state.ts';
import { lastFailure } from './last-failure.ts';
import { unreadableState } from './readable-state.ts';
import { diesUnusedFrom } from './refresh-token-end.ts';
import { signInAgain } from './remedy.ts';

/** So long readers may be without a token, and nobody is called: most troubles end by themselves. */
export const NEEDED_AFTER_MS = 600_000;

/** Why a person is needed, since when, and what to do. Status, doctor, events and page say it in these words. */
export interface Need extends RefreshFailure {
  /** Epoch milliseconds. */
  readonly since: number;
}

/**
 * Whether a person is needed for a connection, and why: the only place that decides it. `undefined` when nobody is
 * needed now. `now` in epoch milliseconds.
 */
export function needOf(state: ConnectionState, now: number, namespace: string): Need | undefined {
  const since = neededFrom(state);
  if (since === undefined || since > now) return undefined;
  return { ...reasonFor(state, now, namespace), since };
}

/** The same for JSON; `null` when nobody is needed. */
export function needReport(state: ConnectionState, now: number, namespace: string): NeedReport | null {
  const need = needOf(state, now, namespace);
  return need === undefined ? null : { ...need, since: new Date(need.since).toISOString() };
}

/**
 * From when on a person is needed if nothing changes, epoch milliseconds; `undefined` while it is paused: then nobody
 * ever is. At once for what waits for a person, for a state that cannot be read, and for a refresh token that dies
 * before it can be used; for whatever else ten minutes after readers were left without a token and nothing brought
 * another. What a person did about it last counts as a beginning.
 */
export function neededFrom(state: ConnectionState): number | undefined {
  if (state.paused) return undefined;
  const { queuedAt = 0 } = state;
  const starts = [withoutTokenSince(state) + NEEDED_AFTER_MS, diesUnusedFrom(state), toldSince(state)];
  if (isWaiting(state)) starts.push(state.lastErrorAt ?? state.failingSince ?? state.obtainedAt ?? 0);
  if (state.unreadable) starts.push(state.obtainedAt ?? 0);
  return Math.max(queuedAt, Math.min(...starts.filter((start) => start !== undefined)));
}

/** What the last try failed with. Nothing is to be done about what is tried again, until a person is needed. */
export function troubleOf(
  state: ConnectionState,
  now: number,
  namespace: string,
): RefreshFailure | undefined {
  const failure = lastFailure(state, namespace);
  if (failure === undefined) return undefined;
  if (state.unreadable) return reasonFor(state, now, namespace);
  if (state.lastOutcome !== 'retry-later') return failure;
  if (state.paused) {
    return { ...failure, remedy: `Nothing is tried while it is paused: evertoken resume ${state.name}` };
  }
  const from = neededFrom(state);
  if (from === undefined || from <= now) return failure;
  const remedy = `Nothing until ${instantText(from)}: it is tried again by itself, next at ${instantText(nextDueAt(state))}.`;
  return { ...failure, remedy };
}

/** Since when readers have no token and the ticks should have brought one. */
function withoutTokenSince(state: ConnectionState): number {
  const { expiresAt, failingSince, queuedAt, dueAt, stretched, lastOutcome } = state;
  const goneAt = expiresAt ?? failingSince ?? queuedAt ?? dueAt;
  // What is refreshed as seldom as its secret bears is without one for a while each time.
  const isPlanned = stretched === true && lastOutcome === 'refreshed';
  return Math.max(goneAt, failingSince ?? 0, queuedAt ?? 0, isPlanned ? nextDueAt(state) : 0);
}

/** What a person was called for goes on until a refresh succeeds, whatever other trouble comes between. */
function toldSince({ neededSince, queuedAt = 0, lastOutcome }: ConnectionState): number | undefined {
  const isOver = lastOutcome === 'refreshed' || neededSince === undefined || neededSince < queuedAt;
  return isOver ? undefined : neededSince;
}

/** Whether only a person's change helps. */
function isWaiting({ lastOutcome }: ConnectionState): boolean {
  return lastOutcome !== undefined && lastOutcome !== 'refreshed' && lastOutcome !== 'retry-later';
}

function reasonFor(state: ConnectionState, now: number, namespace: string): RefreshFailure {
  const { name, unreadable, expiresAt } = state;
  if (unreadable) return unreadableWords(name, unreadable, namespace);
  const failure = lastFailure(state, namespace);
  if (failure && isWaiting(state)) return failure;
  if (now - nextDueAt(state) >= NEEDED_AFTER_MS) return notTriedWords(state, namespace);
  if (failure) return failure;
  if (expiresAt !== undefined && expiresAt > now) {
    return {
      code: 'refresh_token_ends',
      message: 'its refresh token ends before it can be used again, and refreshing does not move that end',
      remedy: signInAgain(name),
    };
  }
  return {
    code: 'left_alone',
    message:
      'readers have no token, and the provider was not asked for one: others that ask it with the same host or credentials fail',
    remedy: `See what the other connections of this provider and of these credentials meet (evertoken status): "${name}" follows by itself as soon as one of them is answered.`,
  };
}

function notTriedWords({ name, generation }: ConnectionState, namespace: string): RefreshFailure {
  const remedy = `Look when the last tick ended (evertoken status), then at the schedule of the group "${namespace}" and the function ${namespace}-refresh-due: switched off, throttled or failing. "evertoken refresh ${name}" refreshes it now.`;
  return generation === 0
    ? { code: 'never_came', message: 'it never had a token, and nothing tries to obtain one', remedy }
    : { code: 'not_tried', message: 'it is due, and nothing tries to refresh it', remedy };
}

function unreadableWords(name: string, unreadable: readonly string[], namespace: string): RefreshFailure {
  const { code, message } = unreadableState(unreadable).failure;
  if (unreadable.includes('schema')) {
    return { code, message, remedy: 'Deploy the version of Evertoken that wrote it, or a later one.' };
  }
  const others = unreadable.filter((key) => key !== 'definition');
  const item = `aws dynamodb update-item --table-name ${namespace}-state --key '{"pk":{"S":"connection#${name}"}}'`;
  const steps = [
    ...(others.length > 0
      ? [
          `find out who wrote them, and take them away: ${item} --update-expression "REMOVE ${others.join(', ')}"`,
        ]
      : []),
    ...(others.length < unreadable.length ? ['deploy again, which registers the declaration anew'] : []),
    `then evertoken refresh ${name} --force`,
  ];
  const remedy = steps.join('; ');
  return { code, message, remedy: `${remedy.charAt(0).toUpperCase()}${remedy.slice(1)}.` };
}
