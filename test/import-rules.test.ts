import { describe, expect, test } from 'vitest';
import { importCircles, importViolations, PLACE_RULES, type Source } from './support/import-rules.ts';
import { importedModules } from './support/module-imports.ts';
import { readRepositoryFile, repositoryFiles } from './support/source-files.ts';

const source = (path: string, text: string): Source => ({ path, imports: importedModules(text) });
const violations = (path: string, text: string) => importViolations([source(path, text)]);

describe('imports are found', () => {
  test.each([
    ['a type alone', `import type { A } from './a.ts';`],
    ['types among values', `import { type A, b } from './a.ts';`],
    ['nothing but inline types', `import { type A } from './a.ts';`],
    ['a namespace of types', `import type * as A from './a.ts';`],
    ['a default type', `import type A from './a.ts';`],
    ['types over several lines', `import type {\n  A,\n} from './a.ts';`],
    ['a re-exported type', `export type { A } from './a.ts';`],
    ['all types re-exported', `export type * from './a.ts';`],
    ['a re-export', `export * from './a.ts';`],
    ['a side effect', `import './a.ts';`],
    ['a dynamic import', `const a = await import('./a.ts');`],
    ['an import inside a type', `type A = import('./a.ts').A;`],
    ['the type of a module', `type A = typeof import('./a.ts');`],
    ['a binding called type', `import type from './a.ts';`],
    ['an attribute', `import a from './a.ts' with { type: 'json' };`],
  ])('%s', (_, text) => {
    expect(importedModules(text)).toEqual(['./a.ts']);
  });

  test('but not in comments, in strings or in local types', () => {
    const text = `// import a from './a.ts';\nconst b = "import './b.ts'";\nexport type C = string;\nexport type { C as D };`;
    expect(importedModules(text)).toEqual([]);
  });
});

describe('refused', () => {
  test.each([
    ['functions/text/x.ts', `import { a } from '../oauth/a.ts';`],
    ['functions/text/x.ts', `import { readFile } from 'node:fs/promises';`],
    ['functions/oauth/x.ts', `import type { A } from '../connections/a.ts';`],
    ['functions/oauth/x.ts', `import { a } from '../providers/a.ts';`],
    ['functions/oauth/x.ts', `import { a } from '../refresh/a.ts';`],
    ['functions/oauth/x.ts', `import { a } from '../aws/a.ts';`],
    ['functions/oauth/x.ts', `import { a } from '../handlers/a.ts';`],
    ['functions/oauth/x.ts', `import { a } from 'undici';`],
    ['functions/oauth/x.ts', `import { a } from 'undici/lib/dispatcher/agent.js';`],
    ['functions/oauth/x.ts', `import type { A } from '@aws-sdk/client-ssm';`],
    ['functions/oauth/x.ts', `import { readFile } from 'node:fs/promises';`],
    ['functions/connections/x.ts', `import { a } from '../providers/a.ts';`],
    ['functions/connections/x.ts', `import type { A } from '../refresh/ports/stores.ts';`],
    ['functions/connections/x.ts', `import { request } from 'node:https';`],
    ['functions/refresh/rules/x.ts', `import { a } from '../steps/a.ts';`],
    ['functions/refresh/rules/x.ts', `import { a } from '../../aws/a.ts';`],
    ['functions/refresh/rules/x.ts', `import { a } from '../refresh-now.ts';`],
    ['functions/refresh/steps/x.ts', `import { a } from '../refresh-connection.ts';`],
    ['functions/refresh/steps/x.ts', `import { a } from '../store-refresh-token.ts';`],
    ['functions/refresh/ports/x.ts', `import type { A } from '../refresh-run.ts';`],
    ['functions/aws/x.ts', `import { a } from '../refresh/refresh-due.ts';`],
    ['functions/aws/x.ts', `import { a } from '../refresh/steps/a.ts';`],
    ['functions/oauth/request/x.ts', `import { a } from '../transport/a.ts'; import Client from 'undici';`],
    ['functions/providers/x.ts', `import { a } from '../refresh/a.ts';`],
    ['functions/refresh/x.ts', `import { a } from '../providers/a.ts';`],
    ['functions/refresh/x.ts', `import { a } from '../aws/a.ts';`],
    ['functions/refresh/x.ts', `type A = import('@aws-sdk/client-secrets-manager').A;`],
    ['functions/refresh/x.ts', `import { setTimeout } from 'node:timers/promises';`],
    ['functions/refresh/x.ts', `import { Logger } from '@aws-lambda-powertools/logger';`],
    ['functions/aws/x.ts', `import { a } from '../handlers/a.ts';`],
    ['functions/aws/x.ts', `import { a } from '../providers/a.ts';`],
    ['functions/handlers/x.ts', `import { a } from '../aws/a.ts';`],
    ['functions/handlers/x.ts', `import { SSMClient } from '@aws-sdk/client-ssm';`],
    ['functions/handlers/composition.ts', `import { a } from '../../local/a.ts';`],
    ['functions/handlers/composition.ts', `import { App } from 'aws-cdk-lib';`],
    ['functions/handlers/composition.ts', `import { Agent } from 'undici';`],
    ['functions/aws/x.ts', `import { canarySecret } from '../../test/support/canary.ts';`],
    ['local/aws/x.ts', `import type { A } from '../../functions/oauth/a.ts';`],
    ['local/aws/x.ts', `import { a } from '../clock.ts';`],
    ['local/x.ts', `import { a } from '../test/support/a.ts';`],
    ['reader/x.ts', `import type { A } from '../functions/oauth/a.ts';`],
    ['cli/x.ts', `import { a } from '../local/a.ts';`],
    ['infra/x.ts', `import { a } from '../functions/aws/a.ts';`],
    ['infra/x.ts', `import { a } from '../functions/handlers/composition.ts';`],
    ['infra/x.ts', `import type { A } from '../functions/refresh/ports/stores.ts';`],
    ['infra/x.ts', `import { a } from '../functions/aws/metrics.ts';`],
    ['infra/x.ts', `import { handler } from '../functions/handlers/refresh-due.ts';`],
    ['infra/x.ts', `import { a } from '../local/a.ts';`],
  ])('%s: %s', (path, text) => {
    expect(violations(path, text)).toHaveLength(1);
  });
});

