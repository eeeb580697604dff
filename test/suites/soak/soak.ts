/**
 * The long run of the interleavings: two refreshers with one fault in every order that matters, then random
 * schedules of up to four actors. Prints what it did, and the seed or the steps of anything that failed.
 *
 *   npm run test:soak                     the whole
 *   npm run test:soak -- --seed 4711      one random schedule again
 *   npm run test:soak -- --month          thirty virtual days alone; --days 3 for fewer
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { exploreInterleavings, randomChoices, randomScenario } from '../../support/exploration.ts';
import { violations } from '../../support/refresh-invariants.ts';
import {
  type ActorKind,
  type Aftermath,
  runScenario,
  type Scenario,
} from '../../support/refresh-scenario.ts';
import { runMonth } from './month.ts';

const RANDOM_SCHEDULES = 100_000;
/** Together, or the second when the lease of the first has just ended. */
const SECOND_AFTER_MS = [0, 30_000, 120_001];

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    schedules: { type: 'string' },
    month: { type: 'boolean' },
    days: { type: 'string' },
  },
});
const totals = {
  schedules: 0,
  faults: 0,
  exchanges: 0,
  beyondRule6: 0,
  notBack: 0,
  tokensLost: 0,
  failed: 0,
};

async function check(scenario: Scenario, what: string): Promise<void> {
  const aftermath = await runScenario(scenario);
  totals.schedules += 1;
  totals.faults += aftermath.steps.filter(({ fate }) => fate !== 'ok').length;
  totals.exchanges += aftermath.exchanges.length;
  const found = violations(aftermath);
  if (found.length === 0) return;
  totals.failed += 1;
  totals.beyondRule6 += found.filter((one) => one.includes('sent again')).length;
  totals.notBack += found.filter((one) => one.includes('come to rest')).length;
  totals.tokensLost += found.filter((one) => one.includes('lost')).length;
  if (totals.failed <= 10) console.log(`FAILED ${what}: ${found.join('; ')}\n${story(aftermath)}`);
}

function story({ steps }: Aftermath): string {
  return steps
    .map(({ actor, call, fate }) => `  ${actor}: ${call}${fate === 'ok' ? '' : `  ${fate}`}`)
    .join('\n');
}

async function random(seed: number): Promise<void> {
  await check({ ...randomScenario(seed), choose: randomChoices(seed, 0.2) }, `seed ${seed}`);
}

function progress(what: string): void {
  console.log(
    `${what}: ${totals.schedules} schedules, ${totals.faults} faults, ${totals.exchanges} exchanges, ` +
      `tokens lost ${totals.tokensLost}, sends beyond the rule ${totals.beyondRule6}, not come back ${totals.notBack}, failed ${totals.failed}`,
  );
}

async function month(): Promise<void> {
  const { account, operators, troubles, kills } = await runMonth(Number(values.days ?? 30), console.log);
  const { lost, beyondRule6, notBack, unexcused } = account;
  const failed = [...account.failedExchanges].map(([code, count]) => `${code} ${count}`).join(', ');
  const { p99, most } = account.lateness();
  console.log(
    `${account.refreshes} refreshes, ${troubles.length} troubles, ${kills} ticks killed, ` +
      `${operators.restores} states restored or made anew, ${operators.forced} forced\n` +
      `failed exchanges: ${failed}\n` +
      `answers lost for ever ${account.answersLost}, sessions ended by that or by a kill ${account.ended.size}, ` +
      `sign-ins ${operators.signIns}\n` +
      `expired reads in outages ${account.expiredInTroubles}, in the wait for a lost answer ${account.expiredInWaits}, out of reach ${account.expiredOutOfReach}, after a restore ${account.expiredAfterRestore}\n` +
      `tokens lost ${lost.length}, sends beyond the rule ${beyondRule6.length}, ` +
      `connections that did not come back ${notBack.length}, expired reads outside outages ${unexcused.length}\n` +
      `lateness p99 ${p99.toFixed(0)} s, most ${most.toFixed(0)} s`,
  );
  const found = [lost, beyondRule6, unexcused, notBack].flat();
  for (const line of found.slice(0, 20)) console.log(`FAILED ${line}`);
  if (found.length > 0) totals.failed += 1;
}

/** The month in a process of its own, on another core than the schedules. */
async function monthBeside(): Promise<void> {
  const days = values.days === undefined ? [] : ['--days', values.days];
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), '--month', ...days], {
    stdio: 'inherit',
  });
  const [code] = await once(child, 'exit');
  if (code !== 0) totals.failed += 1;
}

if (values.seed !== undefined) {
  await random(Number(values.seed));
} else if (values.month) {
  await month();
} else {
  const besides = monthBeside();
  for (const actors of [
    ['tick', 'tick'],
    ['tick', 'forced'],
    ['forced', 'forced'],
  ] satisfies ActorKind[][]) {
    for (const [afterMs, ring] of SECOND_AFTER_MS.flatMap((afterMs) =>
      [false, true].map((ring) => [afterMs, ring] as const),
    )) {
      const what = `${actors.join(' and ')} ${afterMs} ms later${ring ? ', in a ring of secrets' : ''}`;
      const scenario = { actors, startAfterMs: [0, afterMs], faults: 1, ring };
      await exploreInterleavings((choose) => check({ ...scenario, choose }, what));
      progress(`every order of ${what}, one fault`);
    }
  }
  const schedules = Number(values.schedules ?? RANDOM_SCHEDULES);
  for (let seed = 1; seed <= schedules; seed += 1) {
    await random(seed);
    if (seed % 20_000 === 0) progress(`${seed} random schedules`);
  }
  await besides;
}
if (!values.month) progress('in all');
process.exitCode = totals.failed === 0 ? 0 : 1;
