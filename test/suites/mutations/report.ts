import type { Accepted } from './accepted.ts';
import type { Mutant } from './judge.ts';

/** How much of each folder the tests must notice, in percent of its mutants. */
export const THRESHOLDS: Readonly<Record<string, number>> = {
  'functions/refresh': 85,
  'functions/oauth': 80,
};

const LONGEST_CODE = 90;

/** What a run found, and whether that will do. */
export interface Report {
  readonly lines: readonly string[];
  readonly passed: boolean;
}

/**
 * Survivors that nobody accepted fail a run. So does a folder under its threshold, accepted survivors counted
 * as survivors, but only where all its files were judged: of a few files the share says little. So does an
 * entry of the list whose code is gone.
 *
 * @param wholeFolders whether all files of the folders were judged
 */
export function report(
  mutants: readonly Mutant[],
  accepted: readonly Accepted[],
  wholeFolders: boolean,
): Report {
  const survivors = mutants.filter(({ verdict }) => verdict !== 'noticed');
  const open = survivors.filter((mutant) => !accepted.some((entry) => accepts(entry, mutant)));
  const judged = new Set(mutants.map(({ file }) => file));
  const entries = accepted.filter(({ file }) => wholeFolders || judged.has(file));
  const gone = entries.filter((entry) => !mutants.some((mutant) => accepts(entry, mutant)));
  const noticed = entries.filter(
    (entry) => !gone.includes(entry) && !survivors.some((mutant) => accepts(entry, mutant)),
  );
  const folders = Object.keys(THRESHOLDS).map((folder) =>
    scoreOf(
      folder,
      mutants.filter(({ file }) => file.startsWith(`${folder}/`)),
      open,
    ),
  );
  const low = folders.filter(({ folder, score }) => wholeFolders && score < (THRESHOLDS[folder] ?? 0));
  return {
    lines: [
      ...open.map(lineOf),
      ...gone.map(({ file, code, mutant }) =>
        `${file}: no such code any more: ${code} ${mutant ?? ''}`.trimEnd(),
      ),
      ...noticed.map(({ file, code }) => `${file}: accepted, and noticed by now: ${code}`),
      ...folders.flatMap(({ text }) => text),
      ...low.map(({ folder }) => `${folder} is under its ${THRESHOLDS[folder]} %`),
    ],
    passed: open.length === 0 && gone.length === 0 && low.length === 0,
  };
}

/** Whether an entry of the list speaks of this mutant. */
export function accepts(entry: Accepted, mutant: Mutant): boolean {
  return (
    entry.file === mutant.file &&
    mutant.sourceLine.includes(entry.code) &&
    changeOf(mutant).includes(entry.mutant ?? '')
  );
}

/** Such as `EqualityOperator: age > BUCKETS → age >= BUCKETS`. */
function changeOf({ mutator, original, mutant }: Mutant): string {
  return `${mutator}: ${original} → ${mutant}`;
}

function lineOf({ file, line, mutator, original, mutant, verdict }: Mutant): string {
  const from = firstDifference(original, mutant);
  const change = `${excerpt(original, from)} → ${excerpt(mutant, from)}`;
  return `${file}:${line} ${mutator}: ${change}${verdict === 'uncovered' ? '  (no test runs it)' : ''}`;
}

function firstDifference(one: string, other: string): number {
  const at = [...one].findIndex((character, index) => character !== other[index]);
  return at < 0 ? one.length : at;
}

/** A long piece of code is shown from a little before the place where it was changed. */
function excerpt(code: string, changedAt: number): string {
  if (code.length <= LONGEST_CODE) return code;
  const from = Math.max(0, changedAt - LONGEST_CODE / 3);
  const end = from + LONGEST_CODE;
  return `${from > 0 ? '…' : ''}${code.slice(from, end)}${end < code.length ? '…' : ''}`;
}

function scoreOf(folder: string, mutants: readonly Mutant[], open: readonly Mutant[]) {
  const noticed = mutants.filter(({ verdict }) => verdict === 'noticed').length;
  const refused = mutants.filter((mutant) => open.includes(mutant)).length;
  const score = mutants.length === 0 ? 100 : (100 * noticed) / mutants.length;
  const left = mutants.length - noticed;
  const text =
    `${folder}: ${score.toFixed(1)} %, ${noticed} of ${mutants.length} mutants noticed, ` +
    `${left} survived, ${left - refused} of them accepted`;
  return { folder, score, text: mutants.length === 0 ? [] : [text] };
}
