import { type ProviderPreset, providerPresetSchema } from '../connections/provider-preset.ts';

/** A preset from the text of its file. @throws Error that says what is wrong with it */
export function parsePreset(id: string, text: string): ProviderPreset {
  const preset = providerPresetSchema.safeParse(JSON.parse(text));
  if (preset.success && preset.data.id === id) return preset.data;
  const reason = preset.success ? `its id is "${preset.data.id}"` : preset.error.message;
  throw new Error(`The provider preset "${id}" is not valid: ${reason}`, { cause: preset.error });
}
