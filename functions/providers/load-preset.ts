import { readFile } from 'node:fs/promises';
import type { ProviderPreset } from '../connections/provider-preset.ts';
import { providerPresetShape } from '../connections/shapes/declared-shapes.ts';
import { REFUSED } from '../connections/shapes/shape.ts';

/** What `providerPresetSchema` allows as an id; no id can name a file elsewhere. */
export const PRESET_ID = /^[a-z0-9][a-z0-9-]*$/;

/** Where the presets lie: beside this module, and beside a bundle that it is in. */
export const PRESETS = new URL('./', import.meta.url);

/** The file of a preset. */
export const presetFile = (id: string) => new URL(`${id}.json`, PRESETS);

const loaded = new Map<string, Promise<ProviderPreset | undefined>>();

/**
 * A provider preset, read from the file beside this one on first use.
 * @returns `undefined` when there is none of this id
 * @throws Error when its file cannot be read or is no preset; the next call tries again
 */
export function loadPreset(id: string): Promise<ProviderPreset | undefined> {
  if (!PRESET_ID.test(id)) return Promise.resolve(undefined);
  const known = loaded.get(id);
  if (known !== undefined) return known;
  const loading = read(id);
  loaded.set(id, loading);
  loading.catch(() => loaded.delete(id));
  return loading;
}

async function read(id: string): Promise<ProviderPreset | undefined> {
  let text: string;
  try {
    text = await readFile(presetFile(id), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const preset = providerPresetShape(JSON.parse(text));
  if (preset !== REFUSED && preset.id === id) return preset;
  // The schema is loaded when something is wrong, to say what.
  const { parsePreset } = await import('./parse-preset.ts');
  return parsePreset(id, text);
}
