import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { readRepositoryFile, repositoryFiles } from './support/source-files.ts';

interface Step {
  readonly uses?: string;
  readonly run?: string;
}

interface Workflow {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly jobs: Readonly<
    Record<string, { readonly steps: readonly Step[]; readonly 'timeout-minutes'?: number }>
  >;
}

const files = repositoryFiles().filter((path) => path.startsWith('.github/'));
const workflows = files.filter((path) => path.startsWith('.github/workflows/'));
const { scripts, version }: { scripts: Record<string, string>; version: string } = JSON.parse(
  readRepositoryFile('package.json'),
);

describe.each(workflows)('%s', (path) => {
  const text = readRepositoryFile(path);
  const { permissions, jobs } = parse(text) as Workflow;
  const steps = Object.values(jobs).flatMap((job) => job.steps);

  test('may do no more than it must, and ends', () => {
    expect(permissions).toBeDefined();
    for (const [, granted] of Object.entries(permissions ?? {})) expect(granted).toBe('read');
    for (const job of Object.values(jobs)) expect(job['timeout-minutes']).toBeLessThanOrEqual(60);
    // What a branch's own code could carry away.
    expect(text).not.toMatch(/secrets\.|pull_request_target/);
  });

  test('runs scripts that there are', () => {
    const called = steps.flatMap(({ run = '' }) => [
      ...run.matchAll(/\bnpm (?:run )?(test\S*|check|build)\b/g),
    ]);
    const names = called.map(([, name = '']) => name);
    expect(names.filter((name) => scripts[name] === undefined)).toEqual([]);
    for (const { run = '' } of steps) {
      const [, script] = /\bbash (\S+)/.exec(run) ?? [];
      if (script !== undefined) expect(repositoryFiles()).toContain(script);
    }
  });

  test('takes its actions from their makers alone', () => {
    for (const { uses } of steps)
      if (uses !== undefined) expect(uses).toMatch(/^actions\/[a-z-]+@[0-9a-f]{40}$/);
  });
});

test('there is a way in for a pull request, and one out for a release', () => {
  expect(workflows).toEqual(['.github/workflows/ci.yml', '.github/workflows/release.yml']);
  const release = readRepositoryFile('.github/workflows/release.yml');
  expect(release).toContain('npm publish --provenance');
  expect(release).toContain('dist/bom.json');
});

test.each(files.filter((path) => /\.ya?ml$/.test(path)))('%s is YAML', (path) => {
  expect(parse(readRepositoryFile(path))).toBeTypeOf('object');
});

test.each(files.filter((path) => /ISSUE_TEMPLATE\/(?!config)/.test(path)))(
  '%s is a form with questions',
  (path) => {
    const form = parse(readRepositoryFile(path)) as {
      name: string;
      description: string;
      body: { type: string }[];
    };
    expect([typeof form.name, typeof form.description]).toEqual(['string', 'string']);
    expect(form.body.filter(({ type }) => type !== 'markdown').length).toBeGreaterThan(0);
  },
);

test('the changelog is by version, the first of which is 0.1.0', () => {
  const headings = [...readRepositoryFile('CHANGELOG.md').matchAll(/^## (.+)$/gm)].map(
    ([, heading]) => heading,
  );
  expect(headings[0]).toBe('Unreleased');
  expect(headings.at(-1)).toMatch(/^0\.1\.0 \(\d{4}-\d{2}-\d{2}\)$/);
  expect(headings.join()).toContain(version);
});
