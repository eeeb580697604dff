import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { onTestFinished } from 'vitest';
import { systemClock } from '../../functions/handlers/system-clock.ts';
import { type SynthesisOptions, synthesiseOnce } from '../../local/assembly/synthesis.ts';
import type { JsonEvent } from '../../local/demo/json-lines.ts';
import { type LocalSystem, type LocalSystemOptions, startLocalSystem } from '../../local/system.ts';
import { canarySecret } from './canary.ts';

/** So long is waited for anything, on a loaded machine too. */
const PATIENCE_MS = 30_000;

type Options = Required<Pick<LocalSystemOptions, 'deployment'>> &
  Pick<LocalSystemOptions, 'setupFor'> & { readonly onEvent?: (event: JsonEvent) => void };

/**
 * What is synthesised, in real time: a tick each second, tokens that live for ten. With the given deployment its
 * functions run as bundles, under the synthesised permissions.
 */
export function startSynthesisedSystem({ onEvent = () => {}, ...options }: Options): Promise<LocalSystem> {
  return startLocalSystem({
    port: 0,
    tickSeconds: 1,
    lifetimeSeconds: 10,
    dataDirectory: undefined,
    clock: systemClock,
    mark: canarySecret('local'),
    reporter: { started: () => {}, show: () => {}, event: onEvent, ended: () => {} },
    ...options,
  });
}

/** @throws when it does not come to hold */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const endsAt = Date.now() + PATIENCE_MS;
  while (!(await holds())) {
    if (Date.now() > endsAt) throw new Error(`it never happened that ${what}`);
    await systemClock.sleep(50);
  }
}

// biome-ignore lint/suspicious/noExplicitAny: a template is JSON of many forms
export type TemplateResource = { Type: string; Properties: any };
export type TemplateResources = Record<string, TemplateResource>;

/** Synthesises as ever, and takes something out of a template. */
export function synthesiseWithout(stack: string, takeOut: (resources: TemplateResources) => void) {
  return async (options: SynthesisOptions): Promise<string> => {
    const folder = await mkdtemp(join(tmpdir(), 'evertoken-mutated-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    await copyDescriptions(await synthesiseOnce(options), folder);
    const file = join(folder, `${stack}.template.json`);
    const template = JSON.parse(await readFile(file, 'utf8')) as { Resources: TemplateResources };
    takeOut(template.Resources);
    await writeFile(file, JSON.stringify(template));
    return folder;
  };
}

/** An assembly without its bundles, many files of many megabytes: they are found where they are. */
async function copyDescriptions(assembly: string, folder: string): Promise<void> {
  for (const entry of await readdir(assembly, { withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const text = await readFile(join(assembly, entry.name), 'utf8');
    const isManifest = entry.name.endsWith('.assets.json');
    await writeFile(join(folder, entry.name), isManifest ? leadingTo(assembly, folder, text) : text);
  }
}

/** A manifest of assets in one folder, with the assets of another. */
function leadingTo(assembly: string, folder: string, manifest: string): string {
  const content = JSON.parse(manifest) as { files: Record<string, { source: { path: string } }> };
  for (const { source } of Object.values(content.files)) {
    source.path = relative(folder, join(assembly, source.path));
  }
  return JSON.stringify(content);
}
