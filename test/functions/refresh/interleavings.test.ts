import { describe, expect, it } from 'vitest';
import { exploreAll, randomChoices, randomScenario } from '../../support/exploration.ts';
import { violations } from '../../support/refresh-invariants.ts';
import { type ActorKind, runScenario, type Scenario } from '../../support/refresh-scenario.ts';

/** Runs one schedule; a violation is thrown with every step that led to it. */
async function check(scenario: Scenario, what: string): Promise<void> {
  const aftermath = await runScenario(scenario);
  const found = violations(aftermath);
  if (found.length === 0) return;
  const steps = aftermath.steps.map(
    ({ actor, call, fate }) => `  ${actor}: ${call} ${fate === 'ok' ? '' : fate}`,
  );
  throw new Error([`${what}: ${found.join('; ')}`, ...steps].join('\n'));
}

describe('one refresher', () => {
  it.each(['tick', 'forced'] as const)(
    'survives every single and double fault: %s',
    async (kind) => {
      const runs = await exploreAll((choose) => check({ actors: [kind], faults: 2, choose }, kind));
      expect(runs).toBeGreaterThan(200);
    },
    60_000,
  );
});

describe('two actors at once', () => {
  it.each([
    ['tick', 'forced'],
    ['forced', 'forced'],
    ['tick', 'authorize'],
    ['tick', 'edit'],
  ] satisfies ActorKind[][])(
    'survive one fault with at most two preemptions: %s and %s',
    async (...actors) => {
      const scenario = { actors, faults: 1, preemptions: 2 };
      const runs = await exploreAll((choose) => check({ ...scenario, choose }, actors.join(' and ')));
      expect(runs).toBeGreaterThan(200);
    },
    60_000,
  );
});

describe('random schedules', () => {
  it('of two to four actors hold, 5,000 of them', async () => {
    for (let seed = 1; seed <= 5_000; seed += 1) {
      await check({ ...randomScenario(seed), choose: randomChoices(seed, 0.08) }, `seed ${seed}`);
    }
  }, 120_000);
});
