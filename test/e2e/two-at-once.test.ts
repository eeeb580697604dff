import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { describe, expect, it } from 'vitest';
import type { RefreshResult } from '../../functions/refresh/refresh-result.ts';
import { startDeployment } from '../support/deployment.ts';

const PAIRS = 200;
/** 200 rotations must stay under 90 secret writes a day. */
const APART_MS = 20 * 60_000;

describe('two forced refreshes of single-use tokens, started together', () => {
  it('exchange once and answer with the same new expiry, 200 times; the family is never revoked', async () => {
    // A caller waits for 20 s, here 2: longer than a refresh takes on a machine that has much else to do.
    await using deployment = await startDeployment({ speed: 10 });
    const { system, clock } = deployment;
    const client = new LambdaClient({
      endpoint: system.endpoint.url,
      region: 'us-east-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    });
    const invoke = async () => {
      const { Payload } = await client.send(
        new InvokeCommand({
          FunctionName: 'evertoken-refresh-now',
          Payload: JSON.stringify({ connections: ['rotating-demo'], force: true }),
        }),
      );
      return (JSON.parse(Payload?.transformToString() ?? '{}') as { results: RefreshResult[] }).results[0];
    };
    let previous = Date.parse((await deployment.refreshNow(['rotating-demo'], false))[0]?.expiresAt ?? '');
    const exchanges = system.providers.rotating.tokenEndpoint.tokenRequests;
    for (let pair = 0; pair < PAIRS; pair += 1) {
      clock.advance(APART_MS);
      const [one, other] = await Promise.all([invoke(), invoke()]);
      const expiry = Date.parse(one?.expiresAt ?? '');
      expect(expiry).toBe(Date.parse(other?.expiresAt ?? ''));
      expect(expiry).toBeGreaterThan(previous);
      previous = expiry;
    }
    expect(system.providers.rotating.revokedFamilies).toEqual([]);
    expect(system.providers.rotating.tokenEndpoint.tokenRequests - exchanges).toBe(PAIRS);
    client.destroy();
  }, 240_000);
});
