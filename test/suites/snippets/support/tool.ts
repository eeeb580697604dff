import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { promisify } from 'node:util';
import { ROOT } from '../../../support/source-files.ts';

const run = promisify(execFile);

/** Where snippets are built; git ignores it. */
export async function buildDirectory(language: string): Promise<string> {
  const directory = `${ROOT}.cache/snippets/${language}`;
  await mkdir(directory, { recursive: true });
  return directory;
}

/** Why the snippets of a language cannot run on this machine; undefined when they can. */
export async function missingTool(...command: readonly [string, ...string[]]): Promise<string | undefined> {
  const [file, ...parameters] = command;
  try {
    await run(file, parameters);
    return undefined;
  } catch (error) {
    const notFound = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    return `${file} ${notFound ? 'is not installed' : `does not work: ${command.join(' ')} failed`}`;
  }
}

/**
 * Runs a step of a build with the environment as it is, which may set up package clients.
 * @throws Error with the end of what it printed
 */
export async function build(
  directory: string,
  file: string,
  parameters: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<void> {
  try {
    await run(file, parameters, { cwd: directory, env: { ...process.env, ...environment } });
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`${file} ${parameters[0]} failed: ${`${stdout}\n${stderr}`.trim().slice(-2_000)}`);
  }
}
