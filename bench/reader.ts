/** What it costs to have a token at hand: `evertoken/reader` beside what else reads a secret in Node. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Benchmark, Figure } from './benchmark.ts';
import { SECRET, tokenIn, tokenWays, WAYS, type WayName } from './reader/token-readers.ts';
import { LIFETIME_MS, tokenText } from './reader/token-text.ts';

const SECOND = 1_000;
const HOUR = 3_600_000;
const READS_PER_SECOND = 1_000;

/** Evertoken has published the next token so long before the end of one. */
const PUBLISHED_EARLY_MS = 600_000;

/** How a warm read is timed: so many in a row, so often, the least of all. */
const WARM = { reads: 10_000, rounds: { short: 60, full: 400 } };
const REQUESTS = { short: 300, full: 3_000 };
const HOURS = { short: 1, full: 6 };

export default {
  about:
    'What a token at hand costs: evertoken/reader beside a plain call, Powertools parameters and the extension.',
  async run({ full, progress }) {
    const form = full ? 'full' : 'short';
    progress('warm reads');
    const warm = await warmReads(WARM.rounds[form]);
    progress('reads over a socket');
    const socket = await socketReads(REQUESTS[form]);
    progress(`${HOURS[form]} virtual hours`);
    const figures = [...warm, ...socket, ...(await callsAnHour(HOURS[form]))];
    progress('a forced refresh');
    return [...figures, ...(await untilSeen())];
  },
} satisfies Benchmark;

/** Of what others do nothing here can be better or worse. */
const toleranceOf = (way: WayName) => (way === 'evertoken/reader' ? 0 : 1);

/** In turns, so that a machine that is busy meanwhile is so for all. */
async function warmReads(rounds: number): Promise<Figure[]> {
  const ways = tokenWays(() => tokenText('token', Date.now() + LIFETIME_MS));
  const least = new Map<WayName, number>();
  for (let round = 0; round < rounds; round += 1) {
    for (const way of ['evertoken/reader', 'Powertools parameters'] as const) {
      const ns = await nanoseconds(() => ways[way].read(), WARM.reads);
      least.set(way, Math.min(ns, least.get(way) ?? Number.POSITIVE_INFINITY));
    }
  }
  const ratio = (least.get('evertoken/reader') ?? 0) / (least.get('Powertools parameters') ?? 0);
  return [
    // Some hundred nanoseconds each, of which a busy machine may double one.
    { name: 'warm read: Powertools parameters = 1', value: ratio, unit: 'ratio', tolerance: 0.5, goal: 1 },
    ...[...least].map(([way, value]): Figure => ({ name: `warm read: ${way}`, value, unit: 'ns' })),
  ];
}

async function nanoseconds(read: () => Promise<string>, reads: number): Promise<number> {
  const startedAt = performance.now();
  for (let index = 0; index < reads; index += 1) await read();
  return ((performance.now() - startedAt) * 1e6) / reads;
}

/** To a process of its own on this machine: the extension is as near, Secrets Manager some milliseconds further. */
async function socketReads(requests: number): Promise<Figure[]> {
  const server = fork(fileURLToPath(new URL('./reader/extension-server.ts', import.meta.url)));
  const [port] = await once(server, 'message');
  const endpoint = `http://127.0.0.1:${port}`;
  const headers = { 'X-Aws-Parameters-Secrets-Token': 'session' };
  const url = `${endpoint}/secretsmanager/get?secretId=${encodeURIComponent(SECRET)}`;
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = new SecretsManagerClient({ endpoint, region: 'us-east-1', credentials });
  const reads: Partial<Record<WayName, () => Promise<string>>> = {
    'the extension': async () => {
      const { SecretString } = (await (await fetch(url, { headers })).json()) as { SecretString: string };
      return tokenIn(SecretString);
    },
    'a plain call': async () => {
      const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: SECRET }));
      return tokenIn(SecretString);
    },
  };
  const figures: Figure[] = [];
  for (const [way, read] of Object.entries(reads)) {
    await nanoseconds(read, requests);
    figures.push({ name: `warm read: ${way}`, value: await nanoseconds(read, requests), unit: 'ns' });
  }
  client.destroy();
  server.kill();
  return figures;
}

/** How often Secrets Manager is asked, with tokens of an hour, each followed by the next before its end. */
async function callsAnHour(hours: number): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const way of WAYS) {
    let calls = 0;
    await withVirtualTime(async (clock) => {
      const ways = tokenWays(() => {
        calls += 1;
        return publishedAt(clock.now - clock.start, clock.start);
      });
      const between = SECOND / READS_PER_SECOND;
      // Each of them is one call: a second is enough to know.
      const until = clock.start + (way === 'a plain call' ? SECOND : hours * HOUR);
      for (; clock.now < until; clock.now += between) await ways[way].read();
      calls *= (hours * HOUR) / (until - clock.start);
    });
    figures.push({
      name: `calls an hour at 1,000 reads a second: ${way}`,
      value: calls / hours,
      unit: 'count',
      tolerance: toleranceOf(way),
    });
  }
  return figures;
}

/** The token that lies in the secret so long after the start. */
function publishedAt(sinceStart: number, start: number): string {
  const every = LIFETIME_MS - PUBLISHED_EARLY_MS;
  const index = Math.floor(sinceStart / every);
  return tokenText(`token-${index}`, start + index * every + LIFETIME_MS);
}

/**
 * A provider withdraws a token; half a second later a forced refresh has published another. Until when a service reads
 * the dead one, which each way read anew just before.
 */
async function untilSeen(): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const way of WAYS) {
    await withVirtualTime(async (clock) => {
      let token = 'old';
      const ways = tokenWays(() => tokenText(token, clock.start + LIFETIME_MS));
      let last = await ways[way].read();
      clock.now += SECOND / READS_PER_SECOND;
      const publishedAt = clock.now + SECOND / 2;
      let reads = 0;
      for (; last !== 'new'; clock.now += SECOND / READS_PER_SECOND) {
        if (clock.now >= publishedAt) token = 'new';
        // The API has answered 401 to what was read last.
        last = await ways[way].read(last);
        if (last === 'old' && clock.now >= publishedAt) reads += 1;
      }
      figures.push({
        name: `reads of a dead token after a forced refresh, at 1,000 a second: ${way}`,
        value: reads,
        unit: 'count',
        tolerance: toleranceOf(way),
      });
    });
  }
  return figures;
}

interface VirtualClock {
  readonly start: number;
  /** Epoch milliseconds. */
  now: number;
}

/** Powertools takes no clock: the process's own stands still meanwhile, but for who moves it. */
async function withVirtualTime(work: (clock: VirtualClock) => Promise<void>): Promise<void> {
  const Real = Date;
  const start = Real.now();
  const clock = { start, now: start };
  globalThis.Date = class extends Real {
    constructor(...args: []) {
      super(...(args.length > 0 ? args : ([clock.now] as unknown as [])));
    }
    static override now = () => clock.now;
  } as DateConstructor;
  try {
    await work(clock);
  } finally {
    globalThis.Date = Real;
  }
}
