import { describe, expect, it } from 'vitest';
import { StoreError, type StoreErrorKind } from '../../../functions/refresh/ports/stores.ts';
import { retryUntil, withDeadline } from '../../../functions/refresh/retry-until.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';
import { NOW, SECOND } from './state-of.ts';

const transient = new StoreError('transient', 'Throttled', 'slow down');

interface Given {
  readonly fraction?: number;
  readonly until?: number;
  readonly signal?: AbortSignal;
  readonly clock?: VirtualClock;
}

/** Repeats `write`, which is told how often it was called before, and notes when. */
async function repeat(write: (tries: number, signal: AbortSignal) => unknown, given: Given = {}) {
  const { fraction = 1, until = NOW + 60 * SECOND, clock = new VirtualClock(NOW) } = given;
  const { signal = new AbortController().signal } = given;
  const random = { fraction: () => fraction, uuid: () => '' };
  const at: number[] = [];
  const failure = await clock.run(() =>
    retryUntil({ clock, random }, { until, signal }, async (options) => {
      at.push(clock.now() - NOW);
      await write(at.length - 1, options.signal as AbortSignal);
    }),
  );
  return { failure, at, endedAt: clock.now() - NOW };
}

describe('a write that may be repeated', () => {
  it('is made once when it succeeds', async () => {
    expect(await repeat(() => undefined)).toEqual({ failure: undefined, at: [0], endedAt: 0 });
  });

  it('is repeated after 200 ms, then twice as long up to 5 s', async () => {
    const { failure, at } = await repeat((tries) => {
      if (tries < 8) throw transient;
    });
    expect(failure).toBeUndefined();
    expect(at.map((ms, index) => ms - (at[index - 1] ?? 0))).toEqual([
      0, 200, 400, 800, 1600, 3200, 5000, 5000, 5000,
    ]);
  });

  it('has half of each wait as jitter', async () => {
    const waits = async (fraction: number) => {
      const { at } = await repeat((tries) => tries < 2 && Promise.reject(transient), { fraction });
      return at;
    };
    expect(await waits(0)).toEqual([0, 100, 300]);
    expect(await waits(0.5)).toEqual([0, 150, 450]);
  });

  it.each<StoreErrorKind>(['denied', 'missing', 'conflict', 'limit', 'malformed'])(
    'is given up at once when it is refused for good: %s',
    async (kind) => {
      const refused = new StoreError(kind, 'No', 'no');
      const { failure, at } = await repeat(() => Promise.reject(refused));
      expect(failure).toBe(refused);
      expect(at).toEqual([0]);
    },
  );

  it('is given up when the next try would come no earlier than the end', async () => {
    const always = () => Promise.reject(transient);
    expect((await repeat(always, { until: NOW + 600 })).at).toEqual([0, 200]);
    expect((await repeat(always, { until: NOW + 601 })).at).toEqual([0, 200, 600]);
    expect((await repeat(always, { until: NOW + 601 })).failure).toBe(transient);
  });

  it('is aborted when its end comes while it is under way', async () => {
    const clock = new VirtualClock(NOW);
    const hang = async (_: number, signal: AbortSignal) => {
      await clock.sleep(3_600_000, signal);
      if (signal.aborted) throw transient;
    };
    const { failure, endedAt } = await repeat(hang, { clock, until: NOW + 7 * SECOND });
    expect(failure).toBe(transient);
    expect(endedAt).toBe(7 * SECOND);
  });

  it('is not repeated when all of the refresh is aborted', async () => {
    const aborted = new AbortController();
    const { failure, at } = await repeat(
      () => {
        aborted.abort();
        throw transient;
      },
      { signal: aborted.signal },
    );
    expect(failure).toBe(transient);
    expect(at).toEqual([0]);
  });

  it('lets through what is no failure of a store', async () => {
    await expect(repeat(() => Promise.reject(new TypeError('a bug')))).rejects.toThrow('a bug');
  });
});

describe('work with a deadline', () => {
  const within = (ms: number, work: (signal: AbortSignal, clock: VirtualClock) => Promise<unknown>) => {
    const clock = new VirtualClock(NOW);
    return clock.run(() => withDeadline(NOW + ms, { clock }, (signal) => work(signal, clock)));
  };

  it('is told when its time is over', async () => {
    const ended = await within(SECOND, async (signal, clock) => {
      await clock.sleep(SECOND - 1);
      const before = signal.aborted;
      await clock.sleep(2);
      const { name, message } = signal.reason as Error;
      return [before, signal.aborted, name, message];
    });
    expect(ended).toEqual([false, true, 'TimeoutError', expect.stringContaining('time')]);
  });

  it('is not told so afterwards', async () => {
    const clock = new VirtualClock(NOW);
    let kept: AbortSignal | undefined;
    const done = await clock.run(() =>
      withDeadline(NOW + SECOND, { clock }, async (signal) => {
        kept = signal;
        return 'done';
      }),
    );
    await clock.run(() => clock.sleep(2 * SECOND));
    expect(done).toBe('done');
    expect(kept?.aborted).toBe(false);
  });

  it('is told too when what it belongs to is aborted', async () => {
    const clock = new VirtualClock(NOW);
    const parent = new AbortController();
    const isAborted = await clock.run(() =>
      withDeadline(NOW + SECOND, { clock, parent: parent.signal }, async (signal) => {
        parent.abort();
        return signal.aborted;
      }),
    );
    expect(isAborted).toBe(true);
    expect(clock.now()).toBe(NOW);
  });

  it('lets its error through, and waits for nothing then', async () => {
    await expect(within(SECOND, () => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
  });
});
