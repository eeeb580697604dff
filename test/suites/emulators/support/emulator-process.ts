import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const READY_WITHIN_MS = 60_000;
const ANSWER_WITHIN_MS = 2_000;

/**
 * Leads a process group in which the emulator and all that it starts live, and ends the group when its
 * standard input closes: that happens however the process ends that holds the other end, killed included.
 */
const LEADER = '"$@" </dev/null & cat >/dev/null; kill -KILL 0';

export interface EmulatorProcess extends AsyncDisposable {
  readonly url: string;
  /** A folder that is emptied when the emulator ends. */
  readonly directory: string;
  /** All that it has printed. */
  printed(): string;
}

export interface EmulatorCommand {
  readonly file: string;
  readonly parameters: (port: number) => readonly string[];
  /** What it gets besides PATH, with this Node first, and a HOME and a TMPDIR of its own. */
  readonly environment: (port: number, directory: string) => Readonly<Record<string, string>>;
}

/**
 * Starts an emulator on a free port of 127.0.0.1.
 * @throws Error with what it printed when it does not answer within a minute, or listens on another address
 */
export async function startEmulator(command: EmulatorCommand): Promise<EmulatorProcess> {
  await using cleanup = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), 'evertoken-emulator-'));
  cleanup.defer(() => rm(directory, { recursive: true, force: true, maxRetries: 5 }));
  const port = await freePort();
  const child = spawn('sh', ['-c', LEADER, 'sh', command.file, ...command.parameters(port)], {
    detached: true,
    cwd: directory,
    env: {
      PATH: `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`,
      HOME: directory,
      TMPDIR: directory,
      ...command.environment(port, directory),
    },
  });
  const ended = once(child, 'close');
  cleanup.defer(async () => {
    child.stdin.end();
    await ended;
  });
  let printed = '';
  const keep = (chunk: Buffer) => {
    printed += chunk.toString();
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);

  const url = `http://127.0.0.1:${port}`;
  const giveUpAt = Date.now() + READY_WITHIN_MS;
  while (!(await answers(url))) {
    if (Date.now() > giveUpAt) throw new Error(`${command.file} does not answer: ${printed.slice(-2_000)}`);
    await sleep(100);
  }
  for (const outside of addressesOfThisMachine()) {
    if (await answers(`http://${outside}:${port}`)) throw new Error(`${command.file} listens on ${outside}`);
  }
  const resources = cleanup.move();
  return {
    url,
    directory,
    printed: () => printed,
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

async function answers(url: string): Promise<boolean> {
  try {
    await (await fetch(url, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) })).arrayBuffer();
    return true;
  } catch {
    return false;
  }
}

/** Those that others can reach. */
function addressesOfThisMachine(): string[] {
  const addresses = Object.values(networkInterfaces()).flatMap((ofOne) => ofOne ?? []);
  return addresses
    .filter(({ family, internal }) => family === 'IPv4' && !internal)
    .map(({ address }) => address);
}

/** For a server that cannot choose one itself. Another process may take it before that server does. */
async function freePort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (typeof address !== 'object' || address === null) throw new Error('no free port');
  return address.port;
}
