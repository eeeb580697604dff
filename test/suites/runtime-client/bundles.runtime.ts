import { randomUUID } from 'node:crypto';
import { PutParameterCommand } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it, onTestFinished } from 'vitest';
import { systemClock } from '../../../functions/handlers/system-clock.ts';
import { HANDLERS, type HandlerName } from '../../../infra/handler-bundle.ts';
import { startSlashId } from '../../../local/providers/slashid.ts';
import { TestAws } from '../../support/aws.ts';
import { assertNoCanary, canarySecret } from '../../support/canary.ts';
import { type Bundles, makeBundles } from './support/bundles.ts';
import { runFunction } from './support/run-function.ts';

const FIVE_MINUTES_MS = 300_000;
const CLIENT = { client_id: 'orders', client_secret: canarySecret('client') };

let bundles: Bundles;
let aws: TestAws;

beforeEach((context) => {
  const missing = inject('noRuntimeClient');
  if (missing !== null) context.skip(missing);
});
beforeAll(async () => {
  bundles = await makeBundles();
  aws = await TestAws.start();
});
afterAll(async () => {
  await aws?.[Symbol.asyncDispose]();
  await bundles?.[Symbol.asyncDispose]();
});

/** A deployment of its own, with nothing in it. */
async function deploy() {
  const namespace = `ns-${randomUUID().slice(0, 8)}`;
  const environment = {
    EVERTOKEN_NAMESPACE: namespace,
    EVERTOKEN_STATE_TABLE: await aws.createStateTable(),
    AWS_ENDPOINT_URL: aws.endpoint.url,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: canarySecret('aws-secret-access-key'),
  };
  return {
    namespace,
    environment,
    run: (
      handler: HandlerName,
      event: unknown,
      further: Record<string, string> = {},
      remainingMs = FIVE_MINUTES_MS,
    ) =>
      runFunction(
        { folder: bundles.folderOf(handler), environment: { ...environment, ...further } },
        { event, remainingMs },
      ),
  };
}

type Deployment = Awaited<ReturnType<typeof deploy>>;

interface Cases {
  /** An event, and what comes of it where nothing is declared. */
  answers(deployment: Deployment): Promise<readonly [event: unknown, answer: unknown]>;
  /** An event that fails there, where the state table is missing too. */
  fails(deployment: Deployment): readonly [event: unknown, errorType: string, message: RegExp];
}

const NO_TABLE = /no-such-table: ResourceNotFoundException/;
const rotation = ({ namespace }: Deployment) => ({
  Step: 'finishSecret',
  SecretId: `${namespace}/tokens/crm`,
  ClientRequestToken: randomUUID(),
});

const CASES: Readonly<Record<HandlerName, Cases>> = {
  'refresh-due': {
    answers: async () => [{}, { skipped: false, due: 0, left: 0, outcomes: {} }],
    fails: () => [{}, 'StoreError', NO_TABLE],
  },
  'refresh-now': {
    answers: async () => [
      { connections: ['crm'] },
      { results: [expect.objectContaining({ connection: 'crm', outcome: 'unknown-connection' })] },
    ],
    fails: () => [{ connections: ['crm'] }, 'StoreError', NO_TABLE],
  },
  reconcile: {
    answers: async () => [{}, { registered: [], removed: [], unreadable: [] }],
    fails: () => [{}, 'StoreError', NO_TABLE],
  },
  'rotate-secret': {
    async answers(deployment) {
      const event = rotation(deployment);
      await aws.createSecret(event.SecretId, { access_token: canarySecret('token') });
      return [event, null];
    },
    fails: (deployment) => [rotation(deployment), 'RotationFailed', /crm/],
  },
  'status-widget': {
    answers: async () => [{}, expect.stringContaining('No connection is registered yet.')],
    fails: () => [{}, 'StoreError', NO_TABLE],
  },
  'status-action': {
    answers: async () => [
      { action: 'pause', connection: 'crm', query: {} },
      expect.stringContaining('No connection crm is registered.'),
    ],
    fails: () => [{ query: {} }, 'StoreError', NO_TABLE],
  },
};

