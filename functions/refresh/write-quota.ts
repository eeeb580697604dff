import type { Timing } from './timing.ts';

/** Secrets Manager keeps about 100 versions, plus every one younger than a day; beyond that writes fail. */
const MOST_WRITES_A_DAY = 90;
const BUCKETS = 24;

type WritesByHour = Readonly<Record<string, number>>;

const bucketOf = (now: number, timing: Timing) => Math.floor(now / (timing.versionDayMs / BUCKETS));

/** Whether one more version of the secret may be written. `now` in epoch milliseconds. */
export function mayWrite(writes: WritesByHour, now: number, timing: Timing): boolean {
  const recent = recentWrites(writes, now, timing);
  return Object.values(recent).reduce((sum, count) => sum + count, 0) < MOST_WRITES_A_DAY;
}

/** When the oldest counted writes leave the day. */
export function nextWriteAt(writes: WritesByHour, now: number, timing: Timing): number {
  const oldest = Math.min(
    bucketOf(now, timing),
    ...Object.keys(recentWrites(writes, now, timing)).map(Number),
  );
  return (oldest + BUCKETS + 1) * (timing.versionDayMs / BUCKETS);
}

/** The counts with one write more at `now`; hours that have left the day are dropped. */
export function countWrite(writes: WritesByHour, now: number, timing: Timing): WritesByHour {
  const bucket = String(bucketOf(now, timing));
  const recent = recentWrites(writes, now, timing);
  return { ...recent, [bucket]: (recent[bucket] ?? 0) + 1 };
}

function recentWrites(writes: WritesByHour, now: number, timing: Timing): WritesByHour {
  const first = bucketOf(now, timing) - BUCKETS;
  return Object.fromEntries(Object.entries(writes).filter(([bucket]) => Number(bucket) >= first));
}
