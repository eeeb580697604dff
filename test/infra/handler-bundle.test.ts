import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { Stack } from 'aws-cdk-lib';
import { AssetCode } from 'aws-cdk-lib/aws-lambda';
import { describe, expect, test } from 'vitest';
import { presetIdsSync } from '../../functions/providers/presets.ts';
import { handlerCode } from '../../infra/constructs/handler-code.ts';
import { HANDLERS } from '../../infra/handler-bundle.ts';
import { ROOT } from '../support/source-files.ts';

function folderOf(handler: (typeof HANDLERS)[number]): string {
  const code = handlerCode(new Stack(), handler);
  if (!(code instanceof AssetCode)) throw new Error('the code is no asset');
  return code.path;
}

describe.each(HANDLERS)('the bundle of %s', (handler) => {
  const folder = folderOf(handler);
  const text = (file: string) => readFileSync(join(folder, file), 'utf8');

  test('is a module and what it loads when it is needed, each with its source map, and the presets beside it', () => {
    const presets = presetIdsSync().map((id) => `${id}.json`);
    const files = readdirSync(folder);
    const modules = files.filter((file) => file.endsWith('.mjs'));
    expect(modules.filter((file) => !/^chunk-[A-Z0-9]{8}\.mjs$/.test(file))).toEqual(['index.mjs']);
    expect(files.sort()).toEqual([...modules, ...modules.map((file) => `${file}.map`), ...presets].sort());
  });

  /** The entry and all that it imports at once: what a cold start reads. */
  function begin(): ReadonlySet<string> {
    const begun = new Set<string>();
    const wanted = ['index.mjs'];
    for (let file = wanted.pop(); file !== undefined; file = wanted.pop()) {
      if (begun.has(file)) continue;
      begun.add(file);
      wanted.push(...[...text(file).matchAll(/(?:from|import)"\.\/([^"]+)"/g)].map(([, name = '']) => name));
    }
    return begun;
  }

  test('begins with no more than a cold start should read', () => {
    const bytes = [...begin()].reduce((sum, file) => sum + Buffer.byteLength(text(file)), 0);
    expect(bytes / 1024).toBeLessThan(600);
  });

  test('begins with few files, as each takes its time', () => {
    expect(begin().size).toBeLessThan(10);
  });

  test('makes no namespace of a module of Node, which loads more than is used', () => {
    for (const file of readdirSync(folder).filter((name) => name.endsWith('.mjs'))) {
      expect(text(file)).not.toMatch(/(?:from|import)\s*"(?:node:|(?!\.)[a-z_/]+")/);
    }
  });

  test('begins without schemas: they are there to say what is wrong', () => {
    const begun = begin();
    const all = readdirSync(folder).filter((file) => file.endsWith('.mjs'));
    const holding = all.filter((file) => text(file).includes('$ZodType'));
    expect(holding.filter((file) => begun.has(file))).toEqual([]);
    if (handler.startsWith('refresh-')) expect(holding.length).toBeGreaterThan(0);
  });

  test('does not begin with what few connections need, or a refresh needs at its end', () => {
    const begun = begin();
    const all = readdirSync(folder).filter((file) => file.endsWith('.mjs'));
    const holding = (word: string) => all.filter((file) => text(file).includes(word));
    for (const word of ['TrentService', 'GetWebIdentityTokenRequest', 'AWSEvents', 'AmazonSSM']) {
      expect(holding(word).filter((file) => begun.has(file))).toEqual([]);
    }
    // Both are there, where a token is refreshed at all.
    if (handler !== 'reconcile') expect(holding('TrentService')).toHaveLength(1);
  });

  test('is the same wherever the repository lies, and holds no sources', () => {
    const maps = readdirSync(folder).filter((file) => file.endsWith('.map'));
    const parsed = maps.map((file) => JSON.parse(text(file)));
    expect(parsed.every(({ sourcesContent }) => sourcesContent === undefined)).toBe(true);
    expect(parsed.flatMap(({ sources }) => sources)).toContain(`../../functions/handlers/${handler}.ts`);
    for (const file of readdirSync(folder)) expect(text(file)).not.toContain(ROOT);
  });

  test('loads in Node as Lambda loads it', async () => {
    const module = pathToFileURL(join(folder, 'index.mjs')).href;
    const script = `import(${JSON.stringify(module)}).then(({ handler }) => console.log(typeof handler, handler.length))`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--eval', script]);
    const [type, parameters] = stdout.trim().split(' ');
    expect(type).toBe('function');
    // Node 24 refuses a handler that takes a callback.
    expect(Number(parameters)).toBeLessThan(3);
  });
});
