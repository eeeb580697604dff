import { describe, expect, it } from 'vitest';
import { TokenError } from '../../../functions/oauth/token-error.ts';
import {
  beginEachTestAnew,
  denied,
  failWhen,
  isExchange,
  isPut,
  item,
  MINUTE,
  refreshed,
  transient,
  world,
} from './crm-world.ts';

beginEachTestAnew();

describe('the way back', () => {
  it('spends nothing when the refresh token could not be stored afterwards', async () => {
    await refreshed();
    failWhen(({ method }) => method === 'prove', denied);
    const result = await world.refreshWhenDue('crm');
    expect(result).toMatchObject({ outcome: 'misconfigured', error: { code: 'AccessDeniedException' } });
    expect(world.provider.exchanges).toHaveLength(1);
    world.intercept = (_, effect) => effect();
    expect((await world.refreshWhenDue('crm')).outcome).toBe('refreshed');
  });

  it('spends nothing with less than 75 s left of the function', async () => {
    await refreshed();
    world.functionTimeMs = 74_999;
    expect(await world.refreshWhenDue('crm')).toMatchObject({
      outcome: 'retry-later',
      error: { code: 'too_little_time' },
    });
    expect(world.provider.exchanges).toHaveLength(1);
    world.functionTimeMs = 75_000;
    expect((await world.refreshWhenDue('crm')).outcome).toBe('refreshed');
  });

  it('spends nothing at 90 writes a day, and goes on when the first of them is a day old', async () => {
    await refreshed();
    const hour = Math.floor(world.clock.now() / 3_600_000);
    await world.state.lease('crm', { owner: 'x', now: 0, endsAt: 0, attempt: 'x', force: true });
    await world.state.commit('crm', 'x', { writesByHour: { [hour]: 90 }, attempt: null });
    const result = await world.refreshWhenDue('crm');
    expect(result).toMatchObject({ outcome: 'retry-later', error: { code: 'version_quota' } });
    expect(world.provider.exchanges).toHaveLength(1);
    expect((await world.refreshWhenDue('crm')).outcome).toBe('refreshed');
    expect(world.clock.now()).toBeLessThanOrEqual((hour + 26) * 3_600_000);
  });

  it('falls back on a grant that spends nothing', async () => {
    await refreshed('crm', { grants: ['refresh_token', 'client_credentials'] });
    failWhen(({ method }) => method === 'prove', denied);
    expect((await world.refreshWhenDue('crm')).outcome).toBe('refreshed');
    expect(world.provider.exchanges.at(-1)?.grantType).toBe('client_credentials');
  });
});

describe('an exchange without an answer', () => {
  const noAnswer = () => new TokenError('unanswered', 'timeout', 'the provider did not answer in time');

  it('quirk 51: keeps the attempt open, waits two minutes and sends the stored token once', async () => {
    await refreshed();
    failWhen(isExchange, noAnswer);
    const sentAt = world.clock.now();
    expect(await world.refreshWhenDue('crm')).toMatchObject({
      outcome: 'retry-later',
      error: { code: 'timeout' },
    });
    const attemptAt = item()?.attemptAt ?? sentAt;
    world.intercept = (_, effect) => effect();
    const waiting = await world.refreshWhenDue('crm');
    // It says still what left it open.
    expect(waiting).toMatchObject({ outcome: 'retry-later', error: { code: 'timeout' } });
    expect(world.provider.exchanges).toHaveLength(1);
    expect((await world.refreshWhenDue('crm')).outcome).toBe('refreshed');
    expect(world.clock.now()).toBeGreaterThanOrEqual(attemptAt + 2 * MINUTE);
    expect(item()).not.toHaveProperty('attempt');
  });

  it('ends in needs-reauthorization when the token turns out to be spent, and is not sent again', async () => {
    await refreshed();
    failWhen(isExchange, noAnswer, { afterEffect: true });
    await world.refreshWhenDue('crm');
    world.intercept = (_, effect) => effect();
    await world.refreshWhenDue('crm');
    expect(await world.refreshWhenDue('crm')).toMatchObject({
      outcome: 'needs-reauthorization',
      error: { code: 'invalid_grant' },
    });
    const sent = world.provider.exchanges.length;
    for (let look = 0; look < 10; look += 1) await world.refreshWhenDue('crm');
    expect(world.provider.exchanges).toHaveLength(sent);
    expect(world.events.map(({ detailType }) => detailType)).toContain('Connection Needs Attention');
  });

  it('quirk 51: is sent again at once only inside the grace that the provider documents', async () => {
    await refreshed('crm', { provider: 'graceful' });
    let lost = 0;
    world.intercept = async (call, effect) => {
      if (isExchange(call) && lost++ === 0) throw noAnswer();
      return effect();
    };
    expect((await world.refreshWhenDue('crm')).outcome).toBe('refreshed');
    expect(lost).toBe(2);
  });

  it('is not settled by a later answer that says nothing for sure', async () => {
    await refreshed();
    failWhen(isExchange, noAnswer);
    await world.refreshWhenDue('crm');
    const blocked = () => new TokenError('unsure', 'http_403', 'blocked', { status: 403 });
    const sentAt = item()?.attemptAt ?? 0;
    failWhen(isExchange, blocked);
    const sent = () => world.calls.filter(isExchange).length;
    const before = sent();
    while (sent() === before) await world.refreshWhenDue('crm');
    expect(item()).toMatchObject({ lastErrorCode: 'http_403', unansweredSends: 1, attemptAt: sentAt });
    failWhen(isExchange, noAnswer);
    while (sent() === before + 1) await world.refreshWhenDue('crm');
    expect(item()).toMatchObject({ unansweredSends: 2 });
  });

  it('is not forgotten when the next send could be written down, and not be made', async () => {
    await refreshed();
    failWhen(isExchange, noAnswer);
    await world.refreshWhenDue('crm');
    failWhen(({ method }) => method === 'prove', transient);
    for (let tries = 0; tries < 6; tries += 1) await world.refreshWhenDue('crm');
    expect(item()).toMatchObject({ unansweredSends: 1 });
    expect(item()).toHaveProperty('attempt');
  });

  it('is sent no third time inside the grace, however fast the provider fails', async () => {
    await refreshed('crm', { provider: 'graceful' });
    failWhen(isExchange, noAnswer);
    const sent = () => world.calls.filter(isExchange).length;
    const before = sent();
    await world.refreshWhenDue('crm');
    expect(sent() - before).toBe(2);
  });
});

