import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  DescribeSecretCommand,
  RotateSecretCommand,
  type RotateSecretCommandInput,
} from '@aws-sdk/client-secrets-manager';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { demoSetup } from '../../local/connections.ts';
import type { DemoProviders } from '../../local/demo/demo-providers.ts';
import { createLocalAwsClients } from '../../local/endpoint-clients.ts';
import { type Deployment, startDeployment } from '../support/deployment.ts';

const HOUR = 3_600_000;
const NAME = 'kajabi-demo';
const SECRET = `evertoken/tokens/${NAME}`;
const FUNCTION = 'evertoken-rotate-secret';

/** Kajabi's server with an API in front of it that a test can break. */
async function startFront(target: string) {
  const probes: number[] = [];
  let status: number | undefined;
  const server = createServer(async (request, response) => {
    const body = request.method === 'POST' ? await Array.fromAsync(request).then(Buffer.concat) : null;
    const headers = new Headers();
    for (const name of ['authorization', 'content-type', 'accept']) {
      const value = request.headers[name];
      if (typeof value === 'string') headers.set(name, value);
    }
    const isProbe = request.url === '/v1/me';
    const answer = await fetch(`${target}${request.url}`, { method: request.method ?? 'GET', headers, body });
    const said = isProbe && status !== undefined ? status : answer.status;
    if (isProbe) probes.push(said);
    response.writeHead(said, { 'content-type': answer.headers.get('content-type') ?? 'text/plain' });
    response.end(await answer.text());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    probes,
    answerProbesWith: (answer: number | undefined) => {
      status = answer;
    },
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

let deployment: Deployment;
let front: Awaited<ReturnType<typeof startFront>>;
let clients: ReturnType<typeof createLocalAwsClients>;

beforeEach(async () => {
  deployment = await startDeployment({
    setupFor: async (providers: DemoProviders) => {
      front = await startFront(providers.kajabi.origin);
      const setup = await demoSetup(providers);
      const rotated = setup.connections
        .filter(({ name }) => name === NAME)
        .map((connection) => ({
          ...connection,
          definition: {
            ...connection.definition,
            tokenUrl: `${front.origin}/v1/oauth/token`,
            consoleRotate: true,
          },
        }));
      return { ...setup, connections: rotated, allowedTokenOrigins: [front.origin] };
    },
  });
  clients = createLocalAwsClients(deployment.system.endpoint.url);
  deployment.clock.advance(HOUR / 20);
});

afterEach(async () => {
  for (const client of Object.values(clients)) client.destroy();
  await deployment[Symbol.asyncDispose]();
  front.close();
});

/** "Rotate secret immediately", to the end of all four steps. */
async function rotate(input: Partial<RotateSecretCommandInput> = {}): Promise<string> {
  const { endpoint } = deployment.system;
  const { VersionId = '' } = await clients.secretsManager.send(
    new RotateSecretCommand({
      SecretId: SECRET,
      RotationLambdaARN: endpoint.functions.arnOf(FUNCTION),
      ...input,
    }),
  );
  await endpoint.idle();
  return VersionId;
}

async function labels() {
  const description = await clients.secretsManager.send(new DescribeSecretCommand({ SecretId: SECRET }));
  const versions = Object.entries(description.VersionIdsToStages ?? {});
  const holderOf = (label: string) => versions.find(([, stages]) => stages.includes(label))?.[0];
  return { current: holderOf('AWSCURRENT'), pending: holderOf('AWSPENDING'), description };
}

const stateOf = (name: string) => deployment.system.functions.composition.ports.state.get(name);
const exchanges = () => deployment.system.providers.kajabi.tokenEndpoint.tokenRequests;

/** What must hold after any rotation: one newest token, and the way free for the next rotation. */
async function expectNewestCurrent(): Promise<void> {
  const { current, pending } = await labels();
  expect(current).toBe((await stateOf(NAME))?.tokenVersionId);
  expect(pending).toBeUndefined();
  expect(deployment.system.providers.kajabi.tokenEndpoint.rejections).toEqual([]);
}

it('a failing probe leaves the old token current and loses nothing', async () => {
  const before = await labels();
  const token = await deployment.read(SECRET);
  for (const status of [401, 503]) {
    front.answerProbesWith(status);
    await rotate();
    expect(await labels()).toMatchObject({ current: before.current, pending: undefined });
    expect(await deployment.read(SECRET)).toEqual(token);
    expect(await stateOf(NAME)).toMatchObject({ lastOutcome: 'retry-later', lastErrorCode: 'probe_failed' });
    expect((await labels()).description.LastRotatedDate).toBeUndefined();
    deployment.clock.advance(HOUR / 20);
  }
  // The refresh token that the rotation brought was kept: the tick goes on from it, and spends none twice.
  await deployment.tick();
  await expectNewestCurrent();
  expect((await labels()).current).not.toBe(before.current);
  front.answerProbesWith(undefined);
  deployment.clock.advance(HOUR / 20);
  expect(await rotate()).toBe((await labels()).current);
  await expectNewestCurrent();
});

it('refreshes once, publishes under the version that was reserved, and proves the token', async () => {
  const asked = exchanges();
  const versionId = await rotate();
  const { current, description } = await labels();
  expect(current).toBe(versionId);
  expect(description).toMatchObject({ RotationEnabled: true, LastRotatedDate: expect.any(Date) });
  expect(exchanges() - asked).toBe(1);
  expect(front.probes).toEqual([200, 200]);
  await expectNewestCurrent();
});

it('can be repeated, with ticks between', async () => {
  for (let round = 0; round < 3; round += 1) {
    deployment.clock.advance(HOUR / 20);
    expect(await rotate()).toBe((await labels()).current);
    deployment.clock.advance(HOUR);
    await deployment.tick();
    await expectNewestCurrent();
  }
});

it('beside a tick, the newest token stays current, and the next rotation works', async () => {
  for (let round = 0; round < 5; round += 1) {
    deployment.clock.advance(HOUR);
    await Promise.all([deployment.tick(), rotate()]);
    await deployment.system.endpoint.idle();
    await expectNewestCurrent();
  }
  deployment.clock.advance(HOUR / 20);
  expect(await rotate()).toBe((await labels()).current);
});

it.each(['setSecret', 'testSecret', 'finishSecret'])(
  'a tick just before %s keeps its newer token current',
  async (step) => {
    const { endpoint } = deployment.system;
    endpoint.functions.set('interrupted', async (event: { Step: string }) => {
      if (event.Step === step) {
        deployment.clock.advance(HOUR);
        await deployment.tick();
      }
      const { payload, failed } = await endpoint.functions.run(FUNCTION, event);
      if (failed) throw new Error(payload);
    });
    const RotationLambdaARN = endpoint.functions.arnOf('interrupted');
    const versionId = await rotate({ RotationLambdaARN });
    expect((await labels()).current).not.toBe(versionId);
    await expectNewestCurrent();
    expect((await labels()).description.LastRotatedDate).toBeInstanceOf(Date);
  },
);

it('right after a refresh exchanges nothing and leaves the new token current', async () => {
  await deployment.refreshNow([NAME]);
  const { current } = await labels();
  const asked = exchanges();
  await rotate();
  expect((await labels()).current).toBe(current);
  expect(exchanges()).toBe(asked);
  await expectNewestCurrent();
});

it('a rotation that was cut off after it had published is taken up where it ended', async () => {
  const { functions } = deployment.system.endpoint;
  let asked = 0;
  functions.set('repeated', async (event: { Step: string }) => {
    await functions.run(FUNCTION, event);
    if (event.Step !== 'createSecret') return;
    asked = exchanges();
    await functions.run(FUNCTION, event);
  });
  expect(await rotate({ RotationLambdaARN: functions.arnOf('repeated') })).toBe((await labels()).current);
  expect(exchanges()).toBe(asked);
  await expectNewestCurrent();
});

it('a rotation that is only set up changes nothing', async () => {
  const { current } = await labels();
  await rotate({ RotateImmediately: false });
  expect(await labels()).toMatchObject({ current, description: { RotationEnabled: true } });
  await expectNewestCurrent();
});

it('a connection that does not allow it is not rotated', async () => {
  const { ports } = deployment.system.functions.composition;
  const { definition } = (await stateOf(NAME)) ?? {};
  await ports.state.register(
    NAME,
    { ...(definition as NonNullable<typeof definition>), consoleRotate: false },
    0,
  );
  const { current } = await labels();
  const asked = exchanges();
  await rotate();
  expect(await labels()).toMatchObject({ current, pending: undefined });
  expect(exchanges()).toBe(asked);
});
