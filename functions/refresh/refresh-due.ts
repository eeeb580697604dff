import { presetOf } from '../connections/effective-preset.ts';
import { resolveConnection } from '../connections/resolve-connection.ts';
import { type CooldownKeys, cooldownKeys } from './cooldowns.ts';
import { FairLimit } from './fair-limit.ts';
import { gaugeFleet } from './gauge-fleet.ts';
import { endIdleTick } from './idle-tick.ts';
import type { DueConnection, TickRecord } from './ports/state-table.ts';
import { StoreError } from './ports/stores.ts';
import { refreshConnection } from './refresh-connection.ts';
import type { RefreshResult } from './refresh-result.ts';
import type { RefreshPorts } from './refresh-run.ts';
import { isWaiting } from './rules/health.ts';
import { STEPS } from './rules/timing.ts';
import { tellOfNeed } from './tell-of-need.ts';
import { withTickLease } from './tick-lease.ts';

/** Refreshes under way at once: most of one wait for their provider, so that a slow one must not use them up. */
const AT_ONCE = 256;
/** Refreshes under way at once at one origin. */
const AT_ONCE_PER_ORIGIN = 8;
/** How often a tick that is still at work looks for what has become due meanwhile. */
const LOOK_EVERY_MS = 6_000;

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
 * One tick: refreshes what is due, the longest due first, and what becomes due while it is at work. Each origin
 * has a share of its own, so that none makes the connections of another wait; one that has failed of late is
 * probed by one connection before its others follow.
 * @throws StoreError when the state table cannot be read
 */
export async function refreshDue(
  { functionEndsAt }: { readonly functionEndsAt: number },
  ports: RefreshPorts,
): Promise<TickResult> {
  const nothing = { due: 0, left: 0, results: [] };
  if (await endIdleTick(ports)) {
    ports.metrics.count('TicksEnded');
    return { skipped: false, ...nothing };
  }
  const result = await withTickLease(ports, (release) => new Tick(ports, functionEndsAt).run(release));
  if (result !== undefined) ports.metrics.count('TicksEnded');
  // While a long tick is at work, the ones that find it so measure in its place.
  await gaugeFleet(ports);
  return result ?? { skipped: true, ...nothing };
}

class Tick {
  readonly #ports: RefreshPorts;
  readonly #functionEndsAt: number;
  readonly #limit = new FairLimit({ overall: AT_ONCE, perKey: AT_ONCE_PER_ORIGIN });
  readonly #results: RefreshResult[] = [];
  readonly #startedAt: number;
  readonly #running = new Set<Promise<void>>();
  /** The due instant at which each connection was taken up: an index that lags would bring it again. */
  readonly #takenUp = new Map<string, number>();
  /** The one connection that tries an origin before its others do. */
  readonly #probes = new Map<string | undefined, Promise<void>>();
  #lookedAt: number | undefined;
  #oldestDueAt: number | undefined;
  #left = 0;
  /** Those whose trouble was with the state table itself. */
  #broken = 0;

  constructor(ports: RefreshPorts, functionEndsAt: number) {
    this.#ports = ports;
    this.#functionEndsAt = functionEndsAt;
    this.#startedAt = ports.clock.now();
  }

