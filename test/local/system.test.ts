import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { GetSecretValueCommand, PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { PutParameterCommand } from '@aws-sdk/client-ssm';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { localSetup } from '../../local/connections.ts';
import { DEMO_CREDENTIALS } from '../../local/demo/demo-providers.ts';
import type { JsonEvent } from '../../local/demo/json-lines.ts';
import { type ConnectionSummary, exitCodeOf } from '../../local/demo/summary.ts';
import type { Row } from '../../local/demo/view.ts';
import { createLocalAwsClients, type LocalAwsClients } from '../../local/endpoint-clients.ts';
import { type LocalSystem, type LocalSystemOptions, startLocalSystem } from '../../local/system.ts';
import { assertNoCanary, CANARY, canarySecret } from '../support/canary.ts';
import { HandClock } from './support/hand-clock.ts';
import { runUntil, settled } from './support/run-until.ts';

let clock: HandClock;
let system: LocalSystem;
let clients: LocalAwsClients;
let events: (JsonEvent & { at: number })[];
let stopped: boolean;

beforeEach(() => {
  clock = new HandClock();
  events = [];
});
afterEach(async () => {
  for (const client of Object.values(clients)) client.destroy();
  if (!stopped) await stop();
  assertNoCanary(JSON.stringify(events), 'the events');
});

async function start(more: Partial<LocalSystemOptions> = {}): Promise<void> {
  stopped = false;
  system = await startLocalSystem({
    port: 0,
    tickSeconds: 5,
    lifetimeSeconds: 45,
    dataDirectory: undefined,
    clock,
    mark: canarySecret('local'),
    reporter: {
      started: () => {},
      show: () => {},
      event: (event, at) => events.push({ ...event, at }),
      ended: () => {},
    },
    ...more,
  });
  clients = createLocalAwsClients(system.endpoint.url);
}

/** Whatever waits for the clock while the parts end is let go. */
async function stop(): Promise<readonly ConnectionSummary[]> {
  stopped = true;
  return settled(clock, system.stop());
}

const row = async (connection: string): Promise<Row> => {
  const found = (await system.rows()).find((one) => one.connection === connection);
  if (!found) throw new Error(`no connection ${connection}`);
  return found;
};
const until = (what: string, holds: () => boolean | Promise<boolean>) => runUntil(clock, what, holds);
/** What comes to hold with an event alone is looked at after each: a look asks for all rows. */
const untilEvent = (what: string, holds: () => Promise<boolean>) => {
  let seen: number | undefined;
  return until(what, async () => {
    if (seen === events.length) return false;
    seen = events.length;
    return holds();
  });
};
const refreshedAll = (times: number) =>
  untilEvent(`everything was refreshed ${times} times`, async () =>
    (await system.rows()).every(({ refreshes }) => refreshes >= times),
  );
const seen = (type: string, connection: string) =>
  events.some((event) => event.type === type && event.connection === connection);
const accessToken = async (connection: string): Promise<string> => {
  const SecretId = `evertoken/tokens/${connection}`;
  const answer = await clients.secretsManager.send(new GetSecretValueCommand({ SecretId }));
  return JSON.parse(answer.SecretString ?? '').access_token;
};

it('keeps every token fresh over several lifetimes', async () => {
  await start();
  await refreshedAll(1);
  const startedAt = clock.now();
  await until('three lifetimes have passed', () => clock.now() >= startedAt + 3 * 45_000);
  const { providers } = system;
  const summaries = await stop();
  for (const summary of summaries) {
    expect(summary).toMatchObject({ health: 'healthy', rejected: 0, expired: 0, failed: 0 });
    expect(summary.refreshes).toBeGreaterThanOrEqual(6);
    expect(summary.reads).toBeGreaterThan(100);
  }
  expect(summaries.map(({ connection }) => connection)).toEqual([
    'kajabi-demo',
    'slashid-demo',
    'rotating-demo',
  ]);
  expect(exitCodeOf(summaries)).toBe(0);
  expect(new Set(events.map(({ type }) => type))).toEqual(new Set(['refreshed']));
  expect(providers.rotating.revokedFamilies).toEqual([]);
  const rejections = Object.values([providers.kajabi, providers.slashid, providers.rotating]).flatMap(
    ({ tokenEndpoint }) => tokenEndpoint.rejections,
  );
  expect(rejections).toEqual([]);
});

it('publishes tokens that carry the mark of the providers, and tells nobody else of it', async () => {
  await start();
  await refreshedAll(1);
  for (const name of ['kajabi-demo', 'slashid-demo', 'rotating-demo']) {
    expect(await accessToken(name)).toContain(CANARY);
  }
  assertNoCanary(JSON.stringify(await system.rows()), 'the rows');
  assertNoCanary(JSON.stringify(await stop()), 'the summaries');
});

it('serves the status page of all that is registered, without a secret', async () => {
  await start();
  await refreshedAll(1);
  const page = await (await fetch(system.statusPage.url)).text();
  for (const name of ['kajabi-demo', 'slashid-demo', 'rotating-demo'])
    expect(page).toContain(`<bdi>${name}</bdi>`);
  assertNoCanary(page, 'the status page');
});

it('heals a dead refresh token by the next grant', async () => {
  await start();
  await refreshedAll(1);
  system.providers.kajabi.killRefreshTokens();
  await refreshedAll(3);
  expect((await row('kajabi-demo')).health).toBe('healthy');
  const rejections = system.providers.kajabi.tokenEndpoint.rejections.map(({ error }) => error);
  expect(rejections).toEqual(['invalid_grant']);
});

it('says which connection needs a person, and leaves the others alone', async () => {
  await start();
  await refreshedAll(1);
  system.providers.rotating.killRefreshTokens();
  await until('attention is asked for', () => seen('needs-attention', 'rotating-demo'));
  expect((await row('rotating-demo')).health).toBe('needs-reauthorization');
  await untilEvent('the others were refreshed again', async () => (await row('slashid-demo')).refreshes >= 3);
  expect((await row('kajabi-demo')).health).toBe('healthy');
  // A person signs in again.
  const token = await system.providers.rotating.mintRefreshToken();
  const value = JSON.stringify({ refresh_token: token });
  await clients.secretsManager.send(
    new PutSecretValueCommand({ SecretId: 'evertoken/refresh-tokens/rotating-demo', SecretString: value }),
  );
  await until('it recovers', () => seen('recovered', 'rotating-demo'));
  expect((await row('rotating-demo')).health).toBe('healthy');
});

it('outlasts a provider that fails for a while', async () => {
  await start();
  await refreshedAll(1);
  system.providers.slashid.tokenEndpoint.failNext({ kind: 'answer', status: 503 }, 2);
  await until('a refresh failed', () => seen('refresh-failed', 'slashid-demo'));
  await untilEvent('it was refreshed again', async () => (await row('slashid-demo')).refreshes >= 2);
  expect(exitCodeOf(await stop())).toBe(0);
});

it('reads on when a provider revokes everything, and says so', async () => {
  await start();
  await refreshedAll(1);
  const { kajabi } = system.providers;
  const token = await accessToken('kajabi-demo');
  const answer = await fetch(`${kajabi.origin}/v1/oauth/revoke`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ token }).toString(),
  });
  expect(answer.status).toBe(200);
  await until('a read is rejected', () => seen('read-rejected', 'kajabi-demo'));
  const summaries = await stop();
  expect(summaries.find(({ connection }) => connection === 'kajabi-demo')?.rejected).toBeGreaterThan(0);
  expect(exitCodeOf(summaries)).toBe(1);
});

