import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { expect, it, onTestFinished } from 'vitest';
import { FunctionPool } from '../../../local/process/function-pool.ts';

const CONTEXT = {
  awsRequestId: 'request-1',
  functionName: 'a-function',
  invokedFunctionArn: 'arn:a-function',
  memoryLimitInMB: '512',
  getRemainingTimeInMillis: () => 0,
};

async function emptyFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'evertoken-function-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

interface PoolOptions {
  readonly timeoutMs?: () => number;
  readonly environment?: Record<string, string>;
  readonly lookups?: readonly string[];
}

/** A pool for a bundle with this text. */
async function pool(text: string, options: PoolOptions = {}) {
  const folder = await emptyFolder();
  await writeFile(join(folder, 'index.mjs'), text);
  return start(folder, options);
}

function start(
  folder: string,
  { timeoutMs = () => 10_000, environment = {}, lookups = [] }: PoolOptions = {},
) {
  const output: string[] = [];
  const refusedLookups: string[] = [];
  const created = new FunctionPool({
    folder,
    handler: 'index.handler',
    environment,
    get timeoutMs() {
      return timeoutMs();
    },
    lookups,
    onOutput: (text) => output.push(text),
    onRefusedLookup: (hostname) => refusedLookups.push(hostname),
  });
  onTestFinished(() => created.close());
  return { output, refusedLookups, invoke: (event: unknown = {}) => created.invoke(event, CONTEXT) };
}

it('a function that takes too long is killed, and the next invocation has a new process', async () => {
  // Time begins before the process does, which takes a busy machine long.
  let timeoutMs = 10_000;
  const { invoke } = await pool(
    `export const handler = async ({ hang }) => { while (hang); return process.pid; };`,
    { timeoutMs: () => timeoutMs },
  );
  const first = await invoke();
  timeoutMs = 1_000;
  await expect(invoke({ hang: true })).rejects.toMatchObject({
    name: 'Sandbox.Timedout',
    message: 'RequestId: request-1 Error: Task timed out after 1.00 seconds',
  });
  timeoutMs = 10_000;
  expect(await invoke()).not.toBe(first);
});

it('a function that ends its process is an error', async () => {
  const { invoke } = await pool(`export const handler = async () => process.exit(3);`);
  await expect(invoke()).rejects.toMatchObject({
    name: 'Runtime.ExitError',
    message: expect.stringContaining('exit status 3'),
  });
});

it.each([
  ['does not load', `throw new TypeError('at load');`, 'Runtime.ImportModuleError', 'at load'],
  ['has no such export', `export const other = 1;`, 'Runtime.HandlerNotFound', '"handler"'],
  [
    'takes a callback',
    `export const handler = (a, b, c) => c();`,
    'Runtime.CallbackHandlerDeprecated',
    'callback',
  ],
  ['throws', `export const handler = async () => { throw new RangeError('mine'); };`, 'RangeError', 'mine'],
])('a bundle that %s fails by name', async (_, text, name, message) => {
  const { invoke } = await pool(text);
  await expect(invoke()).rejects.toMatchObject({ name, message: expect.stringContaining(message) });
});

it('a bundle that leaves the SDK out does not load, even where the SDK is installed around it', async () => {
  const parent = await emptyFolder();
  await symlink(new URL('../../../node_modules', import.meta.url).pathname, join(parent, 'node_modules'));
  const folder = join(parent, 'bundle');
  await build({
    stdin: {
      contents: `import { SSMClient } from '@aws-sdk/client-ssm'; export const handler = async () => typeof SSMClient;`,
      resolveDir: process.cwd(),
    },
    outfile: join(folder, 'index.mjs'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['@aws-sdk/*'],
  });
  await expect(start(folder).invoke()).rejects.toMatchObject({ name: 'Runtime.ImportModuleError' });
});

it('the environment is what was given and nothing else', async () => {
  const { invoke } = await pool(`export const handler = async () => process.env;`, {
    environment: { ONE: '1', AWS_REGION: 'us-east-1' },
  });
  expect(await invoke()).toEqual({ ONE: '1', AWS_REGION: 'us-east-1' });
});

it('nothing of the machine can be read but the bundle, and nothing written or started', async () => {
  const { invoke } = await pool(`
    import { readFile, writeFile } from 'node:fs/promises';
    import { execFile } from 'node:child_process';
    import { promisify } from 'node:util';
    const codeOf = (promise) => promise.then(() => 'done', (error) => error.code);
    export const handler = async () => [
      await codeOf(readFile(new URL(import.meta.url))),
      await codeOf(readFile('/etc/hostname')),
      await codeOf(writeFile(new URL('./x', import.meta.url), '')),
      await codeOf((async () => promisify(execFile)('true'))()),
    ];`);
  const denied = 'ERR_ACCESS_DENIED';
  expect(await invoke()).toEqual(['done', denied, denied, denied]);
});

it('the remaining time is true', async () => {
  const { invoke } = await pool(
    `export const handler = async (event, context) => context.getRemainingTimeInMillis();`,
    { timeoutMs: () => 15_000 },
  );
  const cold = (await invoke()) as number;
  expect(cold).toBeGreaterThan(3_000);
  // Loading counts.
  expect(cold).toBeLessThan(15_000);
});

it('one process serves one invocation at a time, and is used again', async () => {
  const { invoke } = await pool(`
    export const handler = async ({ wait }) => {
      await new Promise((resolve) => setTimeout(resolve, wait));
      return process.pid;
    };`);
  const [one, other] = await Promise.all([invoke({ wait: 300 }), invoke({ wait: 300 })]);
  expect(one).not.toBe(other);
  expect([one, other]).toContain(await invoke({ wait: 0 }));
});

it('what a function writes is passed on', async () => {
  const { invoke, output } = await pool(
    `export const handler = async () => { console.log('a line'); await new Promise((resolve) => setTimeout(resolve, 50)); };`,
  );
  expect(await invoke()).toBe(null);
  expect(output.join('')).toContain('a line');
});

it('a function looks up no name of elsewhere, which is told, and finds this machine', async () => {
  const { invoke, refusedLookups } = await pool(`
    import { lookup } from 'node:dns/promises';
    export const handler = async () => {
      const codeOf = (hostname) => lookup(hostname, { all: true }).then(() => 'found', ({ code }) => code);
      return [await codeOf('api.kajabi.com'), await codeOf('api.kajabi.com.'), await codeOf('localhost')];
    };`);
  expect(await invoke()).toEqual(['ENOTFOUND', 'ENOTFOUND', 'found']);
  expect(refusedLookups).toEqual(['api.kajabi.com', 'api.kajabi.com.']);
});

it('a function looks up the names that it may, and no other', async () => {
  // An address in letters: to look it up asks nobody.
  const { invoke, refusedLookups } = await pool(
    `
    import { lookup } from 'node:dns/promises';
    export const handler = async () => {
      const codeOf = (hostname) => lookup(hostname, { all: true }).then(() => 'found', ({ code }) => code);
      return [await codeOf('10.1.2.3'), await codeOf('10.1.2.4')];
    };`,
    { lookups: ['10.1.2.3'] },
  );
  expect(await invoke()).toEqual(['found', 'ENOTFOUND']);
  expect(refusedLookups).toEqual(['10.1.2.4']);
});