describe('allowed', () => {
  test.each([
    ['functions/oauth/transport/x.ts', `import Agent from 'undici/lib/dispatcher/agent.js';`],
    ['functions/oauth/response/x.ts', `import { a } from '../../text/a.ts';`],
    ['functions/refresh/rules/x.ts', `import { a } from '../../text/a.ts';`],
    ['functions/connections/x.ts', `import { a } from '../oauth/a.ts'; import { z } from 'zod';`],
    ['functions/refresh/x.ts', `import { a } from '../connections/a.ts';`],
    [
      'functions/aws/x.ts',
      `import { A } from '@aws-sdk/client-ssm'; import type { B } from '../refresh/ports/stores.ts';`,
    ],
    [
      'functions/handlers/composition.ts',
      `import { a } from '../aws/a.ts'; import { b } from '../providers/b.ts';`,
    ],
    ['functions/handlers/x.ts', `import { a } from './composition.ts'; import middy from '@middy/core';`],
    ['infra/x.ts', `import { a } from '../functions/handlers/config.ts'; import { App } from 'aws-cdk-lib';`],
    [
      'infra/x.ts',
      `import { a } from '../functions/aws/resource-names.ts'; import { b } from '../functions/aws/state-table/state-table-definition.ts';`,
    ],
    ['local/main.ts', `import { a } from './aws/a.ts'; import { b } from '../functions/aws/b.ts';`],
    ['test/a.test.ts', `import { a } from '../functions/aws/a.ts';`],
  ])('%s: %s', (path, text) => {
    expect(violations(path, text)).toEqual([]);
  });
});

