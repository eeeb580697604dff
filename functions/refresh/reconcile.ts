import pLimit from 'p-limit';
import { presetOf } from '../connections/preset-of.ts';
import { REFRESH_TOKEN } from '../oauth/grant-type.ts';
import type { ConnectionState } from './connection-state.ts';
import { isListingDue, isTimeLeft, type ListingPorts, listDeclared } from './list-declared.ts';
import { type DeclaredConnection, StoreError } from './ports/stores.ts';
import type { RefreshPorts } from './refresh-run.ts';
import { FirstDue } from './rules/first-due.ts';
import { refreshEvent } from './steps/announce.ts';
import { isUnchanged, SOONEST_ENDS, type Survey, surveyRegistered } from './survey-registered.ts';
import { tellOfNeed } from './tell-of-need.ts';

/** Connections for which somebody is called together. */
const AT_ONCE = 8;
/** Connections of an earlier version that get their place together: an index takes a thousand writes a second. */
const ENROLLED_AT_ONCE = 8;

export interface ReconcilePorts
  extends ListingPorts,
    Pick<RefreshPorts, 'namespace' | 'timing' | 'events' | 'metrics' | 'presets'> {
  /** Secret writes that one process makes in a second. */
  readonly secretWritesPerSecond: number;
}

export interface ReconcileOptions {
  /** When the function is killed, epoch milliseconds. Default: never. */
  readonly endsAt?: number;
  /** It comes by the hour, and nobody asked for it: what is many is not listed each time. Default false. */
  readonly isRoutine?: boolean;
}

/** What one run came to: names of connections. */
export interface ReconcileResult {
  readonly registered: readonly string[];
  readonly removed: readonly string[];
  /** Declared in a way that cannot be read; left as they are. */
  readonly unreadable: readonly string[];
}

interface Run {
  readonly ports: ReconcilePorts;
  readonly survey: Survey;
  readonly endsAt: number;
  readonly result: { readonly [Key in keyof ReconcileResult]: string[] };
  readonly firstDue: FirstDue;
  /** Registered and not known by the survey. */
  found: number;
}

/**
 * Compares what is declared with what is registered: registers what is new or changed, and removes what
 * is missing from two runs, asking for each missing declaration by name, since a listing may lag. Who did not change is
 * known by a digest, at no call. A run that has no time left leaves the rest to the next. No secret is read.
 * @throws StoreError when declarations or state cannot be listed: nothing is removed on half a list
 */
export async function reconcile(
  ports: ReconcilePorts,
  { endsAt = Number.POSITIVE_INFINITY, isRoutine = false }: ReconcileOptions = {},
): Promise<ReconcileResult> {
  const { clock, state } = ports;
  const areWatched = (await state.fleet())?.areWatched ?? (await enrolAll(ports, endsAt));
  const now = clock.now();
  const survey = await surveyRegistered(ports, now);
  const result: Run['result'] = { registered: [], removed: [], unreadable: [] };
  const firstDue = new FirstDue({ now, writesPerSecond: ports.secretWritesPerSecond });
  const run: Run = { ports, survey, endsAt, result, firstDue, found: 0 };
  for (const name of survey.missing) if (isTimeLeft(ports, endsAt)) await lookFor(name, run);
  await tell(run, now);
  const refreshTokenEnds = await endsOf(survey, ports);
  const known = { at: now, paused: survey.paused, ...(areWatched && { areWatched }), refreshTokenEnds };
  const count = () => survey.registered + run.found - result.removed.length;
  const counted = count();
  // Before the listing, which may take its time: by this the ticks know that they see everyone.
  await state.noteFleet({ ...known, registered: counted });
  await list(run, isRoutine);
  if (count() !== counted) await state.noteFleet({ ...known, registered: count() });
  return result;
}

async function list(run: Run, isRoutine: boolean): Promise<void> {
  const { ports, survey, endsAt } = run;
  const last = await ports.state.lastListing();
  if (isRoutine && !isListingDue(last, ports.clock.now())) return;
  // Who asks for a run wants to see what was declared until now.
  const from = { endsAt, last: isRoutine ? last : undefined };
  if (await listDeclared(ports, survey.names, from, (page) => registerThose(page, run)))
    await lookForUnseen(run);
}

/** Whoever was registered by a version that knew of no place among the watched gets one: once in a table's life. */
async function enrolAll(ports: ReconcilePorts, endsAt: number): Promise<boolean> {
  const { state } = ports;
  let names: string[] = [];
  const enrol = async () => {
    await Promise.all(names.map((name) => state.enrol(name)));
    names = [];
  };
  for await (const { name, unreadable } of state.list()) {
    if (!isTimeLeft(ports, endsAt)) return false;
    // What a newer version wrote is left to it.
    if (unreadable?.includes('schema')) continue;
    names.push(name);
    if (names.length === ENROLLED_AT_ONCE) await enrol();
  }
  await enrol();
  return true;
}

