import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { Clock, Random } from '../refresh/ports/outside.ts';

/** The machine's clock. */
export const systemClock: Clock = {
  now: Date.now,
  sleep: (ms, signal) =>
    wait(Math.max(0, ms), undefined, signal && { signal }).catch((error: Error) => {
      if (error.name !== 'AbortError') throw error;
    }),
};

/** The machine's randomness. */
export const systemRandom: Random = { fraction: Math.random, uuid: randomUUID };
