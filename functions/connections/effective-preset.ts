import type { Connection } from './connection.ts';
import { ConnectionError } from './connection-error.ts';
import { withRules } from './connection-rules.ts';
import type { ProviderPreset } from './provider-preset.ts';
import { RFC_PRESET } from './resolve-connection.ts';

type Bent = Pick<Connection, 'provider' | 'rules'>;

/**
 * How the provider of a connection behaves: its preset, or RFC 6749, as the connection's own rules bend it.
 * @throws ConnectionError for a preset that is unknown here, or rules that make no sense with it
 */
export async function presetOf(
  connection: Bent,
  load: (id: string) => Promise<ProviderPreset | undefined>,
): Promise<ProviderPreset> {
  const { provider } = connection;
  return bent(connection, provider === undefined ? RFC_PRESET : await load(provider));
}

/** `presetOf` for a caller that cannot wait, such as a construct. @throws ConnectionError as `presetOf` does */
export function presetOfSync(
  connection: Bent,
  load: (id: string) => ProviderPreset | undefined,
): ProviderPreset {
  const { provider } = connection;
  return bent(connection, provider === undefined ? RFC_PRESET : load(provider));
}

function bent({ provider, rules }: Bent, preset: ProviderPreset | undefined): ProviderPreset {
  if (preset !== undefined) return withRules(preset, rules);
  throw new ConnectionError(`There is no provider preset "${provider}" in this version: update evertoken.`);
}
