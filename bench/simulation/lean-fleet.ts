import { marginSeconds } from '../../functions/connections/fit.ts';
import { FirstDue } from '../../functions/refresh/rules/first-due.ts';
import { MOST_MEMBERS } from '../../functions/refresh/rules/ring.ts';
import { dueAfterRefresh } from '../../functions/refresh/rules/schedule.ts';
import { TIMING } from '../../functions/refresh/rules/timing.ts';

const MINUTE_MS = 60_000;
/** How often a tick at work looks for what has become due, and when one begins nothing more. */
const LOOK_EVERY_MS = 6_000;
const TICK_MS = 225_000;
/** What an exchange takes. */
const EXCHANGE_MS = 300;
/** How late a wake-up comes. */
const WOKEN_MS = 1_000;
/** Parameter Store takes 3 writes a second of everybody: `parameterWritesPerSecond`. */
const PARAMETERS_PER_SECOND = 3;

/** Connections alike: which share of a fleet, and how long their tokens live. */
export interface Share {
  readonly share: number;
  readonly lifetimeSeconds: number;
  /** Default: the usual one. */
  readonly marginSeconds?: number;
  readonly place: 'secret' | 'parameter';
}

/** From minutes to a day, an hour for most, as much as the default throughput of Parameter Store and one account bear. */
export const MIXED: readonly Share[] = [
  { share: 0.002, lifetimeSeconds: 300, place: 'parameter' },
  { share: 0.002, lifetimeSeconds: 600, place: 'parameter' },
  { share: 0.03, lifetimeSeconds: 1_800, place: 'secret' },
  { share: 0.55, lifetimeSeconds: 3_600, place: 'secret' },
  { share: 0.2, lifetimeSeconds: 7_200, place: 'secret' },
  { share: 0.15, lifetimeSeconds: 28_800, place: 'secret' },
  { share: 0.066, lifetimeSeconds: 86_400, place: 'secret' },
];
/** One in so many has a refresh token that rotates. */
export const ROTATING_EVERY = 10;

export interface LeanFleetProps {
  readonly connections: number;
  readonly hours: number;
  readonly perSecond: number;
  readonly shares?: readonly Share[];
  /** Whether what lives for minutes is woken by a queue, and not by the tick. Default true. */
  readonly wakes?: boolean;
}

export interface Day {
  /** Refreshes of each minute. */
  readonly refreshes: Uint32Array;
  readonly total: { readonly rotating: number; readonly others: number };
  /** Seconds from due to readable, of all that had a token; by second, the last for all beyond. */
  readonly lateness: Uint32Array;
  readonly latest: number;
  /** Tokens that expired before another could be read. */
  readonly expired: number;
  /** The longest tick once all had their first token, seconds. */
  readonly longestTick: number;
  /** How many minutes it took until all had their first token. */
  readonly firstMinutes: number;
}

/** A tick with more due looks no further within its first minute. */
const CROWDED = 128;
/** Lateness beyond this is counted as this, seconds. */
const MOST_LATE = 7_200;

/**
 * A day of a fleet by the real rules of when a connection is due (`rules/schedule.ts`), and of the tick no more than its
 * order, its looks and its paces: no ports, no stores. All are registered at once. A connection is a few numbers, what is
 * due lies in buckets of a second, so that a day of a million takes minutes.
 */
