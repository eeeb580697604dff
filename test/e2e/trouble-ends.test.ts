import { beforeAll, describe, expect, it } from 'vitest';
import { health } from '../../functions/refresh/rules/health.ts';
import { TestAws } from '../support/aws.ts';
import { assertNoCanary } from '../support/canary.ts';
import { ComposedRefresher } from '../support/composed-refresher.ts';
import { FaultyTokenEndpoint } from '../support/faulty-token-endpoint.ts';
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

/** What a connection came to: how it stood in trouble, and in how many minutes it was healthy after that. */
interface Course {
  readonly health: string;
  readonly healthyAfter: number | undefined;
  readonly isFamilyAlive: boolean;
}

/** All of them in one deployment, each with a token endpoint of its own: a tick is for all. */
async function meetTroubles(): Promise<ReadonlyMap<string, Course>> {
  const clock = new LeapingClock();
  await using aws = await TestAws.startDirect(clock);
  await using refresher = await ComposedRefresher.start(aws, clock);
  await using endpoints = new AsyncDisposableStack();
  const members: { name: string; fault: FaultName; endpoint: FaultyTokenEndpoint }[] = [];
  for (const { name, fault, grants } of cases) {
    const endpoint = await FaultyTokenEndpoint.start(clock);
    endpoints.defer(() => endpoint.stop());
    members.push({ name, fault, endpoint });
    await refresher.declare(name, endpoint, { grants });
  }
  refresher.restart(
    {},
    members.map(({ endpoint }) => new URL(endpoint.url).origin),
  );
  const tick = async () => {
    clock.advance(MINUTE);
    await refresher.tick();
  };
  const standing = async () => {
    const found = new Map<string, string>();
    for await (const state of refresher.ports.state.list()) {
      assertNoCanary(JSON.stringify(state), 'the state');
      found.set(state.name, health(state, clock.now()));
    }
    return found;
  };

  await refresher.reconcile();
  await refresher.tick();
  await refresher.untilDue();
  for (const { endpoint, fault } of members) endpoint.break(fault);
  for (let minutes = 0; minutes < 15; minutes += 1) await tick();
  const inTrouble = await standing();
  for (const { endpoint } of members) endpoint.repair();
  const healthyAfter = new Map<string, number>();
  for (let minutes = 1; minutes <= 5; minutes += 1) {
    await tick();
    for (const [name, how] of await standing()) {
      if (how === 'healthy' && !healthyAfter.has(name)) healthyAfter.set(name, minutes);
    }
  }
  const came = new Map<string, Course>();
  for (const { name, endpoint } of members) {
    // No refresh token was lost or spent twice, and what is stored lives.
    const { refreshToken } = await refresher.stored(name);
    came.set(name, {
      health: inTrouble.get(name) ?? 'not there',
      healthyAfter: healthyAfter.get(name),
      isFamilyAlive: endpoint.doubleSpends === 0 && endpoint.isAlive(refreshToken),
    });
  }
  return came;
}

describe('trouble at the provider ends by itself', () => {
  let came: ReadonlyMap<string, Course>;
  beforeAll(async () => {
    came = await meetTroubles();
  });

  it.each(cases)('$fault for 15 minutes, $grants: healthy within 5 minutes', ({ name }) => {
    const healed = { healthyAfter: expect.any(Number), isFamilyAlive: true };
    expect(came.get(name)).toEqual({ health: 'misconfigured', ...healed });
  });
});
