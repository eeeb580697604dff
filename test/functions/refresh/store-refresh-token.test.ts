import { describe, expect, it } from 'vitest';
import { Secret } from '../../../functions/oauth/secret.ts';
import { StoreError } from '../../../functions/refresh/ports/stores.ts';
import { storeRefreshToken } from '../../../functions/refresh/store-refresh-token.ts';
import { canarySecret } from '../../support/canary.ts';
import { RefreshWorld } from '../../support/refresh-world.ts';

const NAME = 'crm';

async function connected(): Promise<RefreshWorld> {
  const world = new RefreshWorld();
  await world.connect(NAME);
  return world;
}

function store(world: RefreshWorld, refreshToken: string, waiting?: () => void) {
  const token = { refresh_token: new Secret(refreshToken) };
  return world.clock.run(() => storeRefreshToken(NAME, token, world.ports(), waiting));
}

describe('a refresh token that a person brings', () => {
  it('leaves no attempt open when it could not be stored', async () => {
    const world = await connected();
    world.intercept = async ({ port, method }, effect) => {
      if (port === 'refreshTokens' && method === 'put') throw new StoreError('denied', 'AccessDenied', 'no');
      return effect();
    };
    await expect(store(world, canarySecret('brought'))).rejects.toMatchObject({ code: 'AccessDenied' });
    const { attempt, leaseOwner } = world.state.items.get(NAME) ?? {};
    expect({ attempt, leaseOwner }).toEqual({ attempt: undefined, leaseOwner: undefined });
  });

  it('is tried by the next tick, though the connection waited for a person', async () => {
    const world = await connected();
    world.storeRefreshToken(NAME);
    world.provider.revokeAll();
    expect((await world.refresh(NAME)).outcome).toBe('needs-reauthorization');
    expect(await store(world, world.provider.authorize())).toBe('stored');
    expect((await world.refresh(NAME)).outcome).toBe('refreshed');
    expect(world.provider.doubleSpends).toEqual([]);
  });

  it('waits for a refresh that holds the lease, says so once, and overtakes what that left', async () => {
    const world = await connected();
    const now = world.clock.now();
    const lease = { owner: 'o', now, endsAt: now + 30_000, attempt: 'left-open', force: true };
    await world.state.lease(NAME, lease);
    let told = 0;
    const brought = world.provider.authorize();
    expect(await store(world, brought, () => (told += 1))).toBe('stored');
    expect(told).toBe(1);
    expect(world.clock.now() - now).toBeGreaterThanOrEqual(30_000);
    expect(world.state.items.get(NAME)?.attempt).toBeUndefined();
    expect((await world.refresh(NAME)).outcome).toBe('refreshed');
    expect(world.provider.exchanges.at(-1)?.refreshToken).toBe(brought);
  });

  it('of a connection that nobody registered is stored nowhere', async () => {
    expect(await store(new RefreshWorld(), canarySecret('brought'))).toBe('unknown');
  });
});
