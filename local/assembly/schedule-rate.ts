import { AssemblyError } from './assembly-error.ts';

const UNIT_MS = { minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const;
const RATE = /^rate\((\d+) (minute|hour|day)s?\)$/;

/** Milliseconds between two runs of a schedule. @throws AssemblyError for any expression but a rate */
export function rateMs(expression: string): number {
  const [, count, unit] = RATE.exec(expression) ?? [];
  if (count === undefined || unit === undefined || Number(count) < 1) {
    throw new AssemblyError(`local mode does not know the schedule ${expression}`);
  }
  return Number(count) * UNIT_MS[unit as keyof typeof UNIT_MS];
}
