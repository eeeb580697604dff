import { presetOf } from '../connections/preset-of.ts';
import { endpointsOf } from '../connections/resolve-connection.ts';
import { REFRESH_TOKEN } from '../oauth/grant-type.ts';
import { type CooldownKeys, cooldownKeys } from './cooldowns.ts';
import { FairLimit } from './fair-limit.ts';
import { gaugeFleet } from './gauge-fleet.ts';
import { endIdleTick } from './idle-tick.ts';
import { OriginLines } from './origin-lines.ts';
import type { DueConnection, Fleet, TickRecord } from './ports/state-table.ts';
import { StoreError } from './ports/stores.ts';
import { refreshConnection } from './refresh-connection.ts';
import type { RefreshResult } from './refresh-result.ts';
import type { RefreshPorts } from './refresh-run.ts';
import { isWaiting } from './rules/health.ts';
import { STEPS } from './rules/timing.ts';
import { tellOfNeed } from './tell-of-need.ts';
import { followTick, type ReleaseTick, withTickLease } from './tick-lease.ts';

/** Refreshes under way at once: most of one wait for their provider, so that a slow one must not use them up. */
const AT_ONCE = 256;
/** Refreshes under way at once at one origin. */
const AT_ONCE_PER_ORIGIN = 8;
/**
 * Of those that spend a refresh token so many at once: 8 of them spend in one process, and who waits for that holds a
 * lease meanwhile, of which 75 s must be left.
 */
const SPENDING_AT_ONCE = 16;
/** So long such a one may wait for its turn after it was begun. */
const SPENDING_WAITS_MS = 5_000;
/** So many are looked at together, as many as one page of the index has. */
const PAGE = 250;
/** How often a tick that is still at work looks for what has become due meanwhile. */
const LOOK_EVERY_MS = 6_000;
/** With more at work at once a tick is crowded, */
const CROWDED = AT_ONCE / 2;
/** and looks no sooner: it would only be longer, and the next one longer for it. */
const CROWDED_LOOKS_FROM_MS = 60_000;
/** Those that a tick has begun write at its pace still, and the next one has a pace of its own: it waits for all but so many, */
const FEW = 8;
/** and no longer than until the one comes that would begin in any case. */
const HANDOVER_MS = 13_000;
const HANDOVER_EVERY_MS = 250;

/** What one tick came to. */
export interface TickResult {
  /** Another tick was running: this one did nothing. */
  readonly skipped: boolean;
  readonly due: number;
  /** Left for the next tick, for want of time. */
  readonly left: number;
  readonly results: readonly RefreshResult[];
}

/** What waits for its turn, and no more of it than that takes: there may be a hundred thousand. */
interface Candidate {
  readonly name: string;
  readonly keys: CooldownKeys | undefined;
  /** Its refresh may spend a refresh token. */
  readonly spends: boolean;
}

