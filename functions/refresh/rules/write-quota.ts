import type { Timing } from './timing.ts';

/** Secrets Manager keeps about 100 versions, plus every one younger than a day; beyond that writes fail. */
export const MOST_WRITES_A_DAY = 90;
const BUCKETS = 24;

/** Versions of a day that are counted together, and how many there may be. */
export interface WriteAccount {
  readonly writes: WritesByHour;
  readonly most: number;
}

export type WritesByHour = Readonly<Record<string, number>>;

const bucketMs = (timing: Timing) => timing.versionDayMs / BUCKETS;

/** Whether one more version of the secret may be written. `now` in epoch milliseconds. */
export function mayWrite(writes: WritesByHour, now: number, timing: Timing): boolean {
  return writesOfTheDay(writes, now, timing) < MOST_WRITES_A_DAY;
}

/** How many more versions may be written now, where they are the fewest. `now` in epoch milliseconds. */
export function writesLeft(accounts: readonly WriteAccount[], now: number, timing: Timing): number {
  const left = accounts.map(({ writes, most }) => most - Math.ceil(writesOfTheDay(writes, now, timing)));
  return Math.max(0, Math.min(MOST_WRITES_A_DAY, ...left));
}

/**
 * Whether one more version now leaves room for one every `everyMs` over the day that follows, while those of
 * the day before leave it.
 */
export function leavesRoomFor(
  { writes, most }: WriteAccount,
  everyMs: number,
  now: number,
  timing: Timing,
): boolean {
  for (let hour = 0; hour <= BUCKETS; hour += 1) {
    const laterMs = hour * bucketMs(timing);
    const meanwhile = Math.ceil(laterMs / everyMs);
    if (writesOfTheDay(writes, now + laterMs, timing) + 1 + meanwhile > most) return false;
  }
  return true;
}

/** When enough of the counted writes will have left the day. */
export function nextWriteAt(writes: WritesByHour, now: number, timing: Timing): number {
  const stepMs = bucketMs(timing) / 12;
  let at = now;
  while (!mayWrite(writes, at, timing)) at += stepMs;
  return Math.ceil(at);
}

/** The counts with one write more at `now`; hours that have left the day are dropped. */
export function countWrite(writes: WritesByHour, now: number, timing: Timing): WritesByHour {
  const current = Math.floor(now / bucketMs(timing));
  const recent = Object.entries(writes).filter(([bucket]) => Number(bucket) >= current - BUCKETS);
  return { ...Object.fromEntries(recent), [current]: (writes[current] ?? 0) + 1 };
}

/** Writes within a day before `now`. The hour in which the day began counts as far as it still belongs to it. */
export function writesOfTheDay(writes: WritesByHour, now: number, timing: Timing): number {
  const position = now / bucketMs(timing);
  const current = Math.floor(position);
  return Object.entries(writes).reduce((sum, [bucket, count]) => {
    const age = current - Number(bucket);
    if (age > BUCKETS) return sum;
    return sum + (age === BUCKETS ? count * (1 - (position - current)) : count);
  }, 0);
}
