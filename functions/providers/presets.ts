import { readdirSync, readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import type { ProviderPreset } from '../connections/provider-preset.ts';
import { PRESET_ID, PRESETS, presetFile } from './load-preset.ts';
import { parsePreset } from './parse-preset.ts';

/** The ids of all presets, in alphabetical order. */
export async function presetIds(): Promise<readonly string[]> {
  return idsOf(await readdir(PRESETS));
}

/** `presetIds` for a caller that cannot wait, such as a construct. */
export function presetIdsSync(): readonly string[] {
  return idsOf(readdirSync(PRESETS));
}

/**
 * `loadPreset` for a caller that cannot wait, such as a construct.
 * @throws Error when the file cannot be read or is no preset
 */
export function loadPresetSync(id: string): ProviderPreset | undefined {
  if (!PRESET_ID.test(id)) return undefined;
  try {
    return parsePreset(id, readFileSync(presetFile(id), 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function idsOf(files: readonly string[]): readonly string[] {
  return files
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.slice(0, -'.json'.length))
    .filter((id) => PRESET_ID.test(id))
    .sort();
}
