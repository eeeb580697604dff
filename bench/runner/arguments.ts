import { parseArgs } from 'node:util';
import { nearName } from '../../functions/text/near-name.ts';

export interface Arguments {
  /** What is to be run, in the order asked for; all where none is named. */
  readonly names: readonly string[];
  readonly full: boolean;
  readonly check: boolean;
  readonly record: boolean;
  readonly list: boolean;
  readonly help: boolean;
}

/** What was asked for makes no sense. */
export class UnknownArguments extends Error {}

export const HELP = `npm run bench -- [NAME...] [--full] [--check | --record]

Measures what Evertoken costs. Without a NAME: every benchmark, one after the other, each in a process of its own.
Progress goes to stderr, the figures to stdout, beside the goal and the figure that is committed.

  --list    name the benchmarks, and what each measures
  --full    the whole form, which may take many minutes; the short one takes some 20 s a benchmark
  --check   fail when a ratio or a count is worse than the committed figure by more than its tolerance, when one is
            missing, and when a benchmark throws. Never for a time, a size in memory or dollars: those are told.
  --record  write the figures to bench/figures.json, and the tables of BENCHMARKS.md from it
  --help    print this

Exit codes: 0 done, 1 a benchmark failed or a figure is worse, 2 wrong usage.
BENCHMARKS.md says what each figure means, and what the profiles showed.`;

/** @throws UnknownArguments in a sentence that says what there is */
export function readArguments(args: readonly string[], known: readonly string[]): Arguments {
  const { values, positionals } = parse(args);
  const { full = false, check = false, record = false, list = false, help = false } = values;
  for (const name of positionals) {
    if (!known.includes(name)) throw new UnknownArguments(unknownName(name, known));
  }
  if (check && record) {
    throw new UnknownArguments(
      '--check holds the run against what is committed, --record replaces it: one of them',
    );
  }
  const names = positionals.length > 0 ? [...new Set(positionals)] : known;
  return { names, full, check, record, list, help };
}

function parse(args: readonly string[]) {
  const boolean = { type: 'boolean' } as const;
  const options = {
    full: boolean,
    check: boolean,
    record: boolean,
    list: boolean,
    help: { ...boolean, short: 'h' },
  };
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    throw new UnknownArguments(`${(error as Error).message.split('. ')[0]}; see --help`);
  }
}

function unknownName(name: string, known: readonly string[]): string {
  const near = nearName(name, known);
  const meant = near === undefined ? '' : ` Did you mean ${near}?`;
  return `no benchmark is called "${name}".${meant} There are: ${known.join(', ')}`;
}
