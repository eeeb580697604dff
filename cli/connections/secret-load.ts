import { spendsRefreshToken } from '../../functions/connections/check-connection.ts';
import type { Connection } from '../../functions/connections/connection.ts';
import { ConnectionError } from '../../functions/connections/connection-error.ts';
import { presetOf } from '../../functions/connections/preset-of.ts';
import type { ProviderPreset } from '../../functions/connections/provider-preset.ts';
import {
  declaredSecretLoad,
  type SecretLoad,
  secretLoad,
} from '../../functions/connections/secret-writes.ts';
import type { ConnectionState } from '../../functions/refresh/connection-state.ts';
import type { Presets } from '../../functions/refresh/ports/outside.ts';

/** Whose writes are counted: a connection that is declared, or one as it is registered. */
type Counted = { readonly definition: Connection } & Partial<
  Pick<ConnectionState, 'obtainedAt' | 'expiresAt' | 'publishedTo' | 'paused' | 'removedAt'>
>;

/**
 * What connections ask of the pace of secret writes: as the provider's last answer has it, before the first one as is
 * declared. Without those that rest or have no preset here.
 */
export async function secretLoads(connections: readonly Counted[], presets: Presets): Promise<SecretLoad[]> {
  const loads = await Promise.all(connections.map((connection) => loadOf(connection, presets)));
  return loads.flat();
}

async function loadOf(connection: Counted, presets: Presets): Promise<SecretLoad[]> {
  if (connection.paused || connection.removedAt !== undefined) return [];
  try {
    return [writesOf(connection, await presetOf(connection.definition, presets))];
  } catch (error) {
    // Such a connection has a finding of its own.
    if (error instanceof ConnectionError) return [];
    throw error;
  }
}

function writesOf(
  { definition, obtainedAt, expiresAt, publishedTo }: Counted,
  preset: ProviderPreset,
): SecretLoad {
  const lifetimeMs = (expiresAt ?? 0) - (obtainedAt ?? Infinity);
  if (!(lifetimeMs > 0)) return declaredSecretLoad(definition, preset);
  const { token, publishTo = publishedTo, marginSeconds } = definition;
  return secretLoad({
    lifetimeSeconds: lifetimeMs / 1000,
    marginSeconds,
    earliestRefreshSeconds: preset.accessToken.earliestRefreshSeconds,
    spendsRefreshToken: spendsRefreshToken(definition, preset),
    place: token === undefined ? (publishTo ?? 'secret') : 'secret',
  });
}
