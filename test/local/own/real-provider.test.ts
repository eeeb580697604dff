import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { assertNoCanary, canarySecret } from '../../support/canary.ts';
import { testCertificate } from '../../support/certificate.ts';

/** A name of this machine that is none of loopback's own: to find it asks no name service. */
const host = hostOfThisMachine();
const reason = host === undefined ? ' (left out: /etc/hosts has no further name for 127.0.0.1)' : '';
const main = new URL('../../../local/main.ts', import.meta.url).pathname;

let folder: string;
let server: Server;
let origin: string;
/** Where the issuer's metadata says that tokens are, and then there are none at this server. */
let tokensElsewhere: string | undefined;
let requests: string[];
let child: ChildProcess | undefined;

function hostOfThisMachine(): string | undefined {
  try {
    const lines = readFileSync('/etc/hosts', 'utf8').split('\n');
    const names = lines.flatMap((line) => {
      const [address, ...found] = line.replace(/#.*/, '').trim().split(/\s+/);
      return address === '127.0.0.1' ? found : [];
    });
    return names.find((name) => /^[a-z][a-z0-9-]*$/.test(name) && name !== 'localhost');
  } catch {
    return undefined;
  }
}

interface Event {
  readonly type: string;
  readonly [field: string]: unknown;
}

interface Ended {
  readonly exitCode: number | null;
  readonly events: readonly Event[];
  readonly stderr: string;
}

/** A run for some seconds in which the provider may be asked. */
async function run(connections: string, credentials: string): Promise<Ended> {
  const argv = ['--connections', connections, '--credentials', credentials, '--allow-origin', origin];
  const spawned = spawn(
    process.execPath,
    [main, '--json', '--port', '0', '--tick', '1', '--for', '4', ...argv],
    {
      env: { ...process.env, NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem') },
    },
  );
  child = spawned;
  const text = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    spawned[stream].setEncoding('utf8').on('data', (chunk: string) => {
      text[stream] += chunk;
    });
  }
  const [exitCode] = await once(spawned, 'close');
  assertNoCanary(`${text.stdout}${text.stderr}`, 'what a run prints');
  const lines = text.stdout.split('\n').filter((line) => line !== '');
  return { exitCode, events: lines.map((line) => JSON.parse(line)), stderr: text.stderr };
}

async function file(name: string, content: unknown): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, JSON.stringify(content));
  return path;
}

/** The same for every run: what is synthesised for the first serves the others. */
const connectionsFile = () =>
  file('connections.json', {
    connections: {
      orders: { tokenUrl: `${origin}/token`, credentials: 'orders', grants: ['client_credentials'] },
      issued: { issuer: origin, credentials: 'issued', grants: ['client_credentials'] },
      books: { provider: 'xero', credentials: 'orders' },
    },
  });

const credentialsFile = () =>
  file('secrets.json', {
    credentials: {
      orders: { client_id: 'an-id', client_secret: canarySecret('of-a-file') },
      issued: { client_id: 'another-id', client_secret: canarySecret('of-a-file') },
    },
  });

describe.skipIf(host === undefined)(`a provider of elsewhere${reason}`, { timeout: 90_000 }, () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'evertoken-real-'));
    const { cert, key } = testCertificate(String(host));
    await writeFile(join(folder, 'ca.pem'), cert);
    server = createServer({ cert, key }, (request, response) => {
      request.setEncoding('utf8').on('data', (body: string) => requests.push(body));
      request.on('end', () => {
        response.setHeader('Content-Type', 'application/json');
        if (request.url !== '/token') {
          const token_endpoint = `${tokensElsewhere ?? origin}/token`;
          return response.end(JSON.stringify({ issuer: origin, token_endpoint }));
        }
        if (tokensElsewhere !== undefined) return response.writeHead(404).end('{}');
        const answer = { access_token: canarySecret('real-access'), token_type: 'Bearer', expires_in: 3600 };
        return response.end(JSON.stringify(answer));
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    origin = `https://${host}:${(server.address() as AddressInfo).port}`;
  });
  beforeEach(() => {
    tokensElsewhere = undefined;
    requests = [];
  });
  afterAll(async () => {
    child?.kill('SIGKILL');
    server.close();
    await rm(folder, { recursive: true });
  });

  it('that was named is asked, with the credentials of a file, and its token can be read', async () => {
    const { exitCode, events, stderr } = await run(await connectionsFile(), await credentialsFile());
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(events.filter(({ type }) => type === 'placed')).toMatchObject([
      { connection: 'orders', asks: [origin], isLeftOut: false },
      { connection: 'issued', asks: [origin], isLeftOut: false },
      {
        connection: 'books',
        isLeftOut: true,
        why: expect.stringContaining('--allow-origin https://identity.xero.com'),
      },
    ]);
    expect(events.find(({ type }) => type === 'started')).toMatchObject({ timeScale: 1 });
    const good = { health: 'healthy', refreshes: 1, rejected: 0, expired: 0 };
    expect(events.filter(({ type }) => type === 'summary')).toMatchObject([
      { connection: 'orders', ...good },
      { connection: 'issued', ...good },
    ]);
    const request = expect.stringContaining('grant_type=client_credentials');
    expect(requests).toEqual([request, request]);
  });

  it('that an issuer names is not looked up, and how to name it is said', async () => {
    tokensElsewhere = 'https://tokens.example.com';
    const { exitCode, events } = await run(await connectionsFile(), await credentialsFile());
    expect(exitCode).toBe(1);
    expect(events.filter(({ type }) => type === 'lookup-refused')).toMatchObject([
      {
        hostname: 'tokens.example.com',
        detail:
          'nothing is asked of tokens.example.com unless it is named: --allow-origin https://tokens.example.com',
      },
    ]);
    const summaries = events.filter(({ type }) => type === 'summary');
    expect(summaries.find(({ connection }) => connection === 'issued')).toMatchObject({
      health: 'retrying',
      reads: 0,
    });
  });
});
