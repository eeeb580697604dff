import { afterEach, describe, expect, it } from 'vitest';
import { resolveConnection } from '../../../functions/connections/resolve-connection.ts';
import { createTokenEndpoint } from '../../../functions/oauth/transport/token-endpoint.ts';
import { refreshConnection } from '../../../functions/refresh/refresh-connection.ts';
import { accessTokenExpiresAt } from '../../../functions/refresh/rules/expiry.ts';
import { dueAfterRefresh } from '../../../functions/refresh/rules/schedule.ts';
import { TIMING } from '../../../functions/refresh/rules/timing.ts';
import { canarySecret } from '../../support/canary.ts';
import { tokenInput } from '../../support/token-input.ts';
import { closeServers, serve } from '../oauth/transport/support/loopback-exchange.ts';
import { beginEachTestAnew, MINUTE, world } from './crm-world.ts';
import { DAY, HOUR, NOW, SECOND } from './state-of.ts';

beginEachTestAnew();

afterEach(closeServers);

describe('quirk 44: a lifetime', () => {
  it.each([
    ['nothing', {}],
    ['an hour before', { issued_at: NOW - HOUR, created_at: (NOW - HOUR) / SECOND }],
    ['an hour after', { issued_at: String(NOW + HOUR), created_at: new Date(NOW + HOUR).toISOString() }],
  ])(
    'counts from when the request began, though the answer came late and dates itself %s',
    async (_, dates) => {
      let now = NOW;
      const { url } = await serve((_request, response) => {
        now += 7 * SECOND;
        response.end(JSON.stringify({ access_token: canarySecret('access'), expires_in: 60, ...dates }));
      });
      const allowedOrigins = [new URL(url).origin];
      const endpoint = createTokenEndpoint({ now: () => now, uuid: () => 'uuid-1', allowedOrigins });
      const exchange = await endpoint.exchange(tokenInput({ tokenUrl: url }));
      const connection = resolveConnection('crm', { tokenUrl: url, credentials: 'client' });
      const { expiresAt } = accessTokenExpiresAt(exchange, connection, { isSame: false });
      expect([now, expiresAt]).toEqual([NOW + 7 * SECOND, NOW + 60 * SECOND]);
    },
  );
});

describe('quirk 55: tokens that live at once', () => {
  it.each([
    [30 * DAY, undefined],
    [HOUR, undefined],
    [30 * DAY, 29 * 86_400],
    [10 * MINUTE, 3_000],
  ])('are four of one connection at the most, where each lives %i ms', (lifetimeMs, marginSeconds) => {
    const obtained: number[] = [];
    for (let now = NOW, generation = 1; generation < 500; generation += 1) {
      obtained.push(now);
      const token = { obtainedAt: now, expiresAt: now + lifetimeMs, marginSeconds, isSame: false };
      const previousExpiresAt = generation === 1 ? undefined : now;
      const facts = { name: 'crm', generation, now, previousExpiresAt, refreshTokenExpiresAt: undefined };
      now = dueAfterRefresh({ ...facts, ...token }, TIMING);
    }
    const living = obtained.map(
      (at) => obtained.filter((each) => each <= at && at < each + lifetimeMs).length,
    );
    expect(Math.max(...living)).toBeLessThanOrEqual(4);
  });
});

describe('quirk 72: client credentials', () => {
  it('are exchanged once where two processes are due at the same instant', async () => {
    await world.connect('crm', { grants: ['client_credentials'] });
    const requestedAt = world.clock.now();
    const request = { name: 'crm', force: false, requestedAt, functionEndsAt: requestedAt + 5 * MINUTE };
    const one = () => refreshConnection(request, world.ports());
    const results = await world.clock.run(() => Promise.all([one(), one(), one()]));
    expect(results.map(({ outcome }) => outcome).sort()).toEqual(['busy', 'busy', 'refreshed']);
    expect(world.provider.exchanges).toHaveLength(1);
  });
});
