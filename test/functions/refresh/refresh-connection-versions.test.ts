import { describe, expect, it } from 'vitest';
import { canarySecret } from '../../support/canary.ts';
import {
  beginEachTestAnew,
  current,
  isExchange,
  isPut,
  item,
  MINUTE,
  refreshed,
  world,
} from './crm-world.ts';

beginEachTestAnew();

describe('version rules', () => {
  it('takes the token that a person stored over the one that the state names', async () => {
    await refreshed();
    const signedIn = world.provider.authorize();
    world.clock.advance(1);
    world.storeRefreshToken('crm', signedIn);
    await world.refreshWhenDue('crm');
    expect(world.provider.exchanges.at(-1)?.refreshToken).toBe(signedIn);
  });

  it('reads again when two reads contradict each other about what is current', async () => {
    await refreshed();
    world.clock.advance(55 * MINUTE);
    const signedIn = world.provider.authorize();
    world.storeRefreshToken('crm', signedIn);
    let reads = 0;
    world.intercept = (call, effect) => {
      reads += call.port === 'refreshTokens' && call.method === 'read' ? 1 : 0;
      return reads === 2 ? world.secrets.lagging(effect) : effect();
    };
    expect((await world.refresh('crm')).outcome).toBe('refreshed');
    expect(world.provider.exchanges.at(-1)?.refreshToken).toBe(signedIn);
  });

  it('spends nothing while the newest version cannot be seen', async () => {
    await refreshed();
    await world.refreshWhenDue('crm');
    const newest = item()?.refreshTokenVersionId;
    const stale = world.secrets.versions('refresh-tokens/crm').at(-2);
    world.intercept = async (call, effect) => {
      if (call.port !== 'refreshTokens' || call.method !== 'read') return effect();
      const answer = (await effect()) as { versionId?: string; value?: object } | undefined;
      if (answer?.versionId !== newest) return answer as Awaited<ReturnType<typeof effect>>;
      return (stale && call.connection && undefined) as Awaited<ReturnType<typeof effect>>;
    };
    const sent = world.provider.exchanges.length;
    expect(await world.refreshWhenDue('crm')).toMatchObject({
      outcome: 'retry-later',
      error: { code: 'refresh_token_not_visible' },
    });
    expect(world.provider.exchanges).toHaveLength(sent);
  });

  it('spends nothing when another refresh token becomes current between the read and the proof', async () => {
    await refreshed();
    await world.refreshWhenDue('crm');
    const signedIn = world.provider.authorize();
    const sent = world.provider.exchanges.length;
    let stored = false;
    world.intercept = async (call, effect) => {
      if (call.method === 'prove' && !stored) {
        stored = true;
        world.clock.advance(1);
        world.storeRefreshToken('crm', signedIn);
      }
      return effect();
    };
    expect(await world.refreshWhenDue('crm')).toMatchObject({ error: { code: 'refresh_token_replaced' } });
    expect(world.provider.exchanges).toHaveLength(sent);
    expect((await world.refreshWhenDue('crm')).outcome).toBe('refreshed');
    expect(world.provider.exchanges.at(-1)?.refreshToken).toBe(signedIn);
  });

  it('passes over a straggler: the late write of a refresh that had lost its lease', async () => {
    await refreshed();
    await world.refreshWhenDue('crm');
    await world.refreshWhenDue('crm');
    const named = world.storedRefreshToken('crm');
    const { replaces } = JSON.parse(current()?.content ?? '{}') as { replaces?: string };
    world.clock.advance(1);
    const late = { refresh_token: canarySecret('straggler'), obtained_at: 1, attempt: 'late', replaces };
    world.secrets.put('refresh-tokens/crm', JSON.stringify(late), 'late');
    const sent = world.provider.exchanges.length;
    expect((await world.refreshWhenDue('crm')).outcome).toBe('refreshed');
    expect(world.provider.exchanges.slice(sent).map(({ refreshToken }) => refreshToken)).toEqual([named]);
  });

  it('goes on with what is stored when the newest version has been gone for ten minutes', async () => {
    await refreshed();
    await world.refreshWhenDue('crm');
    const newest = item()?.refreshTokenVersionId;
    const alive = world.storedRefreshToken('crm');
    world.intercept = async (call, effect) => {
      const answer = await effect();
      const isNewest = (answer as { versionId?: string } | undefined)?.versionId === newest;
      return (call.port === 'refreshTokens' && call.method === 'read' && isNewest ? undefined : answer) as
        | Awaited<ReturnType<typeof effect>>
        | never;
    };
    expect(await world.refreshWhenDue('crm')).toMatchObject({ error: { code: 'refresh_token_not_visible' } });
    for (let tries = 0; tries < 30 && item()?.lastErrorCode === 'refresh_token_not_visible'; tries += 1) {
      await world.refreshWhenDue('crm');
    }
    expect(item()).toMatchObject({ lastOutcome: 'needs-reauthorization', lastErrorCode: 'no_refresh_token' });
    world.intercept = (_, effect) => effect();
    world.storeRefreshToken('crm', alive);
    expect((await world.refreshWhenDue('crm')).outcome).toBe('refreshed');
  });

  it('quirk 53: adopts another writer’s token on invalid_grant, and tries it once', async () => {
    await refreshed();
    const signedIn = world.provider.authorize();
    world.provider.revokeAll();
    const alive = world.provider.authorize();
    let stored = false;
    world.intercept = async (call, effect) => {
      if (isExchange(call) && !stored) {
        stored = true;
        world.clock.advance(1);
        world.storeRefreshToken('crm', alive);
      }
      return effect();
    };
    expect((await world.refreshWhenDue('crm')).outcome).toBe('refreshed');
    expect(world.provider.exchanges.at(-1)?.refreshToken).toBe(alive);
    expect(signedIn).not.toBe(alive);
  });

  it('tries a person’s token that a refresh displaced when its own is refused', async () => {
    await refreshed();
    const signedIn = world.provider.authorize();
    let stored = false;
    world.intercept = async (call, effect) => {
      if (isPut(call) && !stored) {
        stored = true;
        world.storeRefreshToken('crm', signedIn);
      }
      return effect();
    };
    expect((await world.refreshWhenDue('crm')).outcome).toBe('refreshed');
    world.provider.revokeAll();
    const displaced = world.secrets.get('refresh-tokens/crm', { stage: 'AWSPREVIOUS' });
    expect(displaced?.content).toContain(signedIn);
    await world.refreshWhenDue('crm');
    expect(world.provider.exchanges.at(-1)?.refreshToken).toBe(signedIn);
  });
});

