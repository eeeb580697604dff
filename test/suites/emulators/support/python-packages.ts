import { readFile, writeFile } from 'node:fs/promises';
import type { TestProject } from 'vitest/node';
import { ROOT } from '../../../support/source-files.ts';
import { build, missingTool } from '../../snippets/support/tool.ts';

const REQUIREMENTS = `${ROOT}test/suites/emulators/requirements.txt`;
/** A virtual environment of its own; git ignores it. */
const DIRECTORY = `${ROOT}.cache/emulators/python`;
const INSTALLED = `${DIRECTORY}/installed.txt`;

declare module 'vitest' {
  interface ProvidedContext {
    /** Why no emulator can run on this machine; null when they can. */
    readonly missing: string | null;
    /** Where the commands of the Python packages are. */
    readonly commands: string;
  }
}

/**
 * Installs the Python packages once for all suites, and again only when they change.
 * @throws Error when Python is there and they cannot be installed
 */
export default async function setup({ provide }: TestProject): Promise<void> {
  const python = ['python3', '-c', 'import sys, venv; assert sys.version_info >= (3, 10)'] as const;
  const missing = (await missingTool(...python)) ?? null;
  provide('missing', missing);
  provide('commands', `${DIRECTORY}/bin`);
  if (missing !== null) return;

  const wanted = await readFile(REQUIREMENTS, 'utf8');
  if ((await readFile(INSTALLED, 'utf8').catch(() => '')) === wanted) return;
  await build(ROOT, 'python3', ['-m', 'venv', '--clear', DIRECTORY]);
  const install = ['-m', 'pip', 'install', '--quiet', '--requirement', REQUIREMENTS];
  await build(ROOT, `${DIRECTORY}/bin/python`, install);
  await writeFile(INSTALLED, wanted);
}
