import { afterEach, expect, it } from 'vitest';
import { playFailures } from '../../../local/demo/failures.ts';
import { type LocalSystem, startLocalSystem } from '../../../local/system.ts';
import { HandClock } from '../support/hand-clock.ts';
import { runUntil, settled } from '../support/run-until.ts';

const clock = new HandClock();
let system: LocalSystem | undefined;
let told: string[];

async function start(): Promise<LocalSystem> {
  told = [];
  system = await startLocalSystem({
    port: 0,
    tickSeconds: 5,
    lifetimeSeconds: 45,
    dataDirectory: undefined,
    clock,
    reporter: { started: () => {}, show: () => {}, event: () => {}, ended: () => {} },
  });
  return system;
}

afterEach(async () => {
  if (system) await settled(clock, system.stop());
  system = undefined;
});

const play = (running: LocalSystem, signal = new AbortController().signal, lifetimeSeconds = 45) =>
  playFailures({
    system: running,
    lifetimeSeconds,
    clock,
    tell: (text) => told.push(text),
    signal,
  });

it('shows an outage, a wrong secret and a dead refresh token, and no reader meets a token that does not work', async () => {
  const running = await start();
  expect(await settled(clock, play(running))).toBe(true);
  expect(told.map((text) => text.split(/[:.,] /)[0])).toEqual([
    '1 of 3',
    'The endpoint is back',
    '2 of 3',
    'The new secret was stored',
    '3 of 3',
    'Somebody signed in again',
    'That was all',
  ]);
  for (const { health, rejected, reads } of await running.rows()) {
    expect({ health, rejected }).toEqual({ health: 'healthy', rejected: 0 });
    expect(reads).toBeGreaterThan(20);
  }
});

it('says so when a failure is not seen', async () => {
  const running = await start();
  const asItIs = running.rows.bind(running);
  const rows = async () => (await asItIs()).map((row) => ({ ...row, health: 'healthy' as const }));
  // Its patience is some lifetimes.
  expect(await settled(clock, play({ ...running, rows }, undefined, 8))).toBe(false);
  expect(told.at(-1)).toBe('slashid-demo is healthy all the time, which should not be: please report this.');
});

it('ends when the run does', async () => {
  const running = await start();
  const ending = new AbortController();
  const playing = play(running, ending.signal);
  await runUntil(clock, 'it has begun', () => told.length > 0);
  ending.abort();
  expect(await settled(clock, playing)).toBe(false);
});