it('waits for credentials, and refreshes when they come', async () => {
  const crm = { provider: 'kajabi', credentials: 'kajabi-main', readerCacheSeconds: 0 };
  await start({ setupFor: (providers) => localSetup(new Map([['crm', crm]]), providers) });
  await until('attention is asked for', () => seen('needs-attention', 'crm'));
  expect((await row('crm')).health).toBe('awaiting-credentials');
  expect(system.providers.kajabi.tokenEndpoint.tokenRequests).toBe(0);
  await clients.secretsManager.send(
    new PutSecretValueCommand({
      SecretId: 'evertoken/credentials/kajabi-main',
      SecretString: JSON.stringify(DEMO_CREDENTIALS['kajabi-demo']),
    }),
  );
  await until('it is refreshed', () => seen('refreshed', 'crm'));
  expect(await row('crm')).toMatchObject({
    health: 'healthy',
    grants: ['refresh_token', 'client_credentials'],
  });
});

it('takes what is asked of it by events', async () => {
  await start();
  await refreshedAll(1);
  const definition = {
    provider: 'slashid',
    tokenUrl: system.providers.slashid.tokenUrl,
    credentials: 'slashid-demo',
  };
  await clients.ssm.send(
    new PutParameterCommand({
      Name: '/evertoken/connections/added',
      Value: JSON.stringify(definition),
      Type: 'String',
    }),
  );
  await untilEvent('the new connection is shown', async () => (await system.rows()).length === 4);
  expect((await system.rows()).at(-1)?.connection).toBe('added');
  // Long enough after the last refresh, and before the one that would come anyway.
  const restedAt = clock.now() + 1000;
  await until('no refresh is near', async () => {
    return clock.now() >= restedAt && ((await row('kajabi-demo')).nextRefreshAt ?? 0) > clock.now() + 10_000;
  });
  const before = await row('kajabi-demo');
  await clients.eventBridge.send(
    new PutEventsCommand({
      Entries: [
        {
          Source: 'a.service.of.yours',
          DetailType: 'Refresh Requested',
          Detail: JSON.stringify({ namespace: 'evertoken', connections: ['kajabi-demo'], force: true }),
        },
      ],
    }),
  );
  await untilEvent('it is refreshed', async () => (await row('kajabi-demo')).refreshes > before.refreshes);
  expect(clock.now()).toBeLessThan(before.nextRefreshAt ?? 0);
});

it('goes on where an earlier run ended', async () => {
  const parent = await mkdtemp(join(tmpdir(), 'evertoken-'));
  try {
    const dataDirectory = join(parent, 'data');
    await start({ dataDirectory });
    await refreshedAll(1);
    const { refreshes } = await row('kajabi-demo');
    await untilEvent(
      'a refresh is just behind it',
      async () => (await row('kajabi-demo')).refreshes > refreshes,
    );
    await stop();
    // A token says in whole seconds when it was obtained: one of this second may be of either run.
    await clock.advance(1_000);
    await start({ dataDirectory });
    await refreshedAll(1);
    const startedAt = clock.now();
    await until('a lifetime has passed', () => clock.now() >= startedAt + 45_000);
    const summaries = await stop();
    expect(summaries.filter(({ rejected, expired }) => rejected > 0 || expired > 0)).toEqual([]);
    expect(exitCodeOf(summaries)).toBe(0);
    for (const { health, reads } of summaries) {
      expect(health).toBe('healthy');
      expect(reads).toBeGreaterThan(30);
    }
  } finally {
    await rm(parent, { recursive: true, force: true });
  }
});