describe('a refresh token that cannot be persisted', () => {
  it('is insisted on under one id, so that a write which took effect unseen is not doubled', async () => {
    await refreshed();
    let failures = 0;
    world.intercept = async (call, effect) => {
      const answer = await effect();
      if (isPut(call) && failures++ < 3) throw transient();
      return answer;
    };
    expect((await world.refreshWhenDue('crm')).outcome).toBe('refreshed');
    expect(world.secrets.versions('refresh-tokens/crm')).toHaveLength(3);
  });

  it('goes to the rescue, and the token is published all the same', async () => {
    await refreshed();
    failWhen(isPut, transient);
    expect(await world.refreshWhenDue('crm')).toMatchObject({ outcome: 'refreshed', health: 'healthy' });
    expect(world.provider.isAlive(world.rescues.get('crm')?.token.refresh_token.reveal() ?? '')).toBe(true);
    expect(item()).toHaveProperty('attempt', world.rescues.get('crm')?.attempt);
    expect(world.counted).toContain('RescuesWritten');
  });

  it('comes home from the rescue, which is removed then', async () => {
    await refreshed();
    failWhen(isPut, denied);
    await world.refreshWhenDue('crm');
    world.intercept = (_, effect) => effect();
    expect((await world.refreshWhenDue('crm')).outcome).toBe('refreshed');
    expect(world.rescues.size).toBe(0);
    expect(world.provider.isAlive(world.storedRefreshToken('crm') ?? '')).toBe(true);
    expect(world.provider.doubleSpends).toEqual([]);
  });

  it('stays in the rescue when a person has signed in meanwhile, and is tried when that is refused', async () => {
    await refreshed();
    failWhen(isPut, denied);
    await world.refreshWhenDue('crm');
    world.intercept = (_, effect) => effect();
    const signedIn = world.provider.authorize();
    world.storeRefreshToken('crm', signedIn);
    expect((await world.refreshWhenDue('crm')).outcome).toBe('refreshed');
    expect(world.provider.exchanges.at(-1)?.refreshToken).toBe(signedIn);
    expect(world.rescues.size).toBe(1);
    const rescued = [...world.rescues.values()][0]?.token.refresh_token.reveal() ?? '';
    world.provider.revoke(world.storedRefreshToken('crm') ?? '');
    expect((await world.refreshWhenDue('crm')).outcome).toBe('refreshed');
    expect(world.provider.exchanges.at(-1)?.refreshToken).toBe(rescued);
    expect(world.rescues.size).toBe(0);
  });
});

describe('a refresh that was cut off', () => {
  it('is continued from the version that it had persisted', async () => {
    await refreshed();
    failWhen(
      ({ method }) => method === 'publish' || method === 'commit',
      () => new Error('killed'),
    );
    await expect(world.refreshWhenDue('crm')).rejects.toThrow('killed');
    world.intercept = (_, effect) => effect();
    world.clock.advance(3 * MINUTE);
    expect((await world.refresh('crm')).outcome).toBe('refreshed');
    expect(world.provider.doubleSpends).toEqual([]);
  });

  it('leaves a token that was never sent usable', async () => {
    await refreshed();
    failWhen(
      ({ method }) => method === 'prove' || method === 'commit',
      () => new Error('killed'),
    );
    await expect(world.refreshWhenDue('crm')).rejects.toThrow('killed');
    world.intercept = (_, effect) => effect();
    world.clock.advance(3 * MINUTE);
    expect((await world.refresh('crm')).outcome).toBe('refreshed');
    expect(world.provider.doubleSpends).toEqual([]);
  });

  it('does not charge a token that was minted since with a send that it never was part of', async () => {
    await world.connect('crm', { grants: ['refresh_token', 'client_credentials'] });
    failWhen(
      ({ method }) => method === 'exchange' || method === 'commit',
      () => new Error('killed'),
    );
    await expect(world.refresh('crm')).rejects.toThrow('killed');
    world.intercept = (_, effect) => effect();
    world.clock.advance(3 * MINUTE);
    expect((await world.refresh('crm')).outcome).toBe('refreshed');
    expect(item()).not.toHaveProperty('attempt');
    failWhen(isExchange, () => new TokenError('unanswered', 'timeout', 'no answer came'));
    expect((await world.refreshWhenDue('crm')).outcome).toBe('retry-later');
    expect(item()?.unansweredSends ?? 1).toBe(1);
  });
});
