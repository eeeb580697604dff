import { randomUUID } from 'node:crypto';
import type { Clock, Random } from '../refresh/ports/outside.ts';

/** The machine's clock. */
export const systemClock: Clock = {
  now: Date.now,
  // Not that of timers/promises, which makes an error with a stack for each sleep that is cut short.
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const wake = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      const timer = setTimeout(wake, Math.max(0, ms));
      signal?.addEventListener('abort', wake);
    }),
};

/** The machine's randomness. */
export const systemRandom: Random = { fraction: Math.random, uuid: randomUUID };