  /** @param release lets the next tick begin, while this one ends what it has begun */
  async run(release: (record: TickRecord) => Promise<void>): Promise<TickResult> {
    const first = await this.#takeUpDue();
    const { metrics } = this.#ports;
    metrics.gauge('ConnectionsDue', first);
    this.#oldestDueAt = [...this.#takenUp.values()].reduce(earlier, undefined);
    metrics.gauge('OldestDueSeconds', (this.#startedAt - (this.#oldestDueAt ?? this.#startedAt)) / 1000);
    while (this.#running.size > 0) {
      await this.#sleepWhileRunning();
      if (this.#isLate()) {
        await release(this.#record());
        await Promise.all(this.#running);
        break;
      }
      await this.#takeUpDue();
    }
    await release(this.#record());
    return { skipped: false, due: this.#takenUp.size, left: this.#left, results: this.#results };
  }

  #record(): TickRecord {
    const outcomes = this.#results.map(({ outcome }) => outcome);
    return {
      startedAt: this.#startedAt,
      endedAt: this.#ports.clock.now(),
      due: this.#takenUp.size,
      refreshed: outcomes.filter((outcome) => outcome === 'refreshed').length,
      failed: outcomes.filter(hasFailed).length + this.#broken,
      left: this.#left,
      ...(this.#oldestDueAt !== undefined && { oldestDueAt: this.#oldestDueAt }),
    };
  }

  /** Takes up what is due now and was not before. @returns how many */
  async #takeUpDue(): Promise<number> {
    const { state, clock, cooldowns } = this.#ports;
    const now = clock.now();
    const candidates: Candidate[] = [];
    const after = this.#lookedAt === undefined ? {} : { after: this.#lookedAt };
    for await (const due of state.due(now, after)) {
      if ((this.#takenUp.get(due.name) ?? Number.NEGATIVE_INFINITY) >= due.dueAt) continue;
      this.#takenUp.set(due.name, due.dueAt);
      candidates.push({ due, keys: await keysOf(due, this.#ports) });
    }
    this.#lookedAt = now;
    await cooldowns.load(candidates.flatMap(({ keys }) => keys ?? []));
    for (const [origin, group] of Map.groupBy(candidates, ({ keys }) => keys?.origin)) {
      this.#begin(origin, group);
    }
    return candidates.length;
  }

  /** Begins what goes to one origin, or to none that is known. */
  #begin(origin: string | undefined, group: readonly Candidate[]): void {
    const suspect = group.filter(({ keys }) => keys && this.#ports.cooldowns.isSuspect(keys));
    let first = this.#probes.get(origin);
    const probe =
      first === undefined ? suspect[Math.floor(this.#ports.random.fraction() * suspect.length)] : undefined;
    if (probe !== undefined) {
      first = this.#start(probe);
      this.#probes.set(origin, first);
      void first.then(() => this.#probes.delete(origin));
    }
    for (const candidate of group) if (candidate !== probe) this.#start(candidate, first);
  }

  /** Refreshes a candidate in its turn, after `first`. */
  #start(candidate: Candidate, first?: Promise<void>): Promise<void> {
    const origin = candidate.keys?.origin ?? candidate.due.name;
    const refreshed = (first ?? Promise.resolve()).then(() =>
      this.#limit.run(origin, () => this.#isolated(candidate)),
    );
    const running = refreshed.finally(() => this.#running.delete(running));
    this.#running.add(running);
    return running;
  }

  /**
   * One connection's trouble with the state table must not end the tick: the refreshes of the others are
   * under way, and a handler that returned now would leave them unsettled.
   */
  async #isolated({ due: { name }, keys }: Candidate): Promise<void> {
    const { clock, cooldowns, state, log } = this.#ports;
    if (this.#isLate()) {
      this.#left += 1;
      return;
    }
    try {
      const until = keys && cooldowns.originBlockedUntil(keys);
      if (until !== undefined) {
        const postponed = await state.postpone(name, until);
        if (postponed) await tellOfNeed(postponed, this.#ports);
        return;
      }
      const request = {
        name,
        force: false,
        requestedAt: clock.now(),
        trigger: 'schedule' as const,
        functionEndsAt: this.#functionEndsAt,
      };
      this.#results.push(await refreshConnection(request, this.#ports));
    } catch (error) {
      const code = error instanceof StoreError ? error.code : (error as Error).name;
      this.#broken += 1;
      log.error('a connection could not be handled in this tick', { connection: name, code });
    }
  }

  async #sleepWhileRunning(): Promise<void> {
    const done = new AbortController();
    void Promise.all(this.#running).then(() => done.abort());
    await this.#ports.clock.sleep(LOOK_EVERY_MS, done.signal);
  }

  /** Whether too little time is left to begin anything. */
  #isLate(): boolean {
    return this.#functionEndsAt - this.#ports.clock.now() < STEPS.spendMs;
  }
}

const hasFailed = (outcome: string) => outcome === 'retry-later' || isWaiting(outcome);

const earlier = (one: number | undefined, other: number) => Math.min(one ?? other, other);

/** A definition that cannot be used has no keys; its refresh says what is wrong with it. */
async function keysOf(
  { name, definition }: DueConnection,
  ports: RefreshPorts,
): Promise<CooldownKeys | undefined> {
  try {
    return cooldownKeys(resolveConnection(name, definition, await presetOf(definition, ports.presets)));
  } catch {
    return undefined;
  }
}
