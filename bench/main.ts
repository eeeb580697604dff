/** `npm run bench`: see `bench/runner/arguments.ts` for what can be asked for. */
import { readFile, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { HELP, readArguments, UnknownArguments } from './runner/arguments.ts';
import { BENCH, benchmarkNames, loadBenchmark } from './runner/benchmark-names.ts';
import { worseFigures } from './runner/held-figures.ts';
import { withTables } from './runner/markdown-tables.ts';
import { type Form, type Machine, type RecordedFigures, withRun } from './runner/recorded-figures.ts';
import { runApart } from './runner/run-apart.ts';
import { terminalTable } from './runner/terminal-table.ts';

const EXIT = { done: 0, failed: 1, wrongUsage: 2 };
const FIGURES = join(BENCH, 'figures.json');
const BENCHMARKS = join(BENCH, '../BENCHMARKS.md');

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130));

process.exitCode = await main();

async function main(): Promise<number> {
  try {
    const { list, help, ...wanted } = readArguments(process.argv.slice(2), benchmarkNames());
    if (help) console.log(HELP);
    else if (list) await printList(wanted.names);
    else return await measure(wanted);
    return EXIT.done;
  } catch (error) {
    if (!(error instanceof UnknownArguments)) throw error;
    console.error(`bench: ${error.message}`);
    return EXIT.wrongUsage;
  }
}

async function printList(names: readonly string[]): Promise<void> {
  const width = Math.max(...names.map(({ length }) => length));
  for (const name of names) console.log(`${name.padEnd(width)}  ${(await loadBenchmark(name)).about}`);
}

interface Wanted {
  readonly names: readonly string[];
  readonly full: boolean;
  readonly check: boolean;
  readonly record: boolean;
}

async function measure({ names, full, check, record }: Wanted): Promise<number> {
  const form: Form = full ? 'full' : 'short';
  const problems: string[] = [];
  let recorded: RecordedFigures = JSON.parse(await readFile(FIGURES, 'utf8'));
  for (const name of names) {
    const startedAt = Date.now();
    const say = (text: string) => console.error(`${name}: ${text}`);
    say('starts');
    try {
      const figures = await runApart(name, { full, progress: say });
      say(`done after ${((Date.now() - startedAt) / 1000).toFixed(0)} s`);
      const committed = recorded[name]?.[form];
      console.log(`\n${name} (${form} form)\n${terminalTable(figures, committed)}`);
      if (check) problems.push(...worseFigures(figures, committed).map((worse) => `${name}: ${worse}`));
      if (record) {
        // One by one: what was measured stays where a later one is interrupted.
        recorded = withRun(recorded, { name, form, figures, date: today(), machine: machine() });
        await write(recorded);
      }
    } catch (error) {
      problems.push(`${name} failed: ${(error as Error).message}`);
      say(`failed: ${(error as Error).message}`);
    }
  }
  if (check || problems.length > 0) console.log(`\n${verdict(problems)}`);
  return problems.length > 0 ? EXIT.failed : EXIT.done;
}

async function write(recorded: RecordedFigures): Promise<void> {
  const tables = withTables(await readFile(BENCHMARKS, 'utf8'), recorded);
  await writeFile(FIGURES, `${JSON.stringify(recorded, null, 2)}\n`);
  await writeFile(BENCHMARKS, tables);
}

function verdict(problems: readonly string[]): string {
  if (problems.length === 0) return 'No ratio and no count is worse than what is committed.';
  return problems.map((problem) => `✗ ${problem}`).join('\n');
}

function today(): string {
  return new Date().toISOString().slice(0, 10);
}

function machine(): Machine {
  const [{ model = 'unknown processor' } = {}, ...others] = cpus();
  return { cpu: model.trim(), cores: others.length + 1, node: process.versions.node };
}
