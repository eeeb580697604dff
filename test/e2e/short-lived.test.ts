import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SSMClient } from '@aws-sdk/client-ssm';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createRefreshTokenStore } from '../../functions/aws/secrets/refresh-token-store.ts';
import type { Connection } from '../../functions/connections/connection.ts';
import type { ConnectionState } from '../../functions/refresh/connection-state.ts';
import { MOST_MEMBERS } from '../../functions/refresh/rules/ring.ts';
import type { QueueMessage } from '../../local/aws/sqs/queues.ts';
import { createLocalAwsClients, LOCAL_REGION } from '../../local/endpoint-clients.ts';
import { createTokenReader } from '../../reader/index.ts';
import { type Deployment, startDeployment } from '../support/deployment.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { ShortLivedProvider, type Verdict } from '../support/short-lived-provider.ts';
import { SteppingClock } from '../support/stepping-clock.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const NAME = 'idp';
const SECRET = `evertoken/tokens/${NAME}`;

interface World extends AsyncDisposable {
  readonly deployment: Deployment;
  readonly provider: ShortLivedProvider;
  /** Detail-types of the events that were told since the start. */
  readonly events: string[];
  state(): Promise<ConnectionState>;
  /** Of each secret that holds refresh tokens, how many versions of the last day it has. */
  members(): Promise<readonly number[]>;
}

/** One connection whose first token is there; time stands still until the test moves it. */
async function start(
  connection: Partial<Connection>,
  prepare: (provider: ShortLivedProvider) => void = () => {},
): Promise<World> {
  const clock = new SteppingClock(0);
  const provider = new ShortLivedProvider(clock);
  prepare(provider);
  const origin = await provider.listen();
  const definition: Connection = {
    tokenUrl: `${origin}/token`,
    credentials: NAME,
    grants: ['client_credentials'],
    ...connection,
  };
  const deployment = await startDeployment({
    clock,
    setupFor: () => ({
      connections: [{ name: NAME, definition }],
      credentials: new Map([[NAME, { client_id: 'client', client_secret: 'fake-secret' }]]),
      refreshTokens: new Map(
        definition.grants?.includes('refresh_token') ? [[NAME, provider.refreshToken]] : [],
      ),
      allowedTokenOrigins: [origin],
    }),
  });
  const events: string[] = [];
  deployment.system.endpoint.onEvent((event) => events.push(event['detail-type']));
  const { state } = deployment.system.functions.composition.ports;
  return {
    deployment,
    provider,
    events,
    state: async () => {
      const found = await state.get(NAME);
      if (found === undefined) throw new Error(`${NAME} is not registered`);
      return found;
    },
    members: () => versionsOfRing(deployment),
    async [Symbol.asyncDispose]() {
      await deployment[Symbol.asyncDispose]();
      await provider[Symbol.asyncDispose]();
    },
  };
}

async function versionsOfRing({ clock, system }: Deployment): Promise<readonly number[]> {
  const { secretsManager } = createLocalAwsClients(system.endpoint.url);
  const store = createRefreshTokenStore({
    client: secretsManager,
    namespace: 'evertoken',
    pace: { turn: async () => ({ takenAt: 0 }) },
  });
  const counts: number[] = [];
  for (let member = 0; member < MOST_MEMBERS; member += 1) {
    const madeAt = await store.madeAt(NAME, member).catch(() => undefined);
    if (madeAt === undefined) break;
    counts.push(madeAt.filter((at) => clock.now() - at < 24 * 60 * MINUTE).length);
  }
  secretsManager.destroy();
  return counts;
}

/** What reads a token; it throws for one that has expired. */
type Read = () => Promise<string>;

function reading({ deployment }: World): { readonly fresh: Read; readonly evertoken: Read } {
  const { system, clock } = deployment;
  const settings = {
    endpoint: system.endpoint.url,
    region: LOCAL_REGION,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  };
  const client = new SecretsManagerClient(settings);
  const ssm = new SSMClient(settings);
  onTestFinished(() => {
    client.destroy();
    ssm.destroy();
  });
  const reader = () => createTokenReader({ client, ssm, now: () => clock.now() });
  const shared = reader();
  return { fresh: () => reader().accessToken(NAME), evertoken: () => shared.accessToken(NAME) };
}

/** A reader of one's own that keeps what it read for so long, whatever is said of its end. */
function caching(read: Read, clock: SteppingClock, cacheMs: number): Read {
  let kept: { readonly token: string; readonly at: number } | undefined;
  return async () => {
    if (kept === undefined || clock.now() - kept.at >= cacheMs) {
      const at = clock.now();
      kept = { token: await read(), at };
    }
    return kept.token;
  };
}

