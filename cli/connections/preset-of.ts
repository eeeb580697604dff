import { type Connection, ConnectionError } from '../../functions/connections/connection.ts';
import type { ProviderPreset } from '../../functions/connections/provider-preset.ts';
import { RFC_PRESET } from '../../functions/connections/resolve-connection.ts';
import type { Deployment } from '../deployment.ts';

/** The preset of a connection, or what RFC 6749 says. @throws ConnectionError for one that is unknown here */
export async function presetOf(
  { provider }: Pick<Connection, 'provider'>,
  { presets }: Pick<Deployment, 'presets'>,
): Promise<ProviderPreset> {
  if (provider === undefined) return RFC_PRESET;
  const preset = await presets(provider);
  if (preset) return preset;
  throw new ConnectionError(`There is no provider preset "${provider}" in this version: update evertoken.`);
}
