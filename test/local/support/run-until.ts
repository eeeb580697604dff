import { setTimeout as wait } from 'node:timers/promises';
import type { HandClock } from './hand-clock.ts';

const STEP_MS = 100;
const REAL_STEP_MS = 2;
const PATIENCE_MS = 15_000;

/** Lets time pass by the hand clock, in small steps between which real IO goes on, until `holds`. */
export async function runUntil(
  clock: HandClock,
  what: string,
  holds: () => boolean | Promise<boolean>,
): Promise<void> {
  const giveUpAt = Date.now() + PATIENCE_MS;
  while (!(await holds())) {
    if (Date.now() > giveUpAt) throw new Error(`waited in vain until ${what}`);
    await clock.advance(STEP_MS);
    await wait(REAL_STEP_MS);
  }
}

/** Lets time pass until a promise is settled, and answers with what it came to. */
export async function settled<T>(clock: HandClock, promise: Promise<T>): Promise<T> {
  let isSettled = false;
  const done = () => {
    isSettled = true;
  };
  promise.then(done, done);
  await runUntil(clock, 'it has ended', () => isSettled);
  return promise;
}
