import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { parseArguments } from '../../local/arguments.ts';

const main = new URL('../../local/main.ts', import.meta.url).pathname;
let child: ChildProcessWithoutNullStreams | undefined;

afterEach(() => {
  child?.kill('SIGKILL');
  child = undefined;
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

interface Run {
  readonly process: ChildProcessWithoutNullStreams;
  readonly text: () => { readonly stdout: string; readonly stderr: string };
  readonly exitCode: Promise<number | null>;
}

function start(...argv: string[]): Run {
  const { NO_COLOR: _, ...env } = process.env;
  // Not somebody's AWS profile: whatever it says must not matter.
  const spawned = spawn(process.execPath, [main, ...argv], {
    env: { ...env, AWS_PROFILE: 'none-of-this-name' },
  });
  child = spawned;
  const text = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    spawned[stream].setEncoding('utf8').on('data', (chunk: string) => {
      text[stream] += chunk;
    });
  }
  const exitCode = once(spawned, 'close').then(([code]) => code as number | null);
  return { process: spawned, text: () => text, exitCode };
}

async function end(run: Run) {
  const exitCode = await run.exitCode;
  return { exitCode, ...run.text() };
}

describe('usage', () => {
  it.each(['--help', '-h'])('%s prints the help', async (option) => {
    const help = parseArguments([option]);
    const { exitCode, stdout, stderr } = await end(start(option));
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(help).toEqual({ kind: 'help', text: stdout });
  });

  it('an unknown option is named in one line', async () => {
    const stderr = "unknown option '--bogus'; see --help\n";
    expect(await end(start('--bogus'))).toEqual({ exitCode: 2, stdout: '', stderr });
  });

  it('a port that is taken is named', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    try {
      expect(await end(start('--port', String(port)))).toEqual({
        exitCode: 1,
        stdout: '',
        stderr: `port ${port} is in use; choose another with --port, or 0 for any free one\n`,
      });
    } finally {
      server.close();
    }
  });

  it.each([
    [
      '{"connections": {"crm": {"provider": "kajab", "credentials": "c"}}}',
      /:1:\d+ connections\.crm\.provider/,
    ],
    [
      '{"connections": {"orders": {"tokenUrl": "https://idp.example.com/t", "credentials": "c"}}}',
      /^No connection can run here\.\norders: left out: it would ask https:\/\/idp\.example\.com for tokens; --allow-origin/,
    ],
    ['{', /is not JSON/],
    [undefined, /cannot be read \(ENOENT\)/],
  ])('a file of connections %s is refused', async (content, message) => {
    const directory = await mkdtemp(join(tmpdir(), 'evertoken-'));
    try {
      const file = join(directory, 'connections.json');
      if (content !== undefined) await writeFile(file, content);
      const { exitCode, stdout, stderr } = await end(start('--connections', file));
      expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
      expect(stderr).toMatch(message);
      expect(stderr.trimEnd().split('\n').length).toBeLessThanOrEqual(2);
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});

/** The first run after a change of the stacks synthesises them. */
describe('a run', { timeout: 90_000 }, () => {
  it('refreshes, reads, and ends by itself with a summary in JSON', async () => {
    const port = await freePort();
    const run = start('--json', '--port', String(port), '--lifetime', '8', '--tick', '1', '--for', '6');
    const { exitCode, stdout, stderr } = await end(run);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const events = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events[0]).toMatchObject({
      endpointUrl: `http://127.0.0.1:${port}`,
      type: 'started',
      connections: ['kajabi-demo', 'slashid-demo', 'rotating-demo'],
    });
    const summaries = events.filter(({ type }) => type === 'summary');
    expect(summaries).toHaveLength(3);
    for (const summary of summaries) {
      expect(summary).toMatchObject({ health: 'healthy', rejected: 0, expired: 0, failed: 0 });
      expect(summary.refreshes).toBeGreaterThanOrEqual(2);
      expect(summary.reads).toBeGreaterThanOrEqual(2);
    }
    expect(new Set(events.map(({ type }) => type))).toEqual(new Set(['started', 'refreshed', 'summary']));
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('ends with the summary on %s', async (signal) => {
    const run = start('--port', '0', ...(signal === 'SIGINT' ? ['--permissions'] : []));
    await expect.poll(() => run.text().stdout, { timeout: 60_000 }).toContain('kajabi-demo refreshed');
    run.process.kill(signal);
    const { exitCode, stdout, stderr } = await end(run);
    // The signal may have come before the first read.
    expect({ exitCode, stderr }).toEqual({
      exitCode: stdout.includes('No token was read.') ? 1 : 0,
      stderr: '',
    });
    expect(stdout).toMatch(/every one found a token that works\.\n|No token was read\.\n/);
    const named = /\d+ permissions were needed and granted, 0 refused\./;
    // They are asked for, or not named.
    if (signal === 'SIGINT') expect(stdout).toMatch(named);
    else expect(stdout).not.toMatch(named);
    expect(stdout).not.toContain('\u001b');
  });
});
