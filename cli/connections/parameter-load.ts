import type { Connection } from '../../functions/connections/connection.ts';
import { ConnectionError } from '../../functions/connections/connection-error.ts';
import { declaredParameterWrites, parameterWrites } from '../../functions/connections/parameter-writes.ts';
import { presetOf } from '../../functions/connections/preset-of.ts';
import type { ProviderPreset } from '../../functions/connections/provider-preset.ts';
import type { ConnectionState } from '../../functions/refresh/connection-state.ts';
import type { Presets } from '../../functions/refresh/ports/outside.ts';

/** Whose writes are counted: a connection that is declared, or one as it is registered. */
type Counted = { readonly definition: Connection } & Partial<
  Pick<ConnectionState, 'obtainedAt' | 'expiresAt' | 'publishedTo' | 'paused' | 'removedAt'>
>;

/**
 * Writes of parameters a second, by connection: as the provider's last answer has it, also for a token that moved to
 * a parameter by itself; before the first one as is declared. 0 for a token in a secret, and for a connection that
 * rests or has no preset here.
 */
export function parameterLoad(connections: readonly Counted[], presets: Presets): Promise<number[]> {
  return Promise.all(connections.map((connection) => loadOf(connection, presets)));
}

async function loadOf(connection: Counted, presets: Presets): Promise<number> {
  if (connection.paused || connection.removedAt !== undefined) return 0;
  try {
    return writesOf(connection, await presetOf(connection.definition, presets));
  } catch (error) {
    // Such a connection has a finding of its own.
    if (error instanceof ConnectionError) return 0;
    throw error;
  }
}

function writesOf(
  { definition, obtainedAt, expiresAt, publishedTo }: Counted,
  preset: ProviderPreset,
): number {
  const lifetimeMs = (expiresAt ?? 0) - (obtainedAt ?? Infinity);
  if (!(lifetimeMs > 0)) return declaredParameterWrites(definition, preset);
  const { token, publishTo = publishedTo, marginSeconds } = definition;
  if (token !== undefined || publishTo !== 'parameter') return 0;
  const { earliestRefreshSeconds } = preset.accessToken;
  return parameterWrites({ lifetimeSeconds: lifetimeMs / 1000, marginSeconds, earliestRefreshSeconds });
}