interface Course {
  /** Tokens that the provider issues before it ends. */
  readonly lifetimes: number;
  /** What uses the token every ten seconds. */
  readonly readers: readonly Read[];
  /** Whether messages are taken; else the tick is alone. */
  readonly wakes: boolean;
  /** Share of messages that never come. Default none. */
  readonly lost?: number;
}

interface Account {
  reads: number;
  /** Tokens in readers' hands that the provider would not take any more. */
  expired: number;
  /** How long after it was due each refresh reached the provider, in milliseconds. */
  readonly lateness: number[];
}

/**
 * Lets time pass: a tick a minute, readers every ten seconds, and messages when they are due. Of those one in ten
 * comes up to three seconds late, and one in twenty twice.
 */
async function pass(world: World, { lifetimes, readers, wakes, lost = 0 }: Course): Promise<Account> {
  const { deployment, provider } = world;
  const { clock, system } = deployment;
  const { queues, functions } = system.endpoint;
  const queue = queues.find('http://127.0.0.1/000000000000/evertoken-wake-ups');
  const random = seededRandom(7);
  const account: Account = { reads: 0, expired: 0, lateness: [] };
  const underWay: { readonly at: number; readonly messages: readonly QueueMessage[] }[] = [];
  let tickAt = clock.now() + MINUTE;
  let readAt = clock.now();
  let { dueAt } = await world.state();

  const refreshing = async (work: () => Promise<unknown>) => {
    const before = provider.requests.length;
    await work();
    const { [before]: requestedAt } = provider.requests;
    if (requestedAt !== undefined) account.lateness.push(requestedAt - dueAt);
    ({ dueAt } = await world.state());
  };

  const target = provider.issued.length + lifetimes;
  while (provider.issued.length < target) {
    const messageAt = Math.min(
      wakes ? (queue?.nextAt ?? Infinity) : Infinity,
      ...underWay.map(({ at }) => at),
    );
    clock.advance(Math.max(0, Math.min(tickAt, readAt, messageAt) - clock.now()));
    const now = clock.now();
    if (wakes && queue !== undefined) {
      const messages = queue.receive(8);
      for (const { receiptHandle } of messages) queue.delete(receiptHandle);
      const chance = random.fraction();
      const at = now + (random.fraction() < 0.1 ? random.fraction() * 3 * SECOND : 0);
      if (messages.length > 0 && chance >= lost) underWay.push({ at, messages });
      if (messages.length > 0 && chance > 0.95) underWay.push({ at: at + 5 * SECOND, messages });
    }
    for (const due of underWay.filter(({ at }) => at <= now)) {
      underWay.splice(underWay.indexOf(due), 1);
      const Records = due.messages.map(({ body }) => ({ eventSource: 'aws:sqs', body }));
      await refreshing(() => functions.run('evertoken-refresh-now', { Records }));
    }
    if (tickAt <= now) {
      tickAt += MINUTE;
      await refreshing(() => deployment.tick());
    }
    if (readAt <= now) {
      readAt += 10 * SECOND;
      for (const read of readers) {
        account.reads += 1;
        const token = await read().catch(() => 'none');
        if (!provider.accepts(token)) account.expired += 1;
      }
    }
  }
  await system.endpoint.idle();
  return account;
}

/** In an ordinary run; `EVERTOKEN_LIFETIMES=2000` makes a long one. */
const LIFETIMES = Number(process.env['EVERTOKEN_LIFETIMES'] ?? 20);
const PATIENCE_MS = 180_000 + LIFETIMES * 1_000;

const percentile = (values: readonly number[], share: number) =>
  values.toSorted((one, other) => one - other)[Math.ceil(values.length * share) - 1] ?? Infinity;

const writesOf = ({ deployment }: World, operation: string, resource: string) =>
  deployment.system.endpoint.calls.count({ operation, resource });

