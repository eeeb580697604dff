import type { Fleet, WatchedConnection } from './ports/state-table.ts';
import { StoreError } from './ports/stores.ts';
import type { RefreshPorts } from './refresh-run.ts';
import { type WatchedHealth, watchedHealth } from './rules/watch.ts';

/** Those who must be looked at first stand first: more than so many troubles are "at least so many". */
export const LOOKED_AT = 200;
/** How far ahead a person hears of the end of a refresh token. */
const WARN_MS = 14 * 24 * 3_600_000;

const GAUGE_OF_HEALTH = {
  healthy: 'ConnectionsHealthy',
  new: 'ConnectionsNew',
  retrying: 'ConnectionsRetrying',
  failing: 'ConnectionsFailing',
  'awaiting-credentials': 'ConnectionsAwaitingCredentials',
  misconfigured: 'ConnectionsMisconfigured',
  'needs-reauthorization': 'ConnectionsNeedingReauthorization',
} as const satisfies Record<WatchedHealth, string>;

/** What is known of all connections: those who come first, and what reconciling saw. */
export interface FleetReading {
  readonly watched?: readonly WatchedConnection[];
  readonly fleet?: Fleet | undefined;
}

/**
 * Measures how all connections stand, by two reads whatever their number. What is zero costs nothing where it is
 * not sent, so of the ways in which connections fail only those are that occur. Never fails a tick.
 * @param known what need not be read any more
 */
export async function gaugeFleet(
  { clock, state, metrics, log }: Pick<RefreshPorts, 'clock' | 'state' | 'metrics' | 'log'>,
  known: FleetReading = {},
): Promise<void> {
  try {
    const reads = [known.watched ?? state.watched(LOOKED_AT), known.fleet ?? state.fleet()] as const;
    const [watched, fleet] = await Promise.all(reads);
    const now = clock.now();
    metrics.gauge(
      'ConnectionsNeedingAttention',
      count(watched, ({ needAt }) => isReached(needAt, now)),
    );
    metrics.gauge(
      'TokensEndangered',
      count(watched, ({ dangerAt }) => isReached(dangerAt, now)),
    );
    const expiries = watched.flatMap(({ expiresAt }) => expiresAt ?? []);
    if (expiries.length > 0) metrics.gauge('SoonestExpirySeconds', (Math.min(...expiries) - now) / 1000);
    gaugeHealths(watched, fleet, now, metrics);
    const ends = fleet?.refreshTokenEnds ?? [];
    metrics.gauge(
      'RefreshTokensEnding',
      count(ends, (end) => end - WARN_MS < now),
    );
  } catch (error) {
    const code = error instanceof StoreError ? error.code : 'unexpected';
    log.warn('how the connections stand could not be measured', { code });
  }
}

function gaugeHealths(
  watched: readonly WatchedConnection[],
  fleet: Fleet | undefined,
  now: number,
  metrics: RefreshPorts['metrics'],
): void {
  const healths = Map.groupBy(watched, (each) => watchedHealth(each, now));
  const sizes = new Map([...healths].map(([health, all]) => [health, all.length]));
  // Whoever stands behind those that were looked at need not be looked at yet.
  const behind = watched.length < LOOKED_AT ? 0 : (fleet?.registered ?? 0) - (fleet?.paused ?? 0) - LOOKED_AT;
  sizes.set('healthy', (sizes.get('healthy') ?? 0) + Math.max(0, behind));
  for (const [health, size] of sizes) metrics.gauge(GAUGE_OF_HEALTH[health], size);
  if (fleet && fleet.paused > 0) metrics.gauge('ConnectionsPaused', fleet.paused);
}

const isReached = (at: number | undefined, now: number) => at !== undefined && at <= now;

const count = <T>(all: readonly T[], is: (each: T) => boolean) => all.filter(is).length;
