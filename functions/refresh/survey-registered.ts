import type { Connection } from '../connections/connection.ts';
import { definitionDigest } from '../connections/definition-digest.ts';
import type { RegisteredConnection } from './ports/state-table.ts';
import type { RefreshPorts } from './refresh-run.ts';
import { RegisteredNames } from './registered-names.ts';
import { isWaiting } from './rules/health.ts';
import { warnsOfEnd } from './rules/refresh-token-end.ts';
import { remindsBetween } from './rules/retry-schedule.ts';
import type { Timing } from './rules/timing.ts';

/** Reconciling runs this often: what it warns of once a day it looks at once a run. */
const EVERY_MS = 3_600_000;
/** So many names of one kind are held: who comes later is come to by a later run. */
const MOST_HELD = 4_000;
/** Of refresh tokens that end, so many are enough to know; of those whose grants must be looked up, twice as many. */
export const SOONEST_ENDS = 20;

/** A refresh token that refreshing will not move the end of. */
interface RefreshTokenEnd {
  readonly name: string;
  readonly at: number;
}

/** What one reading of the index tells of everyone who is registered. */
export interface Survey {
  readonly names: RegisteredNames;
  readonly registered: number;
  readonly paused: number;
  /** Whose declaration was not found once. */
  readonly missing: readonly string[];
  /** For whom somebody may have to be called: their states say it. */
  readonly needed: readonly string[];
  /** Paused, with a refresh token that ends soon: their states say whether to warn. */
  readonly ending: readonly string[];
  /** The soonest ends of refresh tokens with no other grant beside them, and of those where their state says. */
  readonly ends: readonly number[];
  readonly endsUnknown: readonly RefreshTokenEnd[];
}

/** Reads the index once, page by page; no state. @param now epoch milliseconds */
export async function surveyRegistered(
  { state, timing }: Pick<RefreshPorts, 'state' | 'timing'>,
  now: number,
): Promise<Survey> {
  const names = new RegisteredNames();
  const [missing, needed, ending]: [string[], string[], string[]] = [[], [], []];
  let [registered, paused] = [0, 0];
  const [ends, endsUnknown] = [[], []] as [RefreshTokenEnd[], RefreshTokenEnd[]];
  for await (const each of state.registered()) {
    // It moved while the index was read.
    if (!names.add(each.name, knownDigest(each))) continue;
    registered += 1;
    if (each.paused) paused += 1;
    if (each.missingAt !== undefined) hold(missing, each.name);
    if (mayCall(each, now, timing)) hold(needed, each.name);
    const { name, refreshTokenExpiresAt: at, onlyRefreshed } = each;
    if (at === undefined || !(each.paused || each.endStays)) continue;
    if (each.paused && warnsOfEnd(at, [], now - EVERY_MS, now)) ending.push(name);
    if (onlyRefreshed) keepSoonest(ends, { name, at }, SOONEST_ENDS);
    if (onlyRefreshed === undefined) keepSoonest(endsUnknown, { name, at }, 2 * SOONEST_ENDS);
  }
  return { names, registered, paused, missing, needed, ending, ends: ends.map(({ at }) => at), endsUnknown };
}

/** Whether a definition is the one that is registered, so that nothing need be done for it. */
export function isUnchanged(names: RegisteredNames, name: string, definition: Connection): boolean {
  return names.isSame(name, definitionDigest(name, definition));
}

/** None of one that is in trouble for what it holds: that may have been changed past all checks, and is looked at. */
function knownDigest({ digest, lastOutcome }: RegisteredConnection): string | undefined {
  return lastOutcome === 'misconfigured' ? undefined : digest;
}

/** As far as the index knows; who was called already is not looked at until a reminder is due. */
function mayCall(each: RegisteredConnection, now: number, timing: Timing): boolean {
  const { needAt, neededToldAt: toldAt, neededFor, lastOutcome, untold } = each;
  if (each.paused || needAt === undefined || needAt > now) return false;
  if (toldAt === undefined || toldAt < needAt || untold?.includes('Connection Needs Attention')) return true;
  const isOther = isWaiting(lastOutcome) && lastOutcome !== neededFor;
  return isOther || remindsBetween(needAt, toldAt, now, timing);
}

function hold(names: string[], name: string): void {
  if (names.length < MOST_HELD) names.push(name);
}

function keepSoonest(ends: RefreshTokenEnd[], end: RefreshTokenEnd, most: number): void {
  if (ends.length === most && end.at >= (ends.at(-1)?.at ?? 0)) return;
  ends.push(end);
  ends.sort((one, other) => one.at - other.at).splice(most);
}
