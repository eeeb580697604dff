import { beforeAll, describe, expect, it } from 'vitest';
import { TestAws } from '../support/aws.ts';
import { Fleet } from '../support/fleet.ts';
import { LeapingClock } from '../support/leaping-clock.ts';
import type { FaultName } from '../support/token-endpoint-faults.ts';

const MINUTE = 60_000;
const TROUBLES: readonly FaultName[] = [
  '301',
  '401',
  '403',
  '404',
  '405',
  'HTML 403',
  'invalid_scope',
  'a realm that is switched off',
];
const CHAINS = [['refresh_token'], ['client_credentials'], ['refresh_token', 'client_credentials']];
const cases = CHAINS.flatMap((grants) => TROUBLES.map((fault) => ({ fault, grants }))).map((one, index) => ({
  ...one,
  name: `trouble-${index}`,
}));

/** What each connection came to: how it stood in trouble, and in how many minutes it was healthy after that. */
const came = new Map<string, { health: string; healthyAfter?: number; isFamilyAlive?: boolean }>();

describe('trouble at the provider ends by itself', () => {
  beforeAll(async () => {
    const clock = new LeapingClock();
    await using aws = await TestAws.startDirect(clock);
    const connections = new Map(cases.map(({ name, grants }) => [name, { grants }]));
    await using fleet = await Fleet.start(aws, clock, connections);
    const { refresher, members } = fleet;
    const faults = new Map(cases.map(({ name, fault }) => [name, fault]));
    const tick = async () => {
      clock.advance(MINUTE);
      await refresher.tick();
    };

    await refresher.untilDue();
    for (const { name, endpoint } of members) endpoint.break(faults.get(name) as FaultName);
    for (let minutes = 0; minutes < 15; minutes += 1) await tick();
    for (const [name, health] of await fleet.health()) came.set(name, { health });
    for (const { endpoint } of members) endpoint.repair();
    for (let minutes = 1; minutes <= 5; minutes += 1) {
      await tick();
      for (const [name, health] of await fleet.health()) {
        const one = came.get(name);
        if (one && health === 'healthy') one.healthyAfter ??= minutes;
      }
    }
    for (const member of members) {
      const one = came.get(member.name);
      if (one) one.isFamilyAlive = await fleet.isFamilyAlive(member);
    }
  });

  it.each(cases)('$fault for 15 minutes, $grants: healthy within 5 minutes', ({ name }) => {
    const healed = { healthyAfter: expect.any(Number), isFamilyAlive: true };
    expect(came.get(name)).toEqual({ health: 'misconfigured', ...healed });
  });
});
