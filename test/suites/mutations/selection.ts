import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { ROOT, readRepositoryFile, repositoryFiles } from '../../support/source-files.ts';
import { THRESHOLDS } from './report.ts';

/** Lines of code that two cores can judge within six minutes. */
const MOST_LINES = 500;
const MAIN = ['main', 'origin/main'];

/** Sources to be mutated, and what was asked for and left out because it would take too long. */
export interface Selection {
  readonly files: readonly string[];
  readonly leftOut: readonly string[];
}

export interface Sized {
  readonly path: string;
  readonly lines: number;
}

/** All sources of the folders that have a threshold. */
export function allSources(): string[] {
  return repositoryFiles().filter(isMutated).sort();
}

/**
 * Named files.
 * @throws when one is not there, or is in none of the folders
 */
export function named(paths: readonly string[]): string[] {
  const files = paths.map((path) => path.replace(/^\.\//, ''));
  const unknown = files.find((path) => !isMutated(path) || !existsSync(ROOT + path));
  if (unknown) throw new Error(`"${unknown}" is no source in ${Object.keys(THRESHOLDS).join(' or ')}`);
  return files;
}

/**
 * Sources that differ from a revision, uncommitted changes included, or whose own test does.
 * @throws when there is no such revision
 */
export function changedSince(revision: string): Selection {
  if (!commitOf(revision)) throw new Error(`there is no revision "${revision}"`);
  const changed = [
    ...git('diff', '--name-only', revision),
    ...git('ls-files', '--others', '--exclude-standard'),
  ].map((path) => path.replace(/^test\/(.*)\.test\.ts$/, '$1.ts'));
  const sources = allSources().filter((path) => changed.includes(path));
  return share(sources.map(sized), seedOfCommit());
}

/** What the branch changed, or where it changed no source, a share of all that differs with each commit. */
export function affordable(): Selection {
  const base = MAIN.map((branch) => git('merge-base', 'HEAD', branch)[0]).find((found) => found);
  const changed = base === undefined ? undefined : changedSince(base);
  if (changed && changed.files.length > 0) return changed;
  return { ...share(allSources().map(sized), seedOfCommit()), leftOut: [] };
}

/** As many of the files as there is time for, in an order that follows from the seed; at least one. */
export function share(files: readonly Sized[], seed: string): Selection {
  const place = ({ path }: Sized) => createHash('sha256').update(`${seed} ${path}`).digest('hex');
  const inOrder = files.toSorted((one, other) => (place(one) < place(other) ? -1 : 1));
  const taken = new Set<string>();
  let left = MOST_LINES;
  for (const { path, lines } of inOrder) {
    if (lines > left && taken.size > 0) continue;
    taken.add(path);
    left -= lines;
  }
  const paths = files.map(({ path }) => path);
  return {
    files: paths.filter((path) => taken.has(path)),
    leftOut: paths.filter((path) => !taken.has(path)),
  };
}

/** Lines that are neither blank nor comment. */
function sized(path: string): Sized {
  const lines = readRepositoryFile(path).split('\n');
  return { path, lines: lines.filter((line) => !/^\s*(?:$|\/\/|\/?\*)/.test(line)).length };
}

function isMutated(path: string): boolean {
  const isSource = path.endsWith('.ts') && !path.endsWith('.d.ts');
  return isSource && Object.keys(THRESHOLDS).some((folder) => path.startsWith(`${folder}/`));
}

function commitOf(revision: string): string | undefined {
  return git('rev-parse', '--verify', '--quiet', `${revision}^{commit}`)[0];
}

function seedOfCommit(): string {
  return commitOf('HEAD') ?? '';
}

/** The lines that git prints; none when it fails, as for a branch that this clone has not. */
function git(...args: string[]): string[] {
  try {
    const printed = execFileSync('git', args, { cwd: ROOT, encoding: 'utf8', stdio: 'pipe' });
    return printed.split('\n').filter((line) => line !== '');
  } catch {
    return [];
  }
}
