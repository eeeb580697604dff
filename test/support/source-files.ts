import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The root of the repository, ending in a slash. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Paths, from the root, of all files that are committed or would be. */
export function repositoryFiles(): string[] {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  // A file that was deleted and not yet committed is still listed.
  return listed.split('\0').filter((path) => path !== '' && existsSync(ROOT + path));
}

export function readRepositoryFile(path: string): string {
  return readFileSync(ROOT + path, 'utf8');
}
