import type { Connection } from './connection.ts';
import { ConnectionError } from './connection-error.ts';
import { joinRules } from './join-rules.ts';
import type { ProviderPreset } from './provider-preset.ts';
import { RFC_PRESET } from './resolve-connection.ts';
import { providerPresetShape } from './shapes/declared-shapes.ts';
import { REFUSED } from './shapes/shape.ts';

/** What of a connection says how its provider behaves. */
export type Bent = Pick<Connection, 'provider' | 'rules'>;

/**
 * How the provider of a connection behaves: its preset, or RFC 6749, as the connection's own rules bend it.
 * @throws ConnectionError for a preset that is unknown here, or rules that make no sense with it
 */
export async function presetOf(
  connection: Bent,
  load: (id: string) => Promise<ProviderPreset | undefined>,
): Promise<ProviderPreset> {
  const { provider, rules } = connection;
  const preset = knownPreset(provider, provider === undefined ? RFC_PRESET : await load(provider));
  if (rules === undefined) return preset;
  const bent = providerPresetShape(joinRules(preset, rules));
  if (bent !== REFUSED) return bent;
  // The schemas are loaded when something is wrong, to say what.
  const { withRules } = await import('./connection-rules.ts');
  return withRules(preset, rules);
}

/** What was found under the id of a provider. @throws ConnectionError when that is nothing */
export function knownPreset(
  provider: string | undefined,
  preset: ProviderPreset | undefined,
): ProviderPreset {
  if (preset !== undefined) return preset;
  throw new ConnectionError(`There is no provider preset "${provider}" in this version: update evertoken.`);
}
