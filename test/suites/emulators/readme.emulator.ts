import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it, vi } from 'vitest';
import { DEMO_CREDENTIALS } from '../../../local/demo/demo-providers.ts';
import { ROOT, readRepositoryFile } from '../../support/source-files.ts';
import { shownCommands } from './support/shown-commands.ts';

/** The port that the pages name. */
const PORT = 4566;
const STARTED_WITHIN_MS = 120_000;

/** What is not run here, and where it is. */
const ELSEWHERE: readonly (readonly [RegExp, string])[] = [
  [/^npm ci && npm test$/, 'every run of the tests'],
  [/^git clone /, 'a clone needs the network'],
  [/^npx cdk (bootstrap|deploy --all)$/, 'deployment.emulator.ts'],
  [/^npm install evertoken /, 'the suite of the package'],
  [/^npx evertoken init$/, 'test/cli/commands/init.test.ts: it asks'],
  [/^npx cdk deploy --all --app 'npx evertoken-app'$/, 'the suite of the package'],
  [/^npm start -- --connections .* --allow-origin /, 'test/local/own/real-provider.test.ts'],
  [/^git pull && npm ci && npx cdk deploy --all$/, 'deployment.emulator.ts'],
];
const isElsewhere = (command: string) => ELSEWHERE.some(([pattern]) => pattern.test(command));

/** What `npm start` runs with its own connections, and what with those of the repository, as a deployment does. */
const OF_THE_DEMO = /rotating-demo|evertoken -- status/;

const pages = ['README.md', 'docs/getting-started.md', 'docs/reading-tokens.md'];
const shown = pages.flatMap((page) => shownCommands(page).map((command) => ({ page, command })));
const runnable = shown.filter(
  ({ command }) => !isElsewhere(command) && !/^(export|npm ci && npm start)/.test(command),
);
const exported = Object.fromEntries(
  shown.flatMap(({ command }) =>
    [...command.matchAll(/(?<=^export .*|\s)(AWS_\w+)=(\S+)/g)].map(([, name = '', value = '']) => [
      name,
      value,
    ]),
  ),
);

/** What is piped into a command that asks. */
const INPUT = JSON.stringify(DEMO_CREDENTIALS['kajabi-demo']);

it('every command that the pages show is known here', () => {
  expect(shown.length).toBeGreaterThan(20);
  expect(shown.filter(({ command }) => command.startsWith('npm ci && npm start')).length).toBeGreaterThan(0);
  expect(exported).toMatchObject({ AWS_ENDPOINT_URL: `http://127.0.0.1:${PORT}`, AWS_REGION: 'us-east-1' });
  const unknown = runnable.filter(
    ({ command }) => !/^(aws |npm run -s evertoken -- |token=|parameter=|if |printf )/.test(command),
  );
  expect(unknown).toEqual([]);
});

describe.each([
  ['the demo', [], ({ command }: { command: string }) => OF_THE_DEMO.test(command)],
  [
    'the connections of the repository',
    ['--', '--connections', 'connections.json'],
    ({ command }: { command: string }) => !OF_THE_DEMO.test(command),
  ],
] as const)('on the local endpoint, with %s', (_, options, isHere) => {
  let missing = inject('missing');
  let local: ChildProcess;
  let printed = '';

  beforeAll(async () => {
    if (missing !== null) return;
    if (await isTaken(PORT)) {
      missing = `something listens on port ${PORT} already`;
      return;
    }
    // As README.md says, in a process group that can be ended as a whole.
    local = spawn('npm', ['start', ...options], { cwd: ROOT, detached: true, env: environment() });
    for (const stream of [local.stdout, local.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        printed += text;
      });
    }
    await vi.waitUntil(() => isTaken(PORT), { timeout: STARTED_WITHIN_MS, interval: 200 });
  }, STARTED_WITHIN_MS);
  beforeEach((context) => {
    if (missing !== null) context.skip(missing);
  });
  afterAll(async () => {
    if (local?.pid === undefined) return;
    process.kill(-local.pid, 'SIGINT');
    await once(local, 'close');
    await vi.waitUntil(async () => !(await isTaken(PORT)), { timeout: 20_000, interval: 200 });
  });

  // One shell, as a person has it: variables that one line sets are there in the next.
  const session: string[] = [];
  it.for(runnable.filter(isHere))('$page: $command', { timeout: 40_000, retry: 0 }, async ({ command }) => {
    if (command.includes('credentials set'))
      await expect.poll(() => printed, { timeout: 30_000 }).toContain('crm');
    session.push(/^(token=|parameter=)/.test(command) ? command : '');
    // A person is asked; here it is piped in. The AWS CLI is of version 1, which lacks one option.
    const typed = command
      .replace(/credentials set \S+/, '$& --stdin')
      .replace(/ --cli-binary-format \S+/, '');
    const script = `${session.join('\n')}\n${typed}`;
    // What needs a tick is there within two of them.
    await expect
      .poll(() => shell(script), { timeout: 20_000, interval: 500 })
      .toMatchObject({ code: 0, stderr: '' });
  });
});

function environment(): NodeJS.ProcessEnv {
  return {
    PATH: `${inject('commands')}:${ROOT}node_modules/.bin:${process.env['PATH'] ?? ''}`,
    HOME: process.env['HOME'],
    NO_COLOR: '1',
    CI: 'true',
    ...exported,
  };
}

function shell(script: string): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const options = { cwd: ROOT, env: environment() };
    // A pipe of the shell's own can be opened by its name, as /dev/stdout.
    const piped = `set -eo pipefail\n{\n${script}\n} | cat`;
    const child = execFile('bash', ['-c', piped], options, (_error, stdout, stderr) =>
      resolve({ code: child.exitCode, stdout, stderr }),
    );
    child.stdin?.end(INPUT);
  });
}

function isTaken(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(true));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(false)));
  });
}

it('the sample of the table is printed in these columns', () => {
  const [, header = ''] = /^```\n(connection .*)$/m.exec(readRepositoryFile('README.md')) ?? [];
  expect(header.split(/\s{2,}/)).toEqual([
    'connection',
    'grant',
    'health',
    'expires in',
    'next refresh',
    'refreshes',
    'reads',
    'rejected',
  ]);
});
