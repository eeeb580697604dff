import { describe, expect, it } from 'vitest';
import { startDeployment } from '../support/deployment.ts';

const HOUR = 3_600_000;

describe('what a warm refresh asks of AWS', () => {
  it.each([
    ['slashid-demo', 3, ['UpdateItem', 'PutSecretValue', 'UpdateItem']],
    [
      'rotating-demo',
      6,
      ['UpdateItem', 'GetSecretValue', 'PutSecretValue', 'PutSecretValue', 'PutSecretValue', 'UpdateItem'],
    ],
  ])('is for %s at most %i calls', async (name, most, operations) => {
    await using deployment = await startDeployment();
    const { system, clock } = deployment;
    await deployment.refreshNow([name]);
    // Past the minute in which a forced refresh finds the token fresh; credentials stay warm for five.
    clock.advance(HOUR / 20);
    await deployment.refreshNow([name]);
    clock.advance(61_000);
    await system.endpoint.idle();
    system.endpoint.calls.reset();
    const [result] = await deployment.refreshNow([name]);
    expect(result?.outcome).toBe('refreshed');
    const calls = system.endpoint.calls.all
      // The consumer beside it reads every token each second.
      .filter(
        ({ operation, resource }) => !(operation === 'GetSecretValue' && resource?.includes('/tokens/')),
      )
      // Telling and remembering come after the refresh, once for all that a function did.
      .filter(({ operation }) => operation !== 'PutEvents' && operation !== 'BatchWriteItem')
      .map(({ operation }) => operation);
    expect(calls).toEqual(operations);
    expect(calls.length).toBeLessThanOrEqual(most);
  });
});
