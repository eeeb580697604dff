import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ROOT } from './support/source-files.ts';

/** An npm that does what FAKE_NPM says: `ci=0 test=1` are exit codes, `test=hang` never ends by itself. */
const FAKE_NPM = `#!/usr/bin/env bash
word=\${*: -1}
for rule in $FAKE_NPM; do
  [ "\${rule%%=*}" = "$word" ] || continue
  case \${rule#*=} in
    hang) echo started; sleep 60 ;;
    die) kill -KILL $$ ;;
    *) exit "\${rule#*=}" ;;
  esac
done
`;

/** Some forty processes one after the other, each of which waits for a core on a busy machine. */
const BUSY = { timeout: 60_000 };

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ci-run-'));
  mkdirSync(join(folder, '.ci'));
  mkdirSync(join(folder, 'bin'));
  copyFileSync(`${ROOT}.ci/run`, join(folder, '.ci/run'));
  writeFileSync(join(folder, 'bin/npm'), FAKE_NPM);
  chmodSync(join(folder, 'bin/npm'), 0o755);
});

afterEach(() => rmSync(folder, { recursive: true }));

function start(rules: string) {
  const env = { ...process.env, PATH: `${join(folder, 'bin')}:${process.env['PATH']}`, FAKE_NPM: rules };
  return spawn('bash', ['.ci/run'], { cwd: folder, env, stdio: ['ignore', 'pipe', 'ignore'] });
}

async function run(rules: string) {
  const ci = start(rules);
  const [lines, [exitCode]] = await Promise.all([text(ci.stdout), once(ci, 'close')]);
  return { last: lines.trimEnd().split('\n').at(-1), exitCode };
}

test.each([
  ['a step that fails', 'ci=0 test=1 check=0', /^[1-9]\d* passed, 1 failed$/],
  ['a step that is killed', 'ci=0 test=die check=0', /^[1-9]\d* passed, 1 failed$/],
  ['the last step', 'ci=0 test=0 check=2', /^[1-9]\d* passed, 1 failed$/],
  ['npm ci, without which nothing else is tried', 'ci=1 test=0 check=0', /^0 passed, 1 failed$/],
])('fails for %s', BUSY, async (_, rules, last) => {
  expect(await run(rules)).toEqual({ last: expect.stringMatching(last), exitCode: 1 });
});

test('succeeds when every step does', BUSY, async () => {
  expect(await run('ci=0 test=0 check=0')).toEqual({
    last: expect.stringMatching(/^[1-9]\d* passed, 0 failed$/),
    exitCode: 0,
  });
});

test('ends with its line also when it is interrupted', BUSY, async () => {
  const ci = start('ci=0 test=hang');
  const closed = once(ci, 'close');
  let lines = '';
  for await (const chunk of ci.stdout) {
    lines += chunk;
    if (lines.includes('started\n')) ci.kill('SIGTERM');
  }
  expect(await closed).toEqual([1, null]);
  expect(lines.trimEnd().split('\n').at(-1)).toBe('1 passed, 1 failed');
});
