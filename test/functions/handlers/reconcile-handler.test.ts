import type { Context } from 'aws-lambda';
import { expect, it } from 'vitest';
import { type Composition, createLogger } from '../../../functions/handlers/composition.ts';
import { reconcileHandler } from '../../../functions/handlers/reconcile.ts';
import { declaring } from '../../support/declaring.ts';
import { quietOutput } from '../../support/quiet-output.ts';
import { RefreshWorld, ROTATING } from '../../support/refresh-world.ts';

const SCHEDULED = { version: '0', 'detail-type': 'Scheduled Event', source: 'aws.scheduler', detail: '{}' };
const DEPLOYED = { version: '0', 'detail-type': 'Parameter Store Change', source: 'aws.ssm', detail: {} };

it.each([
  ['the schedule', SCHEDULED, 300, []],
  ['a deployment', DEPLOYED, 300, ['crm']],
  ['a person', {}, 300, ['crm']],
  ['nothing at all', null, 300, ['crm']],
  ['a deployment that leaves no time', DEPLOYED, 20, []],
])('lists what is many at the bidding of %s', async (_, event, seconds, registered) => {
  using _output = quietOutput();
  const world = new RefreshWorld();
  const now = world.clock.now();
  await world.state.keepListing({ startedAt: now, keptAt: now, declared: 50_000 });
  const ports = { ...world.ports(), ...declaring(new Map([['crm', ROTATING]])) };
  const metrics = { flush: () => undefined };
  const composition = { ports, metrics, logger: createLogger() } as unknown as Composition;
  const context = { invokedFunctionArn: '', getRemainingTimeInMillis: () => seconds * 1_000 } as Context;
  const result = await reconcileHandler(() => composition)(event, context);
  expect(result.registered).toEqual(registered);
});