/**
 * One tick: refreshes what is due, the longest due first, and what becomes due while it is at work. Each origin
 * has a share of its own, so that none makes the connections of another wait; one that has failed of late is
 * probed by one connection before its others follow.
 * @param options.functionEndsAt when the function may be killed, epoch milliseconds
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
  let fleet: Fleet | undefined;
  const run = () =>
    withTickLease(ports, functionEndsAt - STEPS.spendMs, (release) =>
      new Tick(ports, functionEndsAt).run(async (record) => {
        fleet = await release(record);
        return fleet;
      }),
    );
  const result = (await run()) ?? (await followTick(ports, run));
  if (result !== undefined) ports.metrics.count('TicksEnded');
  // While a long tick is at work, the ones that find it so measure in its place.
  await gaugeFleet(ports, { fleet });
  return result ?? { skipped: true, ...nothing };
}

class Tick {
  readonly #ports: RefreshPorts;
  readonly #functionEndsAt: number;
  readonly #results: RefreshResult[] = [];
  readonly #startedAt: number;
  /** The due instant at which each connection was taken up: an index that lags would bring it again. */
  readonly #takenUp = new Map<string, number>();
  readonly #lines: OriginLines<Candidate>;
  readonly #spending: OriginLines<Candidate>;
  #lookedAt: number | undefined;
  #oldestDueAt: number | undefined;
  #left = 0;
  /** Those whose trouble was with the state table itself. */
  #broken = 0;

  constructor(ports: RefreshPorts, functionEndsAt: number) {
    this.#ports = ports;
    this.#functionEndsAt = functionEndsAt;
    this.#startedAt = ports.clock.now();
    const perOrigin = AT_ONCE_PER_ORIGIN;
    // Of both lines together.
    const share = new FairLimit({ overall: Number.POSITIVE_INFINITY, perKey: perOrigin });
    const work = (candidate: Candidate) => share.run(lineOf(candidate), () => this.#isolated(candidate));
    this.#lines = new OriginLines({ overall: AT_ONCE, perOrigin, work });
    this.#spending = new OriginLines({ overall: SPENDING_AT_ONCE, perOrigin, work });
  }

  /** @param release lets the next tick begin, while this one ends what it has begun */
  async run(release: ReleaseTick): Promise<TickResult> {
    const first = await this.#takeUpDue();
    const { metrics } = this.#ports;
    metrics.gauge('ConnectionsDue', first);
    metrics.gauge('OldestDueSeconds', (this.#startedAt - (this.#oldestDueAt ?? this.#startedAt)) / 1000);
    const isCrowded = this.#atWork > CROWDED;
    while (this.#atWork > 0) {
      await this.#sleepWhileRunning();
      if (this.#isLate()) {
        this.#left += this.#lines.leaveRest() + this.#spending.leaveRest();
        await this.#nearlyEnded();
        await release(this.#record());
        await this.#ended();
        break;
      }
      if (!this.#isTooSoonToLook(isCrowded)) await this.#takeUpDue();
    }
    await release(this.#record());
    return { skipped: false, due: this.#takenUp.size, left: this.#left, results: this.#results };
  }

  /** Where all has ended meanwhile, the next tick is soon enough for what has become due. */
  #isTooSoonToLook(isCrowded: boolean): boolean {
    const now = this.#ports.clock.now();
    if (isCrowded && now - this.#startedAt < CROWDED_LOOKS_FROM_MS) return true;
    return this.#atWork === 0 && now - (this.#lookedAt ?? now) < LOOK_EVERY_MS;
  }

  get #atWork(): number {
    return this.#lines.atWork + this.#spending.atWork;
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

  /** Takes up what is due now and was not before, page by page, and begins with each at once. @returns how many */
  async #takeUpDue(): Promise<number> {
    const { state, clock } = this.#ports;
    const now = clock.now();
    const after = this.#lookedAt === undefined ? {} : { after: this.#lookedAt };
    const isFirst = this.#lookedAt === undefined;
    const loaded = new Set<string>();
    let page: Candidate[] = [];
    let count = 0;
    for await (const due of state.due(now, after)) {
      if ((this.#takenUp.get(due.name) ?? Number.NEGATIVE_INFINITY) >= due.dueAt) continue;
      this.#takenUp.set(due.name, due.dueAt);
      if (isFirst) this.#oldestDueAt = Math.min(this.#oldestDueAt ?? due.dueAt, due.dueAt);
      page.push(await candidateOf(due, this.#ports));
      count += 1;
      if (page.length < PAGE) continue;
      await this.#takeUp(page, loaded);
      page = [];
    }
    this.#lookedAt = now;
    await this.#takeUp(page, loaded);
    return count;
  }

  /** @param loaded keys whose cooldowns were read in this look */
  async #takeUp(page: readonly Candidate[], loaded: Set<string>): Promise<void> {
    const unknown = page.flatMap(({ keys }) => (keys && !loaded.has(keys.client) ? keys : []));
    const { cooldowns, random } = this.#ports;
    await cooldowns.load(unknown);
    for (const { client } of unknown) loaded.add(client);
    for (const [spends, all] of Map.groupBy(page, (candidate) => candidate.spends)) {
      for (const [origin, group] of Map.groupBy(all, lineOf)) {
        const suspect = group.filter(({ keys }) => keys && cooldowns.isSuspect(keys));
        const probe = suspect[Math.floor(random.fraction() * suspect.length)];
        (spends ? this.#spending : this.#lines).add(origin, group, probe);
      }
    }
  }

  /**
   * One connection's trouble with the state table must not end the tick: the refreshes of the others are
   * under way, and a handler that returned now would leave them unsettled.
   */
  async #isolated({ name, keys, spends }: Candidate): Promise<void> {
    const { clock, cooldowns, state, log } = this.#ports;
    if (this.#isLate(spends ? SPENDING_WAITS_MS : 0)) {
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
      const functionEndsAt = this.#functionEndsAt;
      const asked = { force: false, requestedAt: clock.now(), trigger: 'schedule' } as const;
      this.#results.push(await refreshConnection({ name, functionEndsAt, ...asked }, this.#ports));
    } catch (error) {
      const code = error instanceof StoreError ? error.code : (error as Error).name;
      this.#broken += 1;
      log.error('a connection could not be handled in this tick', { connection: name, code });
    }
  }

  async #sleepWhileRunning(): Promise<void> {
    const done = new AbortController();
    void this.#ended().then(() => done.abort('over'));
    const untilLateMs = this.#functionEndsAt - STEPS.spendMs - this.#ports.clock.now();
    await this.#ports.clock.sleep(Math.min(LOOK_EVERY_MS, Math.max(0, untilLateMs) + 1), done.signal);
  }

  async #nearlyEnded(): Promise<void> {
    const { clock } = this.#ports;
    const until = clock.now() + HANDOVER_MS;
    while (this.#atWork > FEW && clock.now() < until) await clock.sleep(HANDOVER_EVERY_MS);
  }

  async #ended(): Promise<void> {
    while (this.#atWork > 0) {
      await Promise.all([this.#lines.ended(), this.#spending.ended()]);
    }
  }

  /** Whether too little time is left to begin anything. */
  #isLate(waitMs = 0): boolean {
    return this.#functionEndsAt - this.#ports.clock.now() < STEPS.spendMs + waitMs;
  }
}

/** A connection without an origin has a line of its own. */
const lineOf = ({ name, keys }: Candidate) => keys?.origin ?? name;

const hasFailed = (outcome: string) => outcome === 'retry-later' || isWaiting(outcome);

/** A definition that cannot be used has no keys; its refresh says what is wrong with it. */
async function candidateOf({ name, definition }: DueConnection, ports: RefreshPorts): Promise<Candidate> {
  try {
    const preset = await presetOf(definition, ports.presets);
    const { credentials, clientId, grants = preset.grants } = definition;
    const keys = cooldownKeys({ ...endpointsOf(definition, preset), credentials, clientId });
    const spends = grants.includes(REFRESH_TOKEN) && preset.refreshToken.rotates !== 'never';
    return { name, keys, spends };
  } catch {
    return { name, keys: undefined, spends: false };
  }
}