describe('circles', () => {
  test('are found once each, also through types and over several files', () => {
    const circles = importCircles([
      source('functions/a.ts', `import type { B } from './b.ts';`),
      source('functions/b.ts', `import { c } from './c.ts';`),
      source('functions/c.ts', `export * from './a.ts';`),
      source('functions/d.ts', `import { a } from './a.ts';`),
    ]);
    expect(circles).toEqual([['functions/a.ts', 'functions/b.ts', 'functions/c.ts', 'functions/a.ts']]);
  });

  test('a file that imports itself is one', () => {
    expect(importCircles([source('a.ts', `import './a.ts';`)])).toEqual([['a.ts', 'a.ts']]);
  });

  test('two ways to one file are none', () => {
    const sources = [
      source('a.ts', `import './b.ts'; import './c.ts';`),
      source('b.ts', `import './c.ts';`),
      source('c.ts', ''),
    ];
    expect(importCircles(sources)).toEqual([]);
  });
});

describe('the repository', () => {
  const sources = repositoryFiles()
    .filter((path) => path.endsWith('.ts'))
    .map((path) => source(path, readRepositoryFile(path)));
  const product = sources.filter(({ path }) => !path.startsWith('test/'));

  test('has sources to look at', () => {
    expect(product.length).toBeGreaterThan(40);
  });

  test('imports only what it may', () => {
    expect(importViolations(sources)).toEqual([]);
  });

  test('has no circles', () => {
    expect(importCircles(sources)).toEqual([]);
  });

  test('has a rule for every folder with sources', () => {
    const folders = new Set(
      sources.filter(({ path }) => path.includes('/')).map(({ path }) => `${path.split('/')[0]}/`),
    );
    const ruled = PLACE_RULES.map(({ place }) => place);
    const missing = [...folders].filter((folder) => !ruled.some((place) => place.startsWith(folder)));
    expect(missing).toEqual([]);
    const inFunctions = new Set(
      product
        .filter(({ path }) => path.startsWith('functions/'))
        .map(({ path }) => path.split('/').slice(0, 2).join('/')),
    );
    expect([...inFunctions].filter((folder) => !ruled.includes(`${folder}/`))).toEqual([]);
  });

  test('enters a refresh by handlers, the command and local mode alone', () => {
    const room = 'functions/refresh/';
    const entry = (name: string) => `${room}${name}.ts`;
    const heart = entry('refresh-connection');
    const others = ['refresh-due', 'refresh-now', 'reconcile', 'rotate-secret', 'store-refresh-token'].map(
      entry,
    );
    const targets = ({ path, imports }: Source) =>
      imports
        .filter((name) => name.startsWith('.'))
        .map((name) => new URL(name, `file:///${path}`).pathname.slice(1));
    const entered = product.flatMap((each) =>
      targets(each)
        .filter((target) => target === heart || others.includes(target))
        .map((target) => [each.path, target] as const),
    );
    expect(new Set(entered.map(([, target]) => target))).toEqual(new Set([heart, ...others]));
    const byOthers = entered.filter(([path]) => !/^(functions\/handlers|cli|local|bench)\//.test(path));
    // The entry points lead to the heart, and a rotation is an ordinary refresh on demand.
    expect(byOthers.filter(([path]) => !others.includes(path))).toEqual([]);
  });

  test('names its files in relative imports', () => {
    const known = new Set(repositoryFiles());
    const lost = product.flatMap(({ path, imports }) =>
      imports
        .filter((name) => name.startsWith('.'))
        .filter((name) => !known.has(new URL(name, `file:///${path}`).pathname.slice(1)))
        .map((name) => `${path}: ${name}`),
    );
    expect(lost).toEqual([]);
  });
});

describe('sources that take their time and chance as arguments', () => {
  const IMPURE = /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bperformance\.now\(|\bprocess\.env\b/;

  test('hold no call that reads the clock, chance or the environment', () => {
    const pure = repositoryFiles().filter((path) =>
      /^functions\/(text|oauth|connections|providers|refresh)\/.*\.ts$/.test(path),
    );
    expect(pure.filter((path) => IMPURE.test(readRepositoryFile(path)))).toEqual([]);
  });

  test.each(['Date.now()', 'new Date()', 'Math.random()', 'process.env.X'])('%s would be seen', (call) => {
    expect(IMPURE.test(`const x = ${call};`)).toBe(true);
  });
});
