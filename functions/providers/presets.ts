import { readdir, readFile } from 'node:fs/promises';
import { type ProviderPreset, providerPresetSchema } from '../connections/provider-preset.ts';

/** What `providerPresetSchema` allows as an id; no id can name a file elsewhere. */
const ID = /^[a-z0-9][a-z0-9-]*$/;

const loaded = new Map<string, Promise<ProviderPreset | undefined>>();

/**
 * A provider preset, read from the file beside this one on first use.
 * @returns `undefined` when there is none of this id
 * @throws Error when its file cannot be read or is no preset; the next call tries again
 */
export function loadPreset(id: string): Promise<ProviderPreset | undefined> {
  if (!ID.test(id)) return Promise.resolve(undefined);
  const known = loaded.get(id);
  if (known !== undefined) return known;
  const loading = read(id);
  loaded.set(id, loading);
  loading.catch(() => loaded.delete(id));
  return loading;
}

/** The ids of all presets, in alphabetical order. */
export async function presetIds(): Promise<readonly string[]> {
  const files = await readdir(new URL('./', import.meta.url));
  return files
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.slice(0, -'.json'.length))
    .filter((id) => ID.test(id))
    .sort();
}

async function read(id: string): Promise<ProviderPreset | undefined> {
  let text: string;
  try {
    text = await readFile(new URL(`./${id}.json`, import.meta.url), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const preset = providerPresetSchema.safeParse(JSON.parse(text));
  if (preset.success && preset.data.id === id) return preset.data;
  const reason = preset.success ? `its id is "${preset.data.id}"` : preset.error.message;
  throw new Error(`The provider preset "${id}" is not valid: ${reason}`, { cause: preset.error });
}
