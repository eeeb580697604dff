import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import type { TestProject } from 'vitest/node';
import { ROOT } from '../../../support/source-files.ts';
import { build, missingTool } from '../../snippets/support/tool.ts';

/**
 * Not among the project's own packages: its native part takes minutes to compile, which would make everyone
 * who installs them wait.
 */
const PACKAGE = { 'aws-lambda-ric': '4.0.2' };
/** Git ignores it. */
const DIRECTORY = `${ROOT}.cache/runtime-client`;
const INSTALLED = `${DIRECTORY}/installed.json`;

declare module 'vitest' {
  interface ProvidedContext {
    /** Why the runtime client cannot be had on this machine; null when it can. */
    readonly noRuntimeClient: string | null;
    /** The file that Node runs. */
    readonly runtimeClient: string;
  }
}

/**
 * Installs the runtime client once.
 * @throws Error when the tools are there and it cannot be installed
 */
export default async function setup({ provide }: TestProject): Promise<void> {
  const missing = await missingPart();
  provide('noRuntimeClient', missing ?? null);
  provide('runtimeClient', `${DIRECTORY}/node_modules/aws-lambda-ric/index.mjs`);
  if (missing !== undefined) return;

  const wanted = JSON.stringify({
    private: true,
    dependencies: PACKAGE,
    allowScripts: Object.fromEntries(Object.keys(PACKAGE).map((name) => [name, true])),
  });
  if ((await readFile(INSTALLED, 'utf8').catch(() => '')) === wanted) return;
  await rm(DIRECTORY, { recursive: true, force: true });
  await mkdir(DIRECTORY, { recursive: true });
  await writeFile(`${DIRECTORY}/package.json`, wanted);
  await build(DIRECTORY, 'npm', ['install', '--no-audit', '--no-fund', '--loglevel=error']);
  await writeFile(INSTALLED, wanted);
}

/** What compiling its native part takes. */
async function missingPart(): Promise<string | undefined> {
  if (process.platform !== 'linux') return 'the runtime client is compiled on Linux only';
  for (const tool of ['cmake', 'make', 'c++', 'python3', 'xz', 'tar']) {
    const missing = await missingTool(tool, '--version');
    if (missing !== undefined) return missing;
  }
  return undefined;
}
