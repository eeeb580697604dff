import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { parseConnections } from '../../functions/connections/parse/parse-connections.ts';
import { presetIds } from '../../functions/providers/presets.ts';
import { ROOT, readRepositoryFile } from '../support/source-files.ts';

const CONNECTIONS = 'examples/own-provider/connections.json';

/** The first run after a change of the stacks synthesises them. */
const PATIENCE_MS = 90_000;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A script of the repository, which ends with the test at the latest. */
function start(script: string, ...args: string[]) {
  const child: ChildProcessWithoutNullStreams = spawn(process.execPath, [join(ROOT, script), ...args]);
  const text = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (chunk: string) => {
      text[stream] += chunk;
    });
  }
  onTestFinished(() => void child.kill('SIGKILL'));
  return { text, ended: once(child, 'close').then(([code]) => code as number | null) };
}

it('is a file of connections that stands', async () => {
  const parsed = parseConnections(readRepositoryFile(CONNECTIONS), { providers: await presetIds() });
  expect(parsed).toMatchObject({ ok: true });
});

it('is refreshed by the run that the README shows', { timeout: PATIENCE_MS }, async () => {
  const port = await freePort();
  const provider = start('examples/own-provider/server.ts', String(port));
  await expect.poll(() => provider.text.stdout).toContain(`http://127.0.0.1:${port}\n`);
  // As it stands, but for a port that somebody else may have.
  const directory = await mkdtemp(join(tmpdir(), 'evertoken-own-provider-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  const file = join(directory, 'connections.json');
  await writeFile(file, readRepositoryFile(CONNECTIONS).replace(':8780/', `:${port}/`));
  const run = start('local/main.ts', '--connections', file, '--json', '--port', '0', '--for', '5');
  expect({ exitCode: await run.ended, stderr: run.text.stderr }).toEqual({ exitCode: 0, stderr: '' });
  const events = run.text.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  const summary = events.find(({ type }) => type === 'summary');
  expect(summary).toMatchObject({ connection: 'harbour', health: 'healthy', rejected: 0, expired: 0 });
  expect(summary.reads).toBeGreaterThan(0);
  expect(provider.text.stdout).toContain('POST /token: a token\n');
});
