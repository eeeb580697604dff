import pLimit from 'p-limit';
import type { Connection } from '../connections/connection.ts';
import { presetOf } from '../connections/effective-preset.ts';
import { REFRESH_TOKEN } from '../oauth/grant-type.ts';
import type { ConnectionState } from './connection-state.ts';
import type { Fleet } from './ports/state-table.ts';
import { type DeclaredConnections, StoreError } from './ports/stores.ts';
import type { RefreshPorts } from './refresh-run.ts';
import { warnsOfEnd } from './rules/refresh-token-end.ts';
import { refreshEvent } from './steps/announce.ts';
import { tellOfNeed } from './tell-of-need.ts';

/** Connections for which somebody is called together. */
const AT_ONCE = 8;
/** Reconciling runs this often: what it warns of once a day it looks at once a run. */
const EVERY_MS = 3_600_000;
/** Of refresh tokens that end, so many are enough to know. */
const SOONEST_ENDS = 20;

export interface ReconcilePorts
  extends Pick<
    RefreshPorts,
    'namespace' | 'clock' | 'random' | 'timing' | 'state' | 'events' | 'metrics' | 'log' | 'presets'
  > {
  readonly declared: DeclaredConnections;
}

/** What one run came to: names of connections. */
export interface ReconcileResult {
  readonly registered: readonly string[];
  readonly removed: readonly string[];
  /** Declared in a way that cannot be read; left as they are. */
  readonly unreadable: readonly string[];
}

/**
 * Compares what is declared with what is registered: registers what is new or changed, and removes what
 * is missing from two runs, asking for each missing declaration by name, since a listing may lag. No
 * secret is read.
 * @throws StoreError when declarations or state cannot be listed: nothing is removed on half a list
 */
export async function reconcile(ports: ReconcilePorts): Promise<ReconcileResult> {
  const { declared, readable, unreadable } = await declarations(ports);
  const states = await Array.fromAsync(ports.state.list());
  const now = ports.clock.now();
  const registered = await register(readable, ports);
  // What a newer version wrote is left to it.
  const missing = states.filter(
    ({ name, unreadable }) => !declared.has(name) && !unreadable?.includes('schema'),
  );
  const removed = await remove(missing, ports);
  const left = states.filter(({ name }) => !removed.includes(name));
  for (const state of left) await warn(state, now, ports);
  const limit = pLimit(AT_ONCE);
  await Promise.all(left.map((state) => limit(() => call(state, ports))));
  const fresh = registered.filter((name) => !states.some((state) => state.name === name));
  for (const { name, dueAt, paused, watchAt, unreadable } of left) {
    if (paused || unreadable || watchAt !== undefined) continue;
    await ports.state.postpone(name, dueAt);
  }
  await ports.state.noteFleet(await fleetOf(left, fresh.length, now, ports));
  return { registered, removed, unreadable };
}

async function declarations({ declared, log }: ReconcilePorts) {
  const readable = new Map<string, Connection>();
  const unreadable: string[] = [];
  for await (const { name, definition } of declared.list()) {
    if (definition instanceof StoreError) {
      unreadable.push(name);
      log.warn('a declared connection cannot be read', { connection: name, reason: definition.message });
    } else {
      readable.set(name, definition);
    }
  }
  return { readable, unreadable, declared: new Set([...readable.keys(), ...unreadable]) };
}

/** Registers all of them: also for one that is unchanged this forgets that a run may have missed it. */
async function register(declared: ReadonlyMap<string, Connection>, ports: ReconcilePorts): Promise<string[]> {
  const registered: string[] = [];
  for (const [name, definition] of declared) {
    if (await ports.state.register(name, definition, ports.clock.now())) registered.push(name);
  }
  return registered;
}

async function remove(missing: readonly ConnectionState[], ports: ReconcilePorts): Promise<string[]> {
  const removed: string[] = [];
  for (const { name } of missing) {
    if (await isDeclared(name, ports)) continue;
    if (!(await ports.state.unregister(name, ports.clock.now()))) continue;
    removed.push(name);
    ports.log.info('a connection is no longer declared and was removed; its secrets stay', {
      connection: name,
    });
  }
  return removed;
}

async function isDeclared(name: string, { declared }: ReconcilePorts): Promise<boolean> {
  try {
    return (await declared.get(name)) !== undefined;
  } catch (error) {
    // A declaration that cannot be read is there; anything else proves nothing.
    if (error instanceof StoreError) return true;
    throw error;
  }
}

/** A paused connection is refreshed by nobody, so its refresh token may die of it. */
async function warn(state: ConnectionState, now: number, ports: ReconcilePorts): Promise<void> {
  if (!state.paused) return;
  if (warnsOfEnd(state.refreshTokenExpiresAt, await grantsOf(state, ports), now - EVERY_MS, now)) {
    ports.events.add(refreshEvent('Refresh Token Expiring', state, now));
  }
}

/** Where no tick comes, nobody else calls for whom it would have kept fresh. */
async function call(state: ConnectionState, ports: ReconcilePorts): Promise<void> {
  try {
    await tellOfNeed(state, ports);
  } catch (error) {
    const { code } = error as Partial<StoreError>;
    ports.log.warn('nobody could be called for a connection', { connection: state.name, code });
  }
}

async function grantsOf(
  { definition }: ConnectionState,
  { presets }: Pick<ReconcilePorts, 'presets'>,
): Promise<readonly string[]> {
  const saysNothing = definition.provider === undefined && definition.rules === undefined;
  // One that says nothing, or cannot be used for another reason, is warned of all the same.
  const preset = saysNothing ? undefined : await presetOf(definition, presets).catch(() => undefined);
  return definition.grants ?? preset?.grants ?? [REFRESH_TOKEN];
}

/** What the ticks, which see no more than a part, measure by. */
async function fleetOf(
  states: readonly ConnectionState[],
  fresh: number,
  now: number,
  ports: ReconcilePorts,
): Promise<Fleet> {
  const ends: number[] = [];
  for (const state of states) {
    const { refreshTokenExpiresAt: end, paused, endStays } = state;
    if (end === undefined || !(paused || endStays)) continue;
    const grants = await grantsOf(state, ports);
    if (grants.every((grant) => grant === REFRESH_TOKEN)) ends.push(end);
  }
  return {
    at: now,
    registered: states.length + fresh,
    paused: states.filter(({ paused }) => paused).length,
    areWatched: true,
    refreshTokenEnds: ends.sort((one, other) => one - other).slice(0, SOONEST_ENDS),
  };
}
