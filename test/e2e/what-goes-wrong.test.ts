import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { canarySecret } from '../support/canary.ts';
import { type Deployment, startDeployment } from '../support/deployment.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const ALL = ['kajabi-demo', 'slashid-demo', 'rotating-demo'];
let deployment: Deployment;

beforeEach(async () => {
  deployment = await startDeployment();
});

afterEach(async () => {
  await deployment[Symbol.asyncDispose]();
});

const stand = async (name: string) => {
  const rows = await deployment.system.rows();
  return rows.find(({ connection }) => connection === name)?.health;
};

/** Ticks every minute until the connection is healthy; how many ticks that took. */
async function ticksUntilHealthy(name: string): Promise<number> {
  for (let ticks = 1; ticks <= 10; ticks += 1) {
    deployment.clock.advance(MINUTE);
    await deployment.tick();
    if ((await stand(name)) === 'healthy') return ticks;
  }
  return Number.POSITIVE_INFINITY;
}

describe('a wrong client secret', () => {
  it('is "misconfigured" in the provider’s words, leaves the others alone, and heals within two ticks', async () => {
    const { system, clock } = deployment;
    const secret = canarySecret('rotated-at-the-provider');
    system.providers.slashid.setClientSecret(secret);
    for (let tick = 0; tick < 8; tick += 1) {
      clock.advance(HOUR / 4);
      await deployment.tick();
    }
    const [result] = await deployment.refreshNow(['slashid-demo'], false);
    expect(result).toMatchObject({ health: 'misconfigured' });
    expect(result?.error?.message).toMatch(/client/i);
    expect(result?.error?.remedy).toContain('evertoken/credentials/slashid-demo');
    expect(await stand('kajabi-demo')).toBe('healthy');
    expect(await stand('rotating-demo')).toBe('healthy');
    await deployment.write('evertoken/credentials/slashid-demo', {
      client_id: 'demo-slashid-client',
      client_secret: secret,
    });
    expect(await ticksUntilHealthy('slashid-demo')).toBeLessThanOrEqual(2);
  });
});

describe('a dead refresh token', () => {
  it('needs reauthorization, and heals when a person has stored another', async () => {
    const { system, clock } = deployment;
    system.providers.rotating.killRefreshTokens();
    clock.advance(2 * HOUR);
    await deployment.tick();
    const [result] = await deployment.refreshNow(['rotating-demo'], false);
    expect(result).toMatchObject({ health: 'needs-reauthorization', error: { code: 'invalid_grant' } });
    await deployment.write('evertoken/refresh-tokens/rotating-demo', {
      refresh_token: await system.providers.rotating.mintRefreshToken(),
    });
    expect(await ticksUntilHealthy('rotating-demo')).toBeLessThanOrEqual(2);
  });

  it('is no trouble for Kajabi, which heals by client credentials in the same refresh', async () => {
    const { system, clock } = deployment;
    clock.advance(2 * MINUTE);
    system.providers.kajabi.killRefreshTokens();
    expect(await deployment.refreshNow(['kajabi-demo'])).toMatchObject([
      { outcome: 'refreshed', health: 'healthy' },
    ]);
    expect(system.providers.kajabi.tokenEndpoint.rejections).toHaveLength(1);
  });
});

describe('what the world sees', () => {
  it('holds no secret: state, events, parameters and what consumers read', async () => {
    const { system, clock } = deployment;
    clock.advance(HOUR);
    await deployment.tick();
    const token = await deployment.read('evertoken/tokens/kajabi-demo');
    expect(Object.keys(token).sort()).toEqual([
      'access_token',
      'expires_at',
      'obtained_at',
      'schema',
      'token_type',
    ]);
    const states = await Array.fromAsync(system.functions.composition.ports.state.list());
    expect(states.map(({ name }) => name).sort()).toEqual([...ALL].sort());
    const { assertNoCanary } = await import('../support/canary.ts');
    assertNoCanary(JSON.stringify(states), 'the state table');
    assertNoCanary(deployment.told.join('\n'), 'the events');
    assertNoCanary(JSON.stringify(system.endpoint.calls.all), 'the call log');
  });
});
