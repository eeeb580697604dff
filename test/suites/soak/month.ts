/**
 * Thirty virtual days of 1,000 connections with lifetimes from 30 minutes to a day: 2% of all exchanges fail
 * at random, one provider is out for an hour, and Secrets Manager for 20 minutes.
 *
 *   npm run test:soak -- --month
 */
import { marginSeconds } from '../../../functions/connections/fit.ts';
import { TokenError } from '../../../functions/oauth/token-error.ts';
import { StoreError } from '../../../functions/refresh/ports/stores.ts';
import { refreshDue } from '../../../functions/refresh/refresh-due.ts';
import { type Call, RefreshWorld } from '../../support/refresh-world.ts';
import { seededRandom } from '../../support/seeded-random.ts';

const CONNECTIONS = 1_000;
const PROVIDERS = 10;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const FUNCTION_MS = 5 * MINUTE_MS;
/** A token may expire in an outage that its margin does not exceed by this. */
const SAFE_SECONDS = 150;
/** All must be fresh so long after an outage. */
const MENDED_MS = 5 * MINUTE_MS;

interface Outage {
  readonly name: string;
  readonly from: number;
  readonly until: number;
  readonly meets: (call: Call, tokenUrl: string) => boolean;
}

/** What the month came to. */
export interface Month {
  readonly refreshes: number;
  readonly failedExchanges: number;
  readonly doubleSpends: number;
  /** Tokens found expired while an outage explains it. */
  readonly expiredInOutages: number;
  /** Tokens found expired that nothing excuses, in words. */
  readonly unexcused: readonly string[];
}

export async function runMonth(days = 30, report: (line: string) => void = () => undefined): Promise<Month> {
  const world = new RefreshWorld();
  const random = seededRandom(30);
  const lifetimes = new Map<string, number>();
  world.provider.lifetimeSeconds = ({ scope }) => Number(scope);
  for (let index = 0; index < CONNECTIONS; index += 1) {
    const name = `c${index}`;
    const lifetime = Math.round(1_800 + random.fraction() * (86_400 - 1_800));
    lifetimes.set(name, lifetime);
    const rotates = index % 2 === 0;
    await world.connect(name, {
      tokenUrl: `https://idp-${index % PROVIDERS}.example.com/token`,
      grants: [rotates ? 'refresh_token' : 'client_credentials'],
      scope: String(lifetime),
    });
    if (rotates) world.storeRefreshToken(name);
  }
  const startedAt = world.clock.now();
  const at = (day: number) => startedAt + day * DAY_MS;
  const outages: Outage[] = [
    {
      name: 'provider',
      from: at(10),
      until: at(10) + HOUR_MS,
      meets: ({ method }, tokenUrl) => method === 'exchange' && tokenUrl.includes('idp-3.'),
    },
    {
      name: 'Secrets Manager',
      from: at(20),
      until: at(20) + 20 * MINUTE_MS,
      meets: ({ port }) => port === 'refreshTokens' || port === 'tokens' || port === 'credentials',
    },
  ];
  let failedExchanges = 0;
  const ports = world.ports({
    intercept: async (call, effect) => {
      const now = world.clock.now();
      const tokenUrl = call.input?.tokenUrl ?? '';
      const outage = outages.find(
        ({ from, until, meets }) => now >= from && now < until && meets(call, tokenUrl),
      );
      if (outage) throw failure(call, 0);
      if (call.method === 'exchange' && random.fraction() < 0.02) {
        failedExchanges += 1;
        throw failure(call, Math.floor(random.fraction() * 3));
      }
      return effect();
    },
  });

  const unexcused: string[] = [];
  let expiredInOutages = 0;
  let refreshes = 0;
  const endsAt = at(days);
  await world.clock.run(async () => {
    for (let tickAt = startedAt; tickAt < endsAt; tickAt += MINUTE_MS) {
      if (tickAt > world.clock.now()) await world.clock.sleep(tickAt - world.clock.now());
      const { results } = await refreshDue({ functionEndsAt: world.clock.now() + FUNCTION_MS }, ports);
      refreshes += results.filter(({ outcome }) => outcome === 'refreshed').length;
      const now = world.clock.now();
      // The first tick of a thousand connections is the deployment.
      if (tickAt > startedAt + MENDED_MS) {
        for (const [name, lifetime] of lifetimes) {
          if ((world.latestToken(name)?.expires_at ?? 0) * 1000 > now) continue;
          const excuse = outages.find(
            ({ from, until }) =>
              now >= from &&
              now < until + MENDED_MS &&
              marginSeconds(lifetime) < (until - from) / 1000 + SAFE_SECONDS,
          );
          if (excuse) expiredInOutages += 1;
          else
            unexcused.push(
              `${name} (lifetime ${lifetime} s) expired at minute ${(now - startedAt) / MINUTE_MS}`,
            );
        }
      }
      forget(world);
      if ((tickAt - startedAt) % (5 * DAY_MS) === 0) {
        report(
          `day ${(tickAt - startedAt) / DAY_MS}: ${refreshes} refreshes, ${failedExchanges} failed exchanges`,
        );
      }
    }
  });
  return {
    refreshes,
    failedExchanges,
    doubleSpends: world.provider.doubleSpends.length,
    expiredInOutages,
    unexcused,
  };
}

/** None of these spends anything: the requests were refused, or never arrived. */
function failure(call: Call, which: number): Error {
  if (call.method !== 'exchange') return new StoreError('transient', 'InternalServiceError', 'try again');
  if (which === 0) return new TokenError('never-sent', 'connect_refused', 'the connection was refused');
  if (which === 1) return new TokenError('throttled', 'http_503', 'service unavailable', { status: 503 });
  return new TokenError('unanswered', 'timeout', 'the provider did not answer in time');
}

/** A month of records would fill the memory; only the last token of each connection is asked for. */
function forget(world: RefreshWorld): void {
  world.calls.length = 0;
  world.events.length = 0;
  world.logged.length = 0;
  world.counted.length = 0;
  world.provider.exchanges.length = 0;
  for (const versions of world.published.values()) versions.splice(0, versions.length - 1);
}
