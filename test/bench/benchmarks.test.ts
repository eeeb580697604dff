import { expect, test } from 'vitest';
import { benchmarkNames, loadBenchmark } from '../../bench/runner/benchmark-names.ts';
import { namesOfTables, withTables } from '../../bench/runner/markdown-tables.ts';
import { FORMS, type RecordedFigures } from '../../bench/runner/recorded-figures.ts';
import { readRepositoryFile, repositoryFiles } from '../support/source-files.ts';

const names = benchmarkNames();
const markdown = readRepositoryFile('BENCHMARKS.md');
const recorded: RecordedFigures = JSON.parse(readRepositoryFile('bench/figures.json'));

test('every file that satisfies the contract can be asked for by name', () => {
  const files = repositoryFiles().filter(
    (path) => /^bench\/[^/]+\.ts$/.test(path) && readRepositoryFile(path).includes('satisfies Benchmark'),
  );
  expect(names.map((name) => `bench/${name}.ts`)).toEqual(files.sort());
  expect(names.length).toBeGreaterThan(0);
});

test.each(names)('%s says what it measures', async (name) => {
  const { about } = await loadBenchmark(name);
  expect(about).toMatch(/^[A-Z`].{20,200}$/);
});

test.each(names)('%s has a section in BENCHMARKS.md, with room for its table', (name) => {
  expect(markdown).toContain(`\n## ${name}\n`);
  expect(namesOfTables(markdown)).toContain(name);
});

test('figures are committed of benchmarks that exist, alone', () => {
  expect(Object.keys(recorded).filter((name) => !names.includes(name))).toEqual([]);
});

test('what is committed says how it was made', () => {
  const runs = Object.entries(recorded).flatMap(([name, forms]) =>
    Object.entries(forms).map(([form, run]) => ({ name, form, ...run })),
  );
  for (const { name, form, command, date, machine } of runs) {
    expect(FORMS).toContain(form);
    expect(command).toBe(`npm run bench -- ${name}${form === 'full' ? ' --full' : ''}`);
    expect(date).toMatch(/^\d{4}-\d\d-\d\d$/);
    expect(machine).toEqual({ cpu: expect.any(String), cores: expect.any(Number), node: expect.any(String) });
  }
});

test('the tables of BENCHMARKS.md say what bench/figures.json says', () => {
  expect(withTables(markdown, recorded)).toBe(markdown);
});
