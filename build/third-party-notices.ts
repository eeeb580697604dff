import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';
import { bundledPackages } from '../infra/bill-of-materials.ts';

const ABOUT =
  'The files of this package hold code of the following packages, under the licences that are quoted. A text that several have in common is quoted once.';

/** The licences of all that is bundled, each text once; of a package that brings no text, the name of its licence. */
export async function thirdPartyNotices(root: string, bundles: Pick<Metafile, 'outputs'>): Promise<string> {
  const byText = new Map<string, string[]>();
  for (const path of bundledPackages(bundles)) {
    const { name, version, license } = JSON.parse(await readFile(join(root, path, 'package.json'), 'utf8'));
    const text = (await licenceText(join(root, path))) ?? `Licence: ${license}`;
    byText.set(text, [...(byText.get(text) ?? []), `${name} ${version} (${license})`]);
  }
  const parts = [...byText].map(([text, names]) => `${names.sort().join('\n')}\n\n${text.trim()}\n`);
  return [ABOUT, ...parts.sort()].join(`\n${'-'.repeat(80)}\n\n`);
}

async function licenceText(folder: string): Promise<string | undefined> {
  const file = (await readdir(folder)).find((name) => /^(licen[cs]e|copying)(\.(md|txt))?$/i.test(name));
  return file === undefined ? undefined : readFile(join(folder, file), 'utf8');
}
