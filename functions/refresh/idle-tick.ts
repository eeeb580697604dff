import { gaugeFleet, LOOKED_AT } from './gauge-fleet.ts';
import type { WatchedConnection } from './ports/state-table.ts';
import { StoreError } from './ports/stores.ts';
import type { RefreshPorts } from './refresh-run.ts';

/** Reconciling, which sees to it that everyone is watched, runs each hour: it may have missed one. */
const TRUSTED_MS = 9_000_000;

type IdlePorts = Pick<RefreshPorts, 'clock' | 'state' | 'metrics' | 'log'>;

/**
 * Ends a tick that has nothing to do, by two calls whatever the number of connections: it looks at those who come
 * first, measures by them how all stand, and keeps its record, for which it needs no lease.
 * @returns whether it did; `false` where something is due, or where nobody can tell by so little
 */
export async function endIdleTick(ports: IdlePorts): Promise<boolean> {
  const { clock, state, metrics } = ports;
  const now = clock.now();
  try {
    const watched = await state.watched(LOOKED_AT);
    if (!isNothingDue(watched, now)) return false;
    const record = { startedAt: now, endedAt: clock.now(), due: 0, refreshed: 0, failed: 0, left: 0 };
    const fleet = await state.noteIdleTick(record, now - TRUSTED_MS);
    if (fleet === undefined) return false;
    metrics.gauge('ConnectionsDue', 0);
    metrics.gauge('OldestDueSeconds', 0);
    await gaugeFleet(ports, { watched, fleet });
    return true;
  } catch (error) {
    // Whoever looks closer says what is wrong with the table, or does without the index.
    if (error instanceof StoreError) return false;
    throw error;
  }
}

/** Nobody is watched later than due: behind one who need not be looked at yet, nobody is due. */
function isNothingDue(watched: readonly WatchedConnection[], now: number): boolean {
  const last = watched.at(-1);
  const isAll = watched.length < LOOKED_AT || (last !== undefined && last.watchAt > now);
  return isAll && watched.every(({ dueAt }) => dueAt > now);
}
