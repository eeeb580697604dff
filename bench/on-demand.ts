/** How long whoever asks for a token waits for one, in calls to AWS beyond the exchange and the write of the token. */
import { PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';

import { refreshNowHandler } from '../functions/handlers/refresh-now.ts';
import { createLocalAwsClients } from '../local/endpoint-clients.ts';
import type { Benchmark, Figure } from './benchmark.ts';
import { middle } from './middle.ts';
import { CountedWorld, type Kind } from './worlds/counted-world.ts';
import { context, silently, unpaced } from './worlds/invocation.ts';
import { nameOf, startLeanCloud } from './worlds/start-lean-cloud.ts';

const MINUTE = 60_000;
/** As far as AWS and a token endpoint are away. */
const LATENCY_MS = 20;

export default {
  about:
    'From the invocation of a warm refresh-now to a token that can be read, beside the exchange and one write.',
  async run({ full, progress }) {
    const figures: Figure[] = [];
    for (const kind of ['client credentials', 'rotating'] as const) {
      progress(kind);
      figures.push(await callsBefore(kind), ...(await waits(kind, full ? 200 : 30)));
    }
    return figures;
  },
} satisfies Benchmark;

/** Calls one after the other before the one with which the token can be read. */
async function callsBefore(kind: Kind): Promise<Figure> {
  await using world = await CountedWorld.start(kind, 1, 1);
  await world.tick();
  world.clock.advance(2 * MINUTE);
  await world.refreshNow('c-0');
  world.clock.advance(2 * MINUTE);
  const { order } = await world.refreshNow('c-0');
  return {
    name: `${kind}: calls before the write of the token`,
    value: order.lastIndexOf('PutSecretValue'),
    unit: 'count',
    tolerance: 0,
    ...(kind === 'client credentials' && { goal: 2 }),
  };
}

async function waits(kind: Kind, rounds: number): Promise<Figure[]> {
  const rotating = kind === 'rotating';
  const options = { latencyMs: LATENCY_MS, rotating, sharedBy: 1, origins: 1, connections: rounds };
  await using cloud = await startLeanCloud(options);
  const clients = createLocalAwsClients(cloud.endpoint);
  const composition = unpaced(cloud, clients);
  const handler = refreshNowHandler(() => composition);
  const ours: number[] = [];
  const bare: number[] = [];
  for (let round = -1; round < rounds; round += 1) {
    const name = nameOf(Math.max(0, round));
    bare.push(await timed(() => exchangeAndWrite(cloud.origins[0] ?? '', name)));
    const at = await untilWritten(name);
    if (round >= 0) ours.push(at);
  }
  for (const client of Object.values(clients)) client.destroy();
  const [one, other] = [middle(ours), middle(bare)];
  return [
    { name: `${kind}: until the token can be read`, value: one, unit: 'ms' },
    { name: `${kind}: the exchange and one write`, value: other, unit: 'ms' },
  ];

  /** The function's own answer comes a commit later. */
  async function untilWritten(name: string): Promise<number> {
    const startedAt = performance.now();
    let writtenAt = Number.NaN;
    const { send } = clients.secretsManager;
    const watched = async (...args: Parameters<typeof send>) => {
      const answer = await (send as (...all: unknown[]) => Promise<unknown>).apply(
        clients.secretsManager,
        args,
      );
      if (args[0] instanceof PutSecretValueCommand) writtenAt = performance.now();
      return answer;
    };
    clients.secretsManager.send = watched as typeof send;
    try {
      await silently(() => handler({ connections: [name], force: true }, context()));
    } finally {
      clients.secretsManager.send = send;
    }
    return writtenAt - startedAt;
  }

  async function exchangeAndWrite(origin: string, name: string): Promise<void> {
    const answer = await fetch(`${origin}/token`, {
      method: 'POST',
      headers: { authorization: 'Basic ZmFrZTpmYWtl' },
      body: new URLSearchParams({ grant_type: 'client_credentials' }),
    });
    const SecretString = await answer.text();
    await clients.secretsManager.send(
      new PutSecretValueCommand({ SecretId: `evertoken/tokens/${name}`, SecretString }),
    );
  }
}

async function timed(work: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}