/** Registers what is new or not as it was. Who is missing from the index is registered once more, which changes nothing. */
async function registerThose(connections: readonly DeclaredConnection[], run: Run): Promise<void> {
  const { result, survey } = run;
  const { state, clock, log } = run.ports;
  await Promise.all(
    connections.map(async ({ name, definition }) => {
      if (definition instanceof StoreError) {
        result.unreadable.push(name);
        log.warn('a declared connection cannot be read', { connection: name, reason: definition.message });
      } else if (!isUnchanged(survey.names, name, definition)) {
        const isNew = !survey.names.has(name);
        if (isNew) run.found += 1;
        const dueAt = isNew ? run.firstDue.next(definition) : clock.now();
        if (await state.register(name, definition, dueAt)) result.registered.push(name);
      }
    }),
  );
}

/** Those that are registered and that no page of a whole listing had. */
async function lookForUnseen(run: Run): Promise<void> {
  const { names } = run.survey;
  if (names.seen === names.size) return;
  for await (const { name } of run.ports.state.registered()) {
    if (!isTimeLeft(run.ports, run.endsAt)) return;
    // Once, though it may move while the index is read.
    if (names.see(name)) await lookFor(name, run);
  }
}

/** Asks for one declaration that was missed: removes what is not there for the second time, and takes over what is. */
async function lookFor(name: string, { ports, survey, result }: Run): Promise<void> {
  const { declared, state, clock, readPace, log } = ports;
  try {
    await readPace.turn();
    const definition = await declared.get(name);
    if (definition !== undefined) {
      if (await state.register(name, definition, clock.now())) result.registered.push(name);
      return;
    }
    // What a newer version wrote is left to it.
    await state.get(name);
  } catch (error) {
    // A declaration that cannot be read is there; anything else proves nothing.
    if (error instanceof StoreError) return;
    throw error;
  }
  if (!(await state.unregister(name, clock.now()))) return;
  result.removed.push(name);
  // Should the listing have it all the same, it is registered again.
  survey.names.doubt(name);
  log.info('a connection is no longer declared and was removed; its secrets stay', { connection: name });
}

/** Warns of those whose refresh token dies while they are paused, and calls where no tick does. */
async function tell({ ports, survey, endsAt, result }: Run, now: number): Promise<void> {
  const limit = pLimit(AT_ONCE);
  const each = (names: readonly string[], work: (state: ConnectionState) => Promise<void>) =>
    Promise.all(names.map((name) => limit(() => withState(name, work))));
  const withState = async (name: string, work: (state: ConnectionState) => Promise<void>) => {
    if (result.removed.includes(name) || !isTimeLeft(ports, endsAt)) return;
    try {
      const state = await ports.state.get(name);
      if (state !== undefined && state.removedAt === undefined) await work(state);
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      ports.log.warn('nobody could be called for a connection', { connection: name, code: error.code });
    }
  };
  await each(survey.ending, async (state) => {
    // A paused connection is refreshed by nobody, so its refresh token may die of it.
    if (!state.paused || !(await isOnlyRefreshed(state, ports))) return;
    ports.events.add(refreshEvent('Refresh Token Expiring', state, now));
  });
  // Where no tick comes, nobody else calls for whom it would have kept fresh.
  await each(survey.needed, (state) => tellOfNeed(state, ports));
}

/** When refresh tokens end that only signing in again can move, the soonest first: the ticks see no more than a part. */
async function endsOf({ ends, endsUnknown }: Survey, ports: ReconcilePorts): Promise<readonly number[]> {
  const found = [...ends];
  let looked = 0;
  for (const { name, at } of endsUnknown) {
    if (looked === SOONEST_ENDS) break;
    const state = await ports.state.get(name);
    if (state === undefined || !(await isOnlyRefreshed(state, ports))) continue;
    looked += 1;
    found.push(at);
  }
  return found.sort((one, other) => one - other).slice(0, SOONEST_ENDS);
}

/** Whether no grant but the refresh token is known. */
async function isOnlyRefreshed(
  { definition }: ConnectionState,
  { presets }: Pick<ReconcilePorts, 'presets'>,
): Promise<boolean> {
  const saysNothing = definition.provider === undefined && definition.rules === undefined;
  // One that says nothing, or cannot be used for another reason, is warned of all the same.
  const preset = saysNothing ? undefined : await presetOf(definition, presets).catch(() => undefined);
  const grants = definition.grants ?? preset?.grants ?? [REFRESH_TOKEN];
  return grants.every((grant) => grant === REFRESH_TOKEN);
}