describe('the chain of grants', () => {
  it('quirk 54: heals by client credentials when the refresh token is dead, and sends the dead one no sooner than an hour later', async () => {
    await refreshed('crm', { grants: ['refresh_token', 'client_credentials'] });
    world.provider.revokeAll();
    world.provider.mintsRefreshTokens = false;
    const dead = world.storedRefreshToken('crm');
    for (let round = 0; round < 3; round += 1)
      expect((await world.refreshWhenDue('crm')).outcome).toBe('refreshed');
    const sentAt = world.provider.exchanges
      .filter(({ refreshToken }) => refreshToken === dead)
      .map(({ at }) => at);
    expect(sentAt).toHaveLength(2);
    expect((sentAt[1] ?? 0) - (sentAt[0] ?? 0)).toBeGreaterThanOrEqual(60 * MINUTE);
  });

  it('mints first where no refresh token is stored, and keeps the one that comes with it', async () => {
    await world.connect('crm', { grants: ['refresh_token', 'client_credentials'] });
    expect((await world.refresh('crm')).outcome).toBe('refreshed');
    await world.refreshWhenDue('crm');
    expect(world.provider.exchanges.map(({ grantType }) => grantType)).toEqual([
      'client_credentials',
      'refresh_token',
    ]);
  });

  it('does not rely on a refresh token that came with a password', async () => {
    await world.connect('crm', { provider: 'password-only', grants: ['refresh_token', 'password'] });
    await world.refresh('crm');
    expect(world.storedRefreshToken('crm')).toBeUndefined();
    await world.refreshWhenDue('crm');
    expect(world.provider.exchanges.map(({ grantType }) => grantType)).toEqual(['password', 'password']);
  });
});
