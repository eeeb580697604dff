import pLimit from 'p-limit';
import { resolveConnection } from '../connections/resolve-connection.ts';
import { type CooldownKeys, cooldownKeys } from './cooldowns.ts';
import type { DueConnection } from './ports/state-table.ts';
import { StoreError } from './ports/stores.ts';
import { refreshConnection } from './refresh-connection.ts';
import type { RefreshResult } from './refresh-result.ts';
import type { RefreshPorts } from './refresh-run.ts';
import { STEPS } from './rules/timing.ts';

/** Refreshes under way at once in one tick. */
const AT_ONCE = 32;
/** Refreshes under way at once at one origin. */
const AT_ONCE_PER_ORIGIN = 8;

/** What one tick came to. */
export interface TickResult {
  /** Another tick was running: this one did nothing. */
  readonly skipped: boolean;
  readonly due: number;
  /** Left for the next tick, for want of time. */
  readonly left: number;
  readonly results: readonly RefreshResult[];
}

interface Candidate {
  readonly due: DueConnection;
  readonly keys: CooldownKeys | undefined;
}

/**
 * One tick: refreshes what is due, the longest due first, a few at a time, fewer at one origin. An origin
 * that has failed of late is probed by one connection before the others follow.
 * @throws StoreError when the state table cannot be read
 */
export async function refreshDue(
  { functionEndsAt }: { readonly functionEndsAt: number },
  ports: RefreshPorts,
): Promise<TickResult> {
  const { clock } = ports;
  const done = await withTickLease(ports, async () => {
    const candidates = await candidatesOf(ports);
    ports.metrics.gauge('ConnectionsDue', candidates.length);
    await ports.cooldowns.load(candidates.flatMap(({ keys }) => keys ?? []));
    const overall = pLimit(AT_ONCE);
    const results: RefreshResult[] = [];
    let left = 0;
    const refresh = ({ due }: Candidate) =>
      overall(async () => {
        const now = clock.now();
        if (functionEndsAt - now < STEPS.spendMs) {
          left += 1;
          return;
        }
        const request = { name: due.name, force: false, requestedAt: now, functionEndsAt };
        const result = await isolated(due.name, ports, () => refreshConnection(request, ports));
        if (result) results.push(result);
      });
    await Promise.all([...byOrigin(candidates)].map((group) => refreshGroup(group, refresh, ports)));
    return { skipped: false, due: candidates.length, left, results };
  });
  return done ?? { skipped: true, due: 0, left: 0, results: [] };
}

async function candidatesOf(ports: RefreshPorts): Promise<Candidate[]> {
  const candidates: Candidate[] = [];
  for await (const due of ports.state.due(ports.clock.now())) {
    candidates.push({ due, keys: await keysOf(due, ports) });
  }
  return candidates;
}

/** A definition that cannot be used has no keys; its refresh says what is wrong with it. */
async function keysOf(
  { name, definition }: DueConnection,
  ports: RefreshPorts,
): Promise<CooldownKeys | undefined> {
  try {
    const preset = definition.provider === undefined ? undefined : await ports.presets(definition.provider);
    return cooldownKeys(resolveConnection(name, definition, preset));
  } catch {
    return undefined;
  }
}

function byOrigin(candidates: readonly Candidate[]): Iterable<readonly Candidate[]> {
  return Map.groupBy(candidates, ({ keys }) => keys?.origin).values();
}

async function refreshGroup(
  group: readonly Candidate[],
  refresh: (candidate: Candidate) => Promise<void>,
  ports: RefreshPorts,
): Promise<void> {
  const ready = await withoutCooled(group, ports);
  const suspect = ready.filter(({ keys }) => keys && ports.cooldowns.isSuspect(keys));
  const probe = suspect[Math.floor(ports.random.fraction() * suspect.length)];
  if (probe) await refresh(probe);
  const rest = ready.filter((candidate) => candidate !== probe);
  const limit = pLimit(AT_ONCE_PER_ORIGIN);
  await Promise.all(
    (probe ? await withoutCooled(rest, ports) : rest).map((candidate) => limit(() => refresh(candidate))),
  );
}

/** Those that may be refreshed now; the due instants of the others move to the end of their cooldown. */
async function withoutCooled(group: readonly Candidate[], ports: RefreshPorts): Promise<Candidate[]> {
  const ready: Candidate[] = [];
  const limit = pLimit(AT_ONCE);
  await Promise.all(
    group.map((candidate) =>
      limit(async () => {
        const { due, keys } = candidate;
        const until = keys && ports.cooldowns.blockedUntil(keys);
        if (until === undefined) ready.push(candidate);
        else await isolated(due.name, ports, () => ports.state.postpone(due.name, until));
      }),
    ),
  );
  return ready;
}

/**
 * One connection's trouble with the state table must not end the tick: the refreshes of the others are
 * under way, and a handler that returned now would leave them unsettled.
 */
async function isolated<T>(
  name: string,
  { log }: RefreshPorts,
  work: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    const code = error instanceof StoreError ? error.code : (error as Error).name;
    log.error('a connection could not be handled in this tick', { connection: name, code });
    return undefined;
  }
}

const TICK_LEASE_MS = 90_000;
const RENEW_EVERY_MS = 30_000;

/**
 * Runs `work` as the only tick; `undefined` when another tick is running. The lease is renewed while the
 * work lasts; connections have leases of their own, so that losing this one costs work and never a token.
 * @throws StoreError when the lease cannot be asked for; whatever `work` throws
 */
export async function withTickLease<T>(
  { clock, random, state, log }: Pick<RefreshPorts, 'clock' | 'random' | 'state' | 'log'>,
  work: () => Promise<T>,
): Promise<T | undefined> {
  const owner = random.uuid();
  const lease = () => state.leaseTick(owner, clock.now(), clock.now() + TICK_LEASE_MS);
  if (!(await lease())) return undefined;
  const done = new AbortController();
  const renewing = renew();
  try {
    return await work();
  } finally {
    done.abort();
    await renewing;
    await state.releaseTick(owner).catch(noted('released'));
  }

  async function renew(): Promise<void> {
    for (;;) {
      await clock.sleep(RENEW_EVERY_MS, done.signal);
      if (done.signal.aborted) return;
      await lease().catch(noted('renewed'));
    }
  }

  function noted(what: string) {
    return (error: unknown) => {
      log.warn(`the lease of the tick could not be ${what}`, {
        error: error instanceof Error ? error.name : 'unknown',
      });
    };
  }
}
