import { expect, it } from 'vitest';
import { redraw } from '../../../cli/text/redraw.ts';
import { screenOn } from '../../../cli/text/screen.ts';
import { statusList } from '../../../cli/text/status-list.ts';
import { systemRandom } from '../../../functions/handlers/system-clock.ts';
import { fleet, NOW } from './support/connection-statuses.ts';
import { SmallTerminal } from './support/small-terminal.ts';

/** Watches a fleet on a terminal; `meanwhile` happens between two looks. */
async function watch(terminal: SmallTerminal, meanwhile: readonly (() => void)[]): Promise<number> {
  const screen = screenOn(terminal, { env: { NO_COLOR: '1' }, random: systemRandom });
  const person = new AbortController();
  const left = [...meanwhile];
  let looks = 0;
  const look = async () => {
    looks += 1;
    return {
      draw: () =>
        statusList(fleet(), {
          now: NOW,
          paint: screen.paint,
          width: screen.columns,
          registered: 303,
          notices: [],
          pulse: '',
        }),
    };
  };
  const sleep = async () => {
    left.shift()?.();
    if (left.length === 0) person.abort();
  };
  await redraw(screen, look, { everyMs: 1, clock: { now: () => NOW, sleep }, signal: person.signal });
  return looks;
}

it.each([
  [24, 80],
  [50, 200],
  [10, 40],
  [5, 40],
])('a fleet is seen from its beginning in %i rows and %i columns', async (rows, columns) => {
  const terminal = new SmallTerminal(rows, columns);
  await watch(terminal, [() => undefined, () => undefined]);
  expect(terminal.scrolled).toBe(0);
  expect(terminal.screen.join('')).toContain('294 need a human.');
  if (rows >= 10) expect(terminal.screen[1]).toMatch(/^crm-\d+ +misconfigured +expired/);
  expect(terminal.screen.join('\n')).toMatch(/… and \d+ more connections/);
});

it('another size is drawn for at once, whole, without another look', async () => {
  const terminal = new SmallTerminal(24, 80);
  const seen: string[][] = [];
  const looks = await watch(terminal, [
    () => {
      terminal.resize(40, 44);
      seen.push([...terminal.screen]);
      terminal.resize(12, 100);
      seen.push([...terminal.screen]);
    },
  ]);
  expect(looks).toBe(1);
  expect(terminal.scrolled).toBe(0);
  const [tall = [], wide = []] = seen;
  expect(tall[0]).toMatch(/^connection +health +expires in$/);
  expect(tall.length).toBeGreaterThan(30);
  expect(wide[0]).toMatch(/^connection +health +expires in +next refresh +last outcome$/);
  expect(wide.length).toBeLessThanOrEqual(12);
});

it('nobody listens to the size of the terminal in the end', async () => {
  const terminal = new SmallTerminal(24, 80);
  await watch(terminal, [() => undefined, () => undefined, () => undefined]);
  expect(terminal.listeners).toBe(0);
});
