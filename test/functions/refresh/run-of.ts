import {
  type ResolvedConnection,
  resolveConnection,
} from '../../../functions/connections/resolve-connection.ts';
import { Secret } from '../../../functions/oauth/secret.ts';
import { AttemptLedger } from '../../../functions/refresh/attempt-ledger.ts';
import type { StoredRefreshToken, Version } from '../../../functions/refresh/ports/stores.ts';
import type { Grant, RefreshPorts, RefreshRun } from '../../../functions/refresh/refresh-run.ts';
import { TIMING } from '../../../functions/refresh/rules/timing.ts';
import { canarySecret } from '../../support/canary.ts';
import { type RefreshWorld, ROTATING } from '../../support/refresh-world.ts';
import { MINUTE, NOW, stateOf } from './state-of.ts';

/** The id of the attempt, under which the successor of `v1` is stored. */
export const OWN = 'own';

interface Found {
  readonly state?: Parameters<typeof stateOf>[0];
  readonly connection?: Partial<ResolvedConnection>;
  readonly ports?: RefreshPorts;
  /** Default: two minutes after `NOW`. */
  readonly endsAt?: number;
}

/** What a step finds: a lease that is held until `endsAt`, and with it the send of `v1` written down. */
export function runOf(world: RefreshWorld, found: Found = {}): RefreshRun {
  const { connection, ports = world.ports(), endsAt = NOW + 2 * MINUTE } = found;
  const state = stateOf({ attempt: OWN, refreshTokenVersionId: 'v1', ...found.state });
  world.state.items.set('crm', { ...state, leaseOwner: 'owner' });
  return {
    lease: { name: 'crm', owner: 'owner', state, endsAt, signal: new AbortController().signal },
    connection: { ...resolveConnection('crm', ROTATING), ...connection },
    ports,
    ledger: new AttemptLedger(state, OWN, TIMING),
    force: false,
  };
}

/** The refresh token `v1` as it was read. */
export function v1(value: Partial<StoredRefreshToken> = {}): Version<StoredRefreshToken> {
  const refresh_token = new Secret(canarySecret('spent'));
  return {
    versionId: 'v1',
    value: { refresh_token, obtained_at: 0, ...value },
    createdAt: 0,
    stages: ['AWSCURRENT'],
  };
}

/** A grant that spends `v1`, of a client that the provider of the world knows. */
export function grantOf(world: RefreshWorld, changes: Partial<Grant> = {}): Grant {
  const client_secret = new Secret(world.provider.clientSecret);
  return {
    type: 'refresh_token',
    credentials: { versionId: 'c1', value: { client_id: 'client', client_secret }, createdAt: 0, stages: [] },
    refreshToken: v1(),
    spends: true,
    mayReplaceRefreshToken: true,
    ...changes,
  };
}

/** A grant that sends no refresh token. */
export function clientCredentials(world: RefreshWorld): Grant {
  const { refreshToken: _, ...grant } = grantOf(world, { type: 'client_credentials', spends: false });
  return grant;
}
