/** How many refreshes a process does in a second, beside the calls alone and beside what people write by hand. */
import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { GetSecretValueCommand, PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import pLimit from 'p-limit';
import { Client } from 'undici';
import type { AwsClients } from '../functions/aws/clients.ts';
import { refreshDueHandler } from '../functions/handlers/refresh-due.ts';
import { createLocalAwsClients } from '../local/endpoint-clients.ts';
import type { Benchmark, BenchmarkOptions, Figure } from './benchmark.ts';
import { middle } from './middle.ts';
import { context, silently, unpaced } from './worlds/invocation.ts';
import { type LeanCloud, nameOf, originOf, startLeanCloud } from './worlds/start-lean-cloud.ts';

/** As far as AWS and a token endpoint are away. */
const LATENCY_MS = 20;
const ORIGINS = 40;
const SHARED_BY = 64;
/** As the tick has them under way. */
const AT_ONCE = 256;
const AT_ONCE_PER_ORIGIN = 8;
/** As many refresh tokens are spent at once: what a process that is killed may cost. */
const SPENDING_AT_ONCE = 8;
/** One by one takes so long that few tell how long. */
const ONE_BY_ONE = 20;
const WARM_UPS = 2;

interface Run {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly refreshes: number;
}

export default {
  about: 'Refreshes in a second, beside the bare calls at the same concurrency and loops written by hand.',
  run: async (options) => [
    ...(await measure('client credentials', false, options)),
    ...(await measure('rotating', true, options)),
  ],
} satisfies Benchmark;

async function measure(
  kind: string,
  rotating: boolean,
  { full, progress }: BenchmarkOptions,
): Promise<Figure[]> {
  // Of what rotates eight are under way at once: few tell as much.
  const [rounds, connections] = full ? [5, 5_000] : [3, rotating ? 120 : 500];
  const base = { latencyMs: LATENCY_MS, rotating, sharedBy: SHARED_BY, origins: ORIGINS };
  await using cloud = await startLeanCloud({ ...base, connections });
  const clients = createLocalAwsClients(cloud.endpoint);
  const ours = refresher(cloud, clients);
  const bare = () => bareCalls(cloud, clients, rotating, connections);
  const runs = { ours: [] as Run[], bare: [] as Run[] };
  // Both run as compiled code first.
  for (let round = 0; round < WARM_UPS; round += 1) {
    await ours(connections);
    await bare();
  }
  for (let round = 0; round < rounds; round += 1) {
    runs.ours.push(await timed(connections, () => ours(connections)));
    runs.bare.push(await timed(connections, bare));
    progress(`${kind}: round ${round + 1} of ${rounds}`);
  }
  const calls = await cloud.reset(connections);
  progress(`${kind}: ${JSON.stringify(calls)}`);
  const all = await timed(connections, () => byHand(cloud, clients, rotating, connections));
  const oneByOne = await timed(ONE_BY_ONE, async () => {
    for (let index = 0; index < ONE_BY_ONE; index += 1) await handwritten(cloud, clients, rotating, index);
  });
  const memory = full ? await memoryFigures(kind, ours, progress) : [];
  for (const client of Object.values(clients)) client.destroy();
  const perSecond = (run: Run) => run.refreshes / run.seconds;
  const rate = middle(runs.ours.map(perSecond));
  const ceiling = middle(runs.bare.map(perSecond));
  const cpu = (all: readonly Run[]) => middle(all.map((run) => run.cpuSeconds / run.refreshes));
  return [
    figure(`${kind}: refreshes in a second, bare calls = 1`, rate / ceiling, {
      better: 'higher',
      goal: 0.9,
      tolerance: 0.6,
    }),
    figure(`${kind}: CPU of a refresh, bare calls = 1`, cpu(runs.ours) / cpu(runs.bare), {
      goal: 1.2,
      tolerance: 0.6,
    }),
    { name: `${kind}: refreshes in a second`, value: rate, unit: 'per second', better: 'higher' },
    { name: `${kind}: CPU of a refresh`, value: cpu(runs.ours) * 1000, unit: 'ms' },
    { name: `${kind}: one Promise.all by hand`, value: perSecond(all), unit: 'per second', better: 'higher' },
    {
      name: `${kind}: one by one by hand`,
      value: perSecond(oneByOne),
      unit: 'per second',
      better: 'higher',
    },
    ...memory,
  ];
}

const figure = (name: string, value: number, rest: Partial<Figure>): Figure => ({
  name,
  value,
  unit: 'ratio',
  ...rest,
});

/** The deployed function with all that it has, but no pace. */
function refresher(cloud: LeanCloud, clients: AwsClients): (connections: number) => Promise<void> {
  const composition = unpaced(cloud, clients);
  const handler = refreshDueHandler(() => composition);
  return async (connections) => {
    await cloud.reset(connections);
    const { outcomes } = await silently(() => handler({}, context()));
    if (outcomes['refreshed'] !== connections)
      throw new Error(`not all were refreshed: ${JSON.stringify(outcomes)}`);
  };
}

/** The calls that a refresh makes, by the same clients, as many at once. */
async function bareCalls(
  cloud: LeanCloud,
  clients: AwsClients,
  rotating: boolean,
  connections: number,
): Promise<void> {
  const limit = pLimit(AT_ONCE);
  const perOrigin = cloud.origins.map(() => pLimit(AT_ONCE_PER_ORIGIN));
  const spending = pLimit(SPENDING_AT_ONCE);
  const one = async (index: number) => {
    const name = nameOf(index);
    await update(clients, name);
    if (rotating) await read(clients, `refresh-tokens/${name}`);
    const exchanged = rotating ? spending(() => spend(index)) : exchange(cloud, index, rotating);
    const token = await exchanged;
    await put(clients, `tokens/${name}`, token);
    await update(clients, name);
  };
  const spend = async (index: number) => {
    await put(clients, `refresh-tokens/${nameOf(index)}`, 'fake-canary-refresh-token');
    const token = await exchange(cloud, index, rotating);
    await put(clients, `refresh-tokens/${nameOf(index)}`, token);
    return token;
  };
  await Promise.all(
    Array.from({ length: connections }, (_, index) =>
      perOrigin[index % ORIGINS]?.(() => limit(() => one(index))),
    ),
  );
}

/** What people write: read, exchange, write. */
async function handwritten(cloud: LeanCloud, clients: AwsClients, rotating: boolean, index: number) {
  const name = nameOf(index);
  await read(clients, `credentials/${name}`);
  if (rotating) await read(clients, `refresh-tokens/${name}`);
  const token = await exchange(cloud, index, rotating);
  if (rotating) await put(clients, `refresh-tokens/${name}`, token);
  await put(clients, `tokens/${name}`, token);
}

async function byHand(cloud: LeanCloud, clients: AwsClients, rotating: boolean, connections: number) {
  const all = Array.from({ length: connections }, (_, index) => handwritten(cloud, clients, rotating, index));
  await Promise.all(all);
}

const update = (clients: AwsClients, name: string) =>
  clients.dynamodb.send(
    new UpdateItemCommand({
      TableName: 'evertoken-state',
      Key: { pk: { S: `connection#${name}` } },
      UpdateExpression: 'SET #leaseOwner = :owner, #leaseEndsAt = :endsAt REMOVE #dueAgainAt',
      ConditionExpression: 'attribute_exists(#pk) AND attribute_not_exists(#removedAt) AND #dueAt <= :now',
      ExpressionAttributeNames: Object.fromEntries(
        ['leaseOwner', 'leaseEndsAt', 'dueAgainAt', 'pk', 'removedAt', 'dueAt'].map((each) => [
          `#${each}`,
          each,
        ]),
      ),
      ExpressionAttributeValues: {
        ':owner': { S: crypto.randomUUID() },
        ':endsAt': { N: '1' },
        ':now': { N: '1' },
      },
      ReturnValues: 'ALL_NEW',
    }),
  );

const read = (clients: AwsClients, name: string) =>
  clients.secretsManager.send(new GetSecretValueCommand({ SecretId: `evertoken/${name}` }));

const put = (clients: AwsClients, name: string, value: string) =>
  clients.secretsManager.send(
    new PutSecretValueCommand({
      SecretId: `evertoken/${name}`,
      ClientRequestToken: crypto.randomUUID(),
      SecretString: JSON.stringify({ schema: 1, value, expires_at: 1, obtained_at: 1 }),
    }),
  );

/** Over a connection of its own, as a refresh does. */
async function exchange(cloud: LeanCloud, index: number, rotating: boolean): Promise<string> {
  const client = new Client(originOf(cloud.origins, index), { allowH2: false, pipelining: 0 });
  const form = new URLSearchParams({
    grant_type: rotating ? 'refresh_token' : 'client_credentials',
    ...(rotating && { refresh_token: 'fake-canary-refresh-token' }),
  });
  const authorization = `Basic ${Buffer.from('app:fake-canary-client-secret').toString('base64')}`;
  const { body } = await client.request({
    method: 'POST',
    path: '/token',
    headers: { authorization, 'content-type': 'application/x-www-form-urlencoded' },
    body: form.toString(),
  });
  const { access_token } = (await body.json()) as { access_token: string };
  client.destroy().catch(() => {});
  return access_token;
}

async function timed(refreshes: number, work: () => Promise<void>): Promise<Run> {
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  await work();
  const seconds = (performance.now() - startedAt) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { seconds, cpuSeconds: (user + system) / 1e6, refreshes };
}

/** How much more memory many take than a thousand. */
async function memoryFigures(
  kind: string,
  ours: (connections: number) => Promise<void>,
  progress: (text: string) => void,
): Promise<Figure[]> {
  const peaks: number[] = [];
  for (const connections of [1_000, 20_000]) {
    globalThis.gc?.();
    let peak = 0;
    const looks = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage.rss());
    }, 50);
    await ours(connections);
    clearInterval(looks);
    peaks.push(peak / 2 ** 20);
    progress(`${kind}: ${connections} due at once take ${(peak / 2 ** 20).toFixed(0)} MB at most`);
  }
  const [few = 0, many = 0] = peaks;
  return [
    { name: `${kind}: memory at most, 1,000 due`, value: few, unit: 'MB' },
    { name: `${kind}: memory at most, 20,000 due`, value: many, unit: 'MB' },
  ];
}
