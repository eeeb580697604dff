import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { expect, test } from 'vitest';
import { symbolicated } from '../../infra/stack-frames.ts';

const SOURCE = `export function outer() {
  return inner();
}

function inner() {
  throw new Error('boom');
}
`;

/** As a handler is bundled, of one source. */
const [map, code] = buildSync({
  stdin: { contents: SOURCE, sourcefile: 'functions/oauth/thrower.ts', loader: 'ts' },
  ...{ outfile: 'dist/lambda/refresh-due/index.mjs', write: false, sourcemap: 'linked' },
  ...{ minify: true, format: 'esm' },
}).outputFiles.map(({ text }) => text);

/** What running the bundle throws, as Lambda's log has it. */
function thrown(): string {
  const folder = mkdtempSync(join(tmpdir(), 'evertoken-stack-'));
  try {
    writeFileSync(join(folder, 'index.mjs'), code ?? '');
    // As Node loads it: vitest would read the source map.
    const script = `import('./index.mjs').then(({ outer }) => outer()).catch(({ stack }) => console.log(stack))`;
    return execFileSync(process.execPath, ['--eval', script], { cwd: folder, encoding: 'utf8' });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
const stack = thrown();

const mapOf = (file: string) => (file === 'index.mjs' ? map : undefined);
const sourceOf = (path: string) => (path === 'functions/oauth/thrower.ts' ? SOURCE : undefined);

test('places are told by the source map, and functions by the sources', () => {
  expect(stack).not.toContain('inner');
  const lines = symbolicated(stack, { mapOf, sourceOf }).split('\n');
  expect(lines[1]).toBe('    at inner (functions/oauth/thrower.ts:6:9)');
  expect(lines[2]).toContain('at outer (functions/oauth/thrower.ts:2:10)');
});

test('without the sources functions keep the names that they have', () => {
  const lines = symbolicated(stack, { mapOf }).split('\n');
  expect(lines[1]).toMatch(/^ {4}at \w+ \(functions\/oauth\/thrower\.ts:6:9\)$/);
});

test('in a line of JSON too, and what is unknown is left', () => {
  const json = JSON.stringify({
    stack,
    other: 'at f (/var/task/chunk-ABCDEFGH.mjs:1:2) at g (x.js:1:1)',
  });
  const text = symbolicated(json, { mapOf, sourceOf });
  expect(JSON.parse(text).stack).toContain('at inner (functions/oauth/thrower.ts:6:9)');
  expect(text).toContain('at f (/var/task/chunk-ABCDEFGH.mjs:1:2) at g (x.js:1:1)');
});
