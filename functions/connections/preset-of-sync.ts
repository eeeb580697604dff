import { withRules } from './connection-rules.ts';
import { type Bent, knownPreset } from './preset-of.ts';
import type { ProviderPreset } from './provider-preset.ts';
import { RFC_PRESET } from './resolve-connection.ts';

/** `presetOf` for a caller that cannot wait, such as a construct. @throws ConnectionError as `presetOf` does */
export function presetOfSync(
  connection: Bent,
  load: (id: string) => ProviderPreset | undefined,
): ProviderPreset {
  const { provider, rules } = connection;
  return withRules(knownPreset(provider, provider === undefined ? RFC_PRESET : load(provider)), rules);
}