describe.each(HANDLERS)('%s in the runtime client', (handler) => {
  const { answers, fails } = CASES[handler];

  it('loads and answers', async () => {
    const deployment = await deploy();
    const [event, answer] = await answers(deployment);
    const { ending } = await deployment.run(handler, event);
    expect(ending).toMatchObject({ kind: 'response' });
    expect(ending).toHaveProperty('value', answer);
  });

  it('reports an environment that it cannot use, by the name of the variable', async () => {
    const deployment = await deploy();
    const [event] = await answers(deployment);
    const { ending } = await deployment.run(handler, event, { EVERTOKEN_STATE_TABLE: '' });
    expect(ending).toMatchObject({
      kind: 'error',
      errorType: 'ConfigError',
      errorMessage: expect.stringContaining('EVERTOKEN_STATE_TABLE'),
    });
  });

  it('reports what went wrong, and prints no secret', async () => {
    const deployment = await deploy();
    const [event, errorType, message] = fails(deployment);
    const { ending, printed } = await deployment.run(handler, event, {
      EVERTOKEN_STATE_TABLE: 'no-such-table',
    });
    expect(ending).toMatchObject({ kind: 'error', errorType, errorMessage: expect.stringMatching(message) });
    assertNoCanary(printed, 'what the function printed');
  });
});

describe('a refresh in the runtime client', () => {
  /** A deployment with one connection, to a provider on loopback. */
  async function open() {
    const { client_id: clientId, client_secret: clientSecret } = CLIENT;
    const mark = canarySecret('token');
    const provider = await startSlashId({
      clock: systemClock,
      lifetimeSeconds: 3600,
      clientId,
      clientSecret,
      mark,
    });
    onTestFinished(() => provider.close());
    const { run, namespace } = await deploy();
    const connection = { provider: 'slashid', tokenUrl: provider.tokenUrl, credentials: 'main' };
    await aws.clients.ssm.send(
      new PutParameterCommand({
        Name: `/${namespace}/connections/crm`,
        Value: JSON.stringify(connection),
        Type: 'String',
      }),
    );
    await aws.createSecret(`${namespace}/credentials/main`, CLIENT);
    await aws.createSecret(`${namespace}/tokens/crm`);
    const origins = { EVERTOKEN_ALLOWED_TOKEN_ORIGINS: provider.origin };
    return {
      tokenEndpoint: provider.tokenEndpoint,
      run: (handler: HandlerName, event: unknown, remainingMs?: number) =>
        run(handler, event, origins, remainingMs),
    };
  }

  it('obtains a token, with the preset that lies beside the bundle', async () => {
    const { run } = await open();
    const { ending, printed } = await run('refresh-now', { connections: ['crm'] });
    expect(ending).toMatchObject({
      kind: 'response',
      value: { results: [{ connection: 'crm', outcome: 'refreshed', health: 'healthy', error: null }] },
    });
    assertNoCanary(printed, 'what the function printed');
  });

  it('is left to the next tick when the function has too little time', async () => {
    const { run, tokenEndpoint } = await open();
    await run('reconcile', {});
    const { ending } = await run('refresh-due', {}, 60_000);
    expect(ending).toMatchObject({ kind: 'response', value: { due: 1, left: 1 } });
    expect(tokenEndpoint.tokenRequests).toBe(0);
    const { ending: next } = await run('refresh-due', {});
    expect(next).toMatchObject({ kind: 'response', value: { due: 1, left: 0, outcomes: { refreshed: 1 } } });
  });

  it('stops before the function would be killed when the provider does not answer', async () => {
    const { run, tokenEndpoint } = await open();
    tokenEndpoint.failNext({ kind: 'delay', ms: 30_000 });
    const remainingMs = 8_000;
    const { ending } = await run('refresh-now', { connections: ['crm'] }, remainingMs);
    expect(ending).toMatchObject({ kind: 'response', value: { results: [{ outcome: 'retry-later' }] } });
    expect(ending).toHaveProperty('elapsedMs');
    if ('elapsedMs' in ending) expect(ending.elapsedMs).toBeLessThan(remainingMs - 2_000);
    expect(tokenEndpoint.tokenRequests).toBe(1);
  });
});
