import { expect, it } from 'vitest';
import { createWritePace } from '../../../../functions/aws/secrets/write-pace.ts';
import { VirtualClock } from '../../../support/virtual-clock.ts';

it('spaces writes that come at once, in the order in which they came', async () => {
  const clock = new VirtualClock(0);
  const pace = createWritePace({ perSecond: 20, clock });
  const turns: [number, number][] = [];
  await clock.run(() =>
    Promise.all(
      Array.from({ length: 5 }, (_, index) => pace.turn().then(() => turns.push([index, clock.now()]))),
    ),
  );
  expect(turns).toEqual([
    [0, 0],
    [1, 50],
    [2, 100],
    [3, 150],
    [4, 200],
  ]);
});

it('does not keep a writer waiting who comes after a pause', async () => {
  const clock = new VirtualClock(0);
  const pace = createWritePace({ perSecond: 1, clock });
  await pace.turn();
  clock.advance(1_000);
  await pace.turn();
  expect(clock.now()).toBe(1_000);
});

it('saves no turns up while nobody writes', async () => {
  const clock = new VirtualClock(0);
  const pace = createWritePace({ perSecond: 2, clock });
  clock.advance(60_000);
  await clock.run(() => Promise.all([pace.turn(), pace.turn(), pace.turn()]));
  expect(clock.now()).toBe(61_000);
});

it('lets a writer go whose call is aborted', async () => {
  const clock = new VirtualClock(0);
  const pace = createWritePace({ perSecond: 1, clock });
  await pace.turn();
  const abort = new AbortController();
  const waiting = pace.turn({ signal: abort.signal });
  abort.abort();
  await waiting;
  expect(clock.now()).toBe(0);
});

it('lets several writes of one turn through at once, and the next that much later', async () => {
  const clock = new VirtualClock();
  const pace = createWritePace({ perSecond: 20, clock });
  const start = clock.now();
  await pace.turn({ writes: 2 });
  expect(clock.now()).toBe(start);
  await clock.run(() => pace.turn());
  expect(clock.now()).toBe(start + 100);
});