export function liveDay(props: LeanFleetProps): Day {
  const { connections, hours, perSecond, shares = MIXED } = props;
  const { wakes = true } = props;
  const endMs = hours * 60 * MINUTE_MS;
  const kind = new Uint8Array(connections);
  const generation = new Uint32Array(connections);
  const dueAt = new Float64Array(connections);
  const expiresAt = new Float64Array(connections);
  const buckets: number[][] = Array.from({ length: endMs / 1000 + 1 }, () => []);
  const boundaries = cumulative(shares);
  for (let index = 0; index < connections; index += 1) {
    kind[index] = kindOf(index, boundaries);
  }
  const firstDue = new FirstDue({ now: 0, writesPerSecond: perSecond });
  for (let index = 0; index < connections; index += 1) {
    const grants = [index % ROTATING_EVERY === 0 ? 'refresh_token' : 'client_credentials'];
    buckets[Math.floor(firstDue.next({ grants }) / 1000)]?.push(index);
  }
  const refreshes = new Uint32Array(hours * 60 + 1);
  const lateness = new Uint32Array(MOST_LATE + 1);
  const total = { rotating: 0, others: 0 };
  let [latest, expired, longestTick, firstMinutes, first] = [0, 0, 0, 0, connections];
  const freeAt = { secret: 0, parameter: 0 };
  const intervalMs = { secret: 1000 / perSecond, parameter: 1000 / PARAMETERS_PER_SECOND };

  /** @returns when its token can be read */
  const refresh = (index: number, now: number): number => {
    const share = shares[kind[index] as number] as Share;
    const { place, lifetimeSeconds } = share;
    const isRotating = index % ROTATING_EVERY === 0;
    const secretWrites = (place === 'secret' ? 1 : 0) + (isRotating ? 2 : 0);
    const obtainedAt = now + EXCHANGE_MS;
    let readable = obtainedAt;
    if (secretWrites > 0) {
      const turn = Math.max(freeAt.secret, now);
      freeAt.secret = turn + secretWrites * intervalMs.secret;
      readable = Math.max(readable, turn + EXCHANGE_MS);
    }
    if (place === 'parameter') {
      const turn = Math.max(freeAt.parameter, now);
      freeAt.parameter = turn + intervalMs.parameter;
      readable = Math.max(readable, turn + EXCHANGE_MS);
    }
    const previousExpiresAt = generation[index] === 0 ? undefined : (expiresAt[index] as number);
    if (previousExpiresAt === undefined) {
      first -= 1;
      if (first === 0) firstMinutes = Math.ceil(readable / MINUTE_MS);
    } else {
      const late = (readable - (dueAt[index] as number)) / 1000;
      const second = Math.min(MOST_LATE, Math.floor(late));
      lateness[second] = (lateness[second] as number) + 1;
      latest = Math.max(latest, late);
      if (readable > previousExpiresAt) expired += 1;
    }
    generation[index] = (generation[index] as number) + 1;
    // Its exchange waits for its turn to write, so that its token is as young as can be.
    const requestedAt = readable - EXCHANGE_MS;
    expiresAt[index] = requestedAt + lifetimeSeconds * 1000;
    const due = dueAfterRefresh(
      {
        name: `c${index}`,
        generation: generation[index] as number,
        now: readable,
        obtainedAt: requestedAt,
        expiresAt: expiresAt[index] as number,
        previousExpiresAt,
        isSame: false,
        refreshTokenExpiresAt: undefined,
        marginSeconds: marginOf(share),
        secrets: place === 'secret' ? 1 : isRotating ? MOST_MEMBERS : Number.POSITIVE_INFINITY,
      },
      TIMING,
    );
    dueAt[index] = due;
    // Never into a bucket that was looked at.
    const bucket = Math.max(Math.floor(due / 1000), Math.floor(now / 1000) + 1);
    if (bucket < buckets.length) buckets[bucket]?.push(index);
    const minute = Math.floor(readable / MINUTE_MS);
    if (minute < refreshes.length) refreshes[minute] = (refreshes[minute] as number) + 1;
    total[isRotating ? 'rotating' : 'others'] += 1;
    return readable;
  };

  let looked = -1;
  let line: number[] = [];
  let at = 0;
  const takeUp = (now: number) => {
    for (
      let second = looked + 1;
      second <= Math.min(Math.floor(now / 1000), buckets.length - 1);
      second += 1
    ) {
      for (const index of (buckets[second] ?? []).splice(0)) {
        // What is declared for a parameter is woken to the second, by a queue and in another process than the tick.
        if (
          wakes &&
          shares[kind[index] as number]?.place === 'parameter' &&
          (generation[index] as number) > 0
        ) {
          refresh(index, (dueAt[index] as number) + WOKEN_MS);
        } else line.push(index);
      }
      looked = second;
    }
  };
  let busyUntil = 0;
  for (let tickAt = MINUTE_MS; tickAt < endMs; tickAt += MINUTE_MS) {
    if (tickAt < busyUntil) continue;
    let [now, end] = [tickAt, tickAt];
    takeUp(now);
    const looksFrom = line.length - at > CROWDED ? tickAt + MINUTE_MS : tickAt;
    for (; now < tickAt + TICK_MS; now += LOOK_EVERY_MS) {
      if (now >= looksFrom) takeUp(now);
      const until = now + LOOK_EVERY_MS;
      // As much as the pace bears until the next look.
      while (at < line.length && Math.max(freeAt.secret, now) < until) {
        end = Math.max(end, refresh(line[at] as number, now));
        at += 1;
      }
      if (at < line.length) continue;
      line = [];
      at = 0;
      if (end <= until) break;
    }
    busyUntil = Math.min(end, tickAt + TICK_MS);
    if (first === 0 && tickAt / MINUTE_MS > firstMinutes)
      longestTick = Math.max(longestTick, (end - tickAt) / 1000);
  }
  return { refreshes, total, lateness, latest, expired, longestTick, firstMinutes };
}

export function marginOf({ lifetimeSeconds, marginSeconds: configured }: Share): number {
  return marginSeconds(lifetimeSeconds, configured);
}

/** Seconds that so large a share of refreshes were not later than. */
export function latenessAt(lateness: Uint32Array, share: number): number {
  const all = lateness.reduce((sum, count) => sum + count, 0);
  let sum = 0;
  return lateness.findIndex((count) => {
    sum += count;
    return sum >= all * share;
  });
}

/** Which share a connection belongs to: neighbours differ. */
export function shareOf(index: number, shares: readonly Share[]): Share {
  return shares[kindOf(index, cumulative(shares))] as Share;
}

function kindOf(index: number, boundaries: readonly number[]): number {
  const at = ((index * 0.618_033_988_75) % 1) * (boundaries.at(-1) ?? 1);
  return boundaries.findIndex((boundary) => at < boundary);
}

function cumulative(shares: readonly Share[]): number[] {
  let sum = 0;
  return shares.map(({ share }) => {
    sum += share;
    return sum;
  });
}
