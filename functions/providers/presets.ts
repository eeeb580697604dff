import { readdirSync, readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { type ProviderPreset, providerPresetSchema } from '../connections/provider-preset.ts';

/** What `providerPresetSchema` allows as an id; no id can name a file elsewhere. */
const ID = /^[a-z0-9][a-z0-9-]*$/;

const FOLDER = new URL('./', import.meta.url);
const fileOf = (id: string) => new URL(`${id}.json`, FOLDER);

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
  return idsOf(await readdir(FOLDER));
}

/** `presetIds` for a caller that cannot wait, such as a construct. */
export function presetIdsSync(): readonly string[] {
  return idsOf(readdirSync(FOLDER));
}

/**
 * `loadPreset` for a caller that cannot wait, such as a construct.
 * @throws Error when the file cannot be read or is no preset
 */
export function loadPresetSync(id: string): ProviderPreset | undefined {
  if (!ID.test(id)) return undefined;
  try {
    return parse(id, readFileSync(fileOf(id), 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function idsOf(files: readonly string[]): readonly string[] {
  return files
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.slice(0, -'.json'.length))
    .filter((id) => ID.test(id))
    .sort();
}

async function read(id: string): Promise<ProviderPreset | undefined> {
  let text: string;
  try {
    text = await readFile(fileOf(id), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  return parse(id, text);
}

function parse(id: string, text: string): ProviderPreset {
  const preset = providerPresetSchema.safeParse(JSON.parse(text));
  if (preset.success && preset.data.id === id) return preset.data;
  const reason = preset.success ? `its id is "${preset.data.id}"` : preset.error.message;
  throw new Error(`The provider preset "${id}" is not valid: ${reason}`, { cause: preset.error });
}
