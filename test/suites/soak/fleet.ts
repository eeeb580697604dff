import type { TokenRequestInput } from '../../../functions/oauth/request/token-request.ts';
import type { RefreshWorld } from '../../support/refresh-world.ts';

export const CONNECTIONS = 1_000;
export const PROVIDERS = 10;
const LEAST_LIFETIME_SECONDS = 1_800;
const MOST_LIFETIME_SECONDS = 86_400;
const MINUTE_MS = 60_000;
/** A provider that refuses early refreshes, or answers them with the same token, does so until then before the end. */
export const REFUSED_EARLIER_MS = 10 * MINUTE_MS;

/** How providers and connections differ in the field. */
const KINDS = [
  /** A refresh token is spent by its use; one that comes again ends the session. */
  'single-use',
  'single-use',
  /** The same, and for two minutes a spent one still answers with its successor. */
  'grace',
  /** Single-use refresh tokens, with client credentials to fall back on, which mint a new one. */
  'chain',
  'client-credentials',
  /** The same access token again, until ten minutes before its end. */
  'sticky',
  /** Refresh tokens stay; a refresh earlier than ten minutes before the end is refused. */
  'refuses-early',
] as const;
export type Kind = (typeof KINDS)[number];

/** One connection of the month. */
export interface Member {
  readonly name: string;
  readonly kind: Kind;
  readonly provider: number;
  readonly lifetimeSeconds: number;
}

/** A thousand connections at ten providers, with lifetimes from half an hour to a day. */
export async function buildFleet(world: RefreshWorld): Promise<readonly Member[]> {
  const members = Array.from({ length: CONNECTIONS }, (_, index): Member => {
    const spread = world.random.fraction() * (MOST_LIFETIME_SECONDS - LEAST_LIFETIME_SECONDS);
    return {
      name: `c${index}`,
      kind: KINDS[Math.floor(index / PROVIDERS) % KINDS.length] as Kind,
      provider: index % PROVIDERS,
      lifetimeSeconds: Math.round(LEAST_LIFETIME_SECONDS + spread),
    };
  });
  const byName = new Map(members.map((member) => [member.name, member]));
  const memberOf = ({ scope }: TokenRequestInput) => byName.get(scope ?? '') as Member;
  const { provider } = world;
  provider.lifetimeSeconds = (input) => memberOf(input).lifetimeSeconds;
  provider.rotates = (input) => memberOf(input).kind !== 'refuses-early';
  provider.graceMs = (input) => (memberOf(input).kind === 'grace' ? 2 * MINUTE_MS : -1);
  provider.stickyUntilMs = (input) => (memberOf(input).kind === 'sticky' ? REFUSED_EARLIER_MS : undefined);
  provider.earliestMs = (input) =>
    memberOf(input).kind === 'refuses-early' ? REFUSED_EARLIER_MS : undefined;
  for (const member of members) {
    const { name, kind } = member;
    await world.connect(name, {
      ...(kind === 'grace' && { provider: 'graceful' }),
      tokenUrl: `https://idp-${member.provider}.example.com/token`,
      grants: grantsOf(kind),
      scope: name,
    });
    if (spendsRefreshTokens(kind) || kind === 'refuses-early') world.storeRefreshToken(name);
  }
  return members;
}

export function grantsOf(kind: Kind): string[] {
  if (kind === 'chain') return ['refresh_token', 'client_credentials'];
  return kind === 'client-credentials' || kind === 'sticky' ? ['client_credentials'] : ['refresh_token'];
}

export function spendsRefreshTokens(kind: Kind): boolean {
  return kind === 'single-use' || kind === 'grace' || kind === 'chain';
}
