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
    // By the hour, as most tokens are refreshed: the credentials are known since the first.
    clock.advance(HOUR);
    await deployment.refreshNow([name], false);
    clock.advance(HOUR);
    await system.endpoint.idle();
    system.endpoint.calls.reset();
    const [result] = await deployment.refreshNow([name], false);
    expect(result?.outcome).toBe('refreshed');
    const calls = system.endpoint.calls.all
      // The consumer beside it reads every token each second.
      .filter(
        ({ operation, resource }) => !(operation === 'GetSecretValue' && resource?.includes('/tokens/')),
      )
      // Telling and remembering come after the refresh, once for all that a function did.
      .filter(({ operation }) => operation !== 'PutEvents' && operation !== 'BatchWriteItem')
      // Rescues are listed once in five minutes, for all connections.
      .filter(({ operation }) => operation !== 'GetParametersByPath')
      .map(({ operation }) => operation);
    expect(calls).toEqual(operations);
    expect(calls.length).toBeLessThanOrEqual(most);
  });
});
