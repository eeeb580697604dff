import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { Stryker } from '@stryker-mutator/core';
import { ROOT } from '../../support/source-files.ts';

type MutantResult = Awaited<ReturnType<Stryker['runMutationTest']>>[number];

/** One change of the source, and whether a test noticed it. */
export interface Mutant {
  /** From the root of the repository. */
  readonly file: string;
  readonly line: number;
  /** The line of source on which the mutated code begins. */
  readonly sourceLine: string;
  readonly mutator: string;
  readonly original: string;
  readonly mutant: string;
  /** `uncovered`: it survived because no test runs the code. */
  readonly verdict: 'noticed' | 'survived' | 'uncovered';
}

/**
 * Mutates the files in a sandbox under `.cache/` and runs against each mutant the tests that cover it, until
 * one fails. A mutant with which the tests hang, or cannot even be loaded, is noticed.
 *
 * @param files sources, from the root of the repository
 * @returns all mutants but those of the words of messages
 */
export async function judge(files: readonly string[]): Promise<Mutant[]> {
  // Read before the run: somebody may edit them while it goes on.
  const sources = new Map(files.map((file) => [file, readFileSync(ROOT + file, 'utf8').split('\n')]));
  const related = await run(files, true);
  // No test imports any of the files: Stryker then says nothing, where each mutant survives.
  const results = related.length > 0 ? related : await run(files, false);
  return results
    .filter(({ status }) => status !== 'Ignored')
    .map((result) => {
      const file = relative(ROOT, result.fileName);
      return toMutant(result, file, sources.get(file) ?? []);
    })
    .sort(byPlace);
}

/** @param related whether only tests that import one of the files are run */
function run(files: readonly string[], related: boolean): Promise<MutantResult[]> {
  return new Stryker({
    configFile: 'test/suites/mutations/stryker.config.ts',
    mutate: [...files],
    vitest: { related },
    reporters: ['html', process.stdout.isTTY ? 'progress' : 'progress-append-only'],
  }).runMutationTest();
}

function toMutant(result: MutantResult, file: string, lines: readonly string[]): Mutant {
  const { start, end } = result.location;
  const spanned = lines.slice(start.line - 1, end.line);
  const last = spanned.length - 1;
  const original = spanned
    .map((text, at) => text.slice(at === 0 ? start.column - 1 : 0, at === last ? end.column - 1 : undefined))
    .join('\n');
  return {
    file,
    line: start.line,
    sourceLine: onOneLine(spanned[0] ?? ''),
    mutator: result.mutatorName,
    original: onOneLine(original),
    mutant: onOneLine(result.replacement ?? ''),
    verdict: verdictOf(result.status),
  };
}

function verdictOf(status: MutantResult['status']): Mutant['verdict'] {
  if (status === 'Survived') return 'survived';
  if (status === 'NoCoverage') return 'uncovered';
  if (status === 'Killed' || status === 'Timeout' || status === 'RuntimeError') return 'noticed';
  throw new Error(`a mutant was left ${status}`);
}

/** One order for all runs, whichever mutant was judged first. */
function byPlace(one: Mutant, other: Mutant): number {
  const change = ({ mutator, original, mutant }: Mutant) => `${mutator} ${original} ${mutant}`;
  return (
    one.file.localeCompare(other.file) || one.line - other.line || change(one).localeCompare(change(other))
  );
}

function onOneLine(code: string): string {
  return code.replace(/\s+/g, ' ').trim();
}