describe.each([['client_credentials'], ['refresh_token']])(
  'tokens of 300 s of which nobody knew, by %s',
  (grant) => {
    const rotates = grant === 'refresh_token';

    it('are moved once and kept fresh by the tick alone, for many lifetimes', {
      timeout: PATIENCE_MS,
    }, async () => {
      await using world = await start({ grants: [grant] }, (provider) => {
        provider.lifetimeSeconds = 3600;
      });
      const { deployment, provider } = world;
      const { calls } = deployment.system.endpoint;
      expect(await deployment.read(SECRET)).toHaveProperty('access_token');
      provider.lifetimeSeconds = 300;
      provider.answerMs = 800;
      deployment.clock.advance((await world.state()).dueAt - deployment.clock.now());
      await deployment.tick();

      let failed = 0;
      let written = writesOf(world, 'PutSecretValue', SECRET);
      calls.subscribe(({ operation, resource }) => {
        if (operation === 'PutSecretValue' && resource === SECRET) written += 1;
      });
      deployment.system.endpoint.onEvent(({ 'detail-type': type }) => {
        if (type === 'Refresh Failed') failed += 1;
      });
      const { fresh, evertoken } = reading(world);
      const account = await pass(world, { lifetimes: LIFETIMES, readers: [fresh, evertoken], wakes: false });
      expect(account.reads).toBeGreaterThan(LIFETIMES * 2 * 12);
      expect({ expired: account.expired, failed }).toEqual({ expired: 0, failed: 0 });
      // The first token, and where it is now.
      expect(written).toBe(2);
      expect(world.events.filter((type) => type === 'Token Moved')).toHaveLength(1);
      expect(await deployment.read(SECRET)).toEqual({ schema: 1, parameter: `/evertoken/tokens/${NAME}` });
      expect(await world.state()).toMatchObject({ publishedTo: 'parameter', lastOutcome: 'refreshed' });
      expect(calls.count({ service: 'sqs' })).toBe(0);
      const ring = await world.members();
      if (!rotates) expect(ring).toEqual([]);
      // Its family is alive, and no secret was written more often than it bears.
      expect(provider.reused).toEqual([]);
      for (const writes of ring) expect(writes).toBeLessThanOrEqual(100);
      if (rotates && LIFETIMES > 500) expect(ring.length).toBeGreaterThan(4);
    });
  },
);

const DECLARED = { defaultLifetimeSeconds: 300, readerCacheSeconds: 30 };
const earliest = (earliestRefreshSeconds: number) => ({
  ...DECLARED,
  readerCacheSeconds: 0,
  rules: { accessToken: { earliestRefreshSeconds } },
});

describe('tokens of 300 s that are declared', () => {
  it('are woken in time, so that a reader that caches for 30 s never holds an expired one', {
    timeout: PATIENCE_MS,
  }, async () => {
    await using world = await start({ ...DECLARED, marginSeconds: 75 });
    world.provider.answerMs = 800;
    const { fresh, evertoken } = reading(world);
    const cached = caching(fresh, world.deployment.clock, 30 * SECOND);
    const account = await pass(world, {
      lifetimes: Math.max(120, LIFETIMES),
      readers: [cached, evertoken],
      wakes: true,
      lost: 0.005,
    });
    expect(account.expired).toBe(0);
    expect(account.lateness.length).toBeGreaterThanOrEqual(120);
    expect(percentile(account.lateness, 0.99)).toBeLessThan(15 * SECOND);
    // The tick alone would leave half of them half a minute late.
    expect(percentile(account.lateness, 0.5)).toBeLessThan(2 * SECOND);
    expect(writesOf(world, 'PutSecretValue', SECRET)).toBe(1);
  });

  it('would be late by the tick alone, which is what the queue is for', {
    timeout: PATIENCE_MS,
  }, async () => {
    await using world = await start({ ...DECLARED, marginSeconds: 75 });
    const account = await pass(world, { lifetimes: 20, readers: [], wakes: false });
    expect(percentile(account.lateness, 0.5)).toBeGreaterThan(15 * SECOND);
  });

  it.each<[string, object, Verdict, number]>([
    [
      'that refuses a refresh until 30 s before the end',
      earliest(30),
      (left) => (left > 30 ? 'refuse' : 'new'),
      0,
    ],
    [
      'that repeats its token until 60 s before the end',
      earliest(60),
      (left) => (left > 60 ? 'same' : 'new'),
      0,
    ],
    ['that does so, and nobody said it', DECLARED, (left) => (left > 60 ? 'same' : 'new'), 2],
  ])(
    'are never expired at a read with a provider %s',
    { timeout: PATIENCE_MS },
    async (_, rules, verdict, most) => {
      await using world = await start(rules);
      world.provider.answerMs = 800;
      world.provider.verdict = verdict;
      const { fresh, evertoken } = reading(world);
      const account = await pass(world, {
        lifetimes: LIFETIMES / 2,
        readers: [fresh, evertoken],
        wakes: true,
      });
      expect(account.expired).toBe(0);
      expect(Math.max(...world.provider.issued.map(({ inVain }) => inVain))).toBeLessThanOrEqual(most);
    },
  );
});
