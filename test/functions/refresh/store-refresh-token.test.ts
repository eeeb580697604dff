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

function store(world: RefreshWorld, refreshToken: string, waiting?: () => void, expiresAt?: number) {
  const token = { refresh_token: new Secret(refreshToken), expiresAt };
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

  it('fails with the error of its own store, even where the lease cannot be released', async () => {
    const world = await connected();
    world.intercept = async ({ method }, effect) => {
      if (method === 'put') throw new StoreError('denied', 'AccessDenied', 'no');
      if (method === 'commit') throw new StoreError('transient', 'Throttled', 'later');
      return effect();
    };
    await expect(store(world, canarySecret('brought'))).rejects.toMatchObject({ code: 'AccessDenied' });
  });

  it('is tried by the next tick, though the connection waited for a person', async () => {
    const world = await connected();
    world.storeRefreshToken(NAME);
    world.provider.revokeAll();
    expect((await world.refresh(NAME)).outcome).toBe('needs-reauthorization');
    expect(await store(world, world.provider.authorize())).toBe('stored');
    expect(world.state.items.get(NAME)).toMatchObject({
      lastOutcome: 'retry-later',
      dueAt: world.clock.now(),
    });
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

describe('what is stored of a refresh token', () => {
  const refresh_token = canarySecret('brought');
  const END = Date.UTC(2026, 5, 1);

  it.each([
    ['with its end where that is known', END + 900, { expires_at: END / 1000 }],
    ['without an end that is not known, whatever that of the last one was', undefined, {}],
  ])('is told in seconds, %s', async (_, expiresAt, end) => {
    const world = await connected();
    await store(world, canarySecret('last'), undefined, END - 1);
    world.clock.advance(7_900);
    const obtained_at = Math.floor(world.clock.now() / 1000);
    await store(world, refresh_token, undefined, expiresAt);
    const { content = '' } = world.secrets.get(`refresh-tokens/${NAME}`, {}) ?? {};
    expect(JSON.parse(content)).toEqual({ schema: 1, refresh_token, obtained_at, ...end });
    expect(world.state.items.get(NAME)?.refreshTokenExpiresAt).toBe(expiresAt);
  });
});
