import { expect, it } from 'vitest';
import { startTicker, type Ticker } from '../../local/ticker.ts';
import { HandClock } from './support/hand-clock.ts';

const withTicker = async (
  work: () => Promise<unknown>,
  scenario: (clock: HandClock, ticker: Ticker, errors: unknown[]) => Promise<void>,
) => {
  const clock = new HandClock();
  const errors: unknown[] = [];
  const ticker = startTicker({ clock, everyMs: 5000, work, onError: (error) => errors.push(error) });
  try {
    await scenario(clock, ticker, errors);
  } finally {
    await ticker.stop();
  }
};

it('works at once and then at each interval', async () => {
  const at: number[] = [];
  await withTicker(
    async () => at.push(0),
    async (clock) => {
      expect(at).toHaveLength(1);
      await clock.advance(4999);
      expect(at).toHaveLength(1);
      await clock.advance(1);
      expect(at).toHaveLength(2);
      await clock.advance(5000);
      expect(at).toHaveLength(3);
    },
  );
});

it('keeps its pace when it wakes late, and makes up for nothing', async () => {
  let ticks = 0;
  await withTicker(
    async () => ticks++,
    async (clock) => {
      await clock.advance(12_000);
      expect(ticks).toBe(2);
      await clock.advance(2999);
      expect(ticks).toBe(2);
      await clock.advance(1);
      expect(ticks).toBe(3);
    },
  );
});

it('is not delayed by a run that takes long, and waits for it at the end', async () => {
  let started = 0;
  let finish = () => {};
  const work = () => {
    started++;
    return new Promise<void>((resolve) => {
      finish = resolve;
    });
  };
  const clock = new HandClock();
  const ticker = startTicker({ clock, everyMs: 5000, work, onError: () => {} });
  const finishFirst = finish;
  await clock.advance(5000);
  expect(started).toBe(2);
  let stopped = false;
  const stopping = ticker.stop().then(() => {
    stopped = true;
  });
  finishFirst();
  await clock.advance(0);
  expect(stopped).toBe(false);
  finish();
  await stopping;
  expect(started).toBe(2);
});

it('tells of a failure and goes on', async () => {
  const failure = new Error('no');
  await withTicker(
    () => Promise.reject(failure),
    async (clock, _, errors) => {
      await clock.advance(5000);
      expect(errors).toEqual([failure, failure]);
    },
  );
});
