import { beforeEach, describe, expect, it } from 'vitest';
import { Secret } from '../../../functions/oauth/secret.ts';
import { STEPS } from '../../../functions/refresh/rules/timing.ts';
import { storeRefreshToken } from '../../../functions/refresh/store-refresh-token.ts';
import { RefreshWorld } from '../../support/refresh-world.ts';

const NAME = 'crm';
let world: RefreshWorld;

beforeEach(async () => {
  world = new RefreshWorld();
  await world.connect(NAME);
});

function store(refreshToken = world.provider.authorize()) {
  const token = { refresh_token: new Secret(refreshToken) };
  return world.clock.run(() => storeRefreshToken(NAME, token, world.ports()));
}

const item = () => world.state.items.get(NAME);

/** Another process's lease, from now on. */
function leaseElsewhere(forMs: number) {
  const now = world.clock.now();
  const lease = { owner: 'other', now, endsAt: now + forMs, attempt: 'other', force: true };
  return world.state.lease(NAME, lease);
}

describe('the lease under which a refresh token is stored', () => {
  it('is had of a connection that is not due, which is due then', async () => {
    world.storeRefreshToken(NAME);
    await world.refresh(NAME);
    const now = world.clock.now();
    expect(item()?.dueAt).toBeGreaterThan(now);
    expect(await store()).toBe('stored');
    expect(item()?.dueAt).toBe(now);
    expect(item()?.lastOutcome).toBe('refreshed');
  });

  it('is had of a paused connection, which stays paused', async () => {
    await world.state.setPaused(NAME, true, world.clock.now());
    const refreshToken = world.provider.authorize();
    expect(await store(refreshToken)).toBe('stored');
    expect(world.storedRefreshToken(NAME)).toBe(refreshToken);
    expect(item()?.paused).toBe(true);
    expect((await world.refresh(NAME)).outcome).toBe('paused');
  });

  it('keeps every refresh away until the token is stored, and none after', async () => {
    const leases: string[] = [];
    world.intercept = async (call, effect) => {
      if (call.method === 'put') leases.push((await leaseElsewhere(STEPS.leaseMs)).kind);
      return effect();
    };
    expect(await store()).toBe('stored');
    expect(leases).toEqual(['busy']);
    expect((await leaseElsewhere(STEPS.leaseMs)).kind).toBe('acquired');
  });

  it('is waited for as long as one refresh may hold it', async () => {
    await leaseElsewhere(STEPS.leaseMs);
    expect(await store()).toBe('stored');
  });

  it('is waited for no longer where others hold it on and on, and nothing is stored', async () => {
    await leaseElsewhere(10 * STEPS.leaseMs);
    const startedAt = world.clock.now();
    expect(await store()).toBe('busy');
    expect(world.clock.now() - startedAt).toBe(STEPS.leaseMs + 1000);
    expect(world.storedRefreshToken(NAME)).toBeUndefined();
    expect(item()?.leaseOwner).toBe('other');
  });
});
