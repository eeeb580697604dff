import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { FetchBrowser } from './support/fetch-browser.ts';
import { authorize, NAME, type SignInWorld, startSignInWorld } from './support/running-command.ts';
import { CLIENT_ID, CLIENT_SECRET } from './support/sign-in-provider.ts';

/** Intervals of five seconds take a twentieth of one. */
const SPEED = 100;

let world: SignInWorld;
let front: Awaited<ReturnType<typeof startFront>>;

/** Stands before the token endpoint, and answers in its place when a test says so. */
async function startFront() {
  const polledAt: number[] = [];
  const answers: { readonly status: number; readonly body: object | 'reset' }[] = [];
  let target = '';
  const server = createServer(async (request: IncomingMessage, response: ServerResponse) => {
    const body = (await Array.fromAsync(request)).join('');
    const isPoll = body.includes('device_code=');
    if (isPoll) polledAt.push(world.deployment.clock.now());
    const answer = isPoll ? answers.shift() : undefined;
    if (answer?.body === 'reset') {
      request.socket.resetAndDestroy();
      return;
    }
    if (answer) {
      response.writeHead(answer.status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(answer.body));
      return;
    }
    const headers = {
      'content-type': 'application/x-www-form-urlencoded',
      authorization: request.headers.authorization ?? '',
    };
    const upstream = await fetch(`${target}/token`, { method: 'POST', headers, body });
    response.writeHead(upstream.status, { 'content-type': 'application/json' });
    response.end(await upstream.text());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    tokenUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`,
    polledAt,
    answers,
    forwardTo: (issuer: string) => {
      target = issuer;
    },
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

beforeEach(async () => {
  front = await startFront();
  world = await startSignInWorld({
    speed: SPEED,
    definition: (issuer) => ({ tokenUrl: front.tokenUrl, deviceAuthorizationUrl: `${issuer}/device/auth` }),
    allowedOrigins: [new URL(front.tokenUrl).origin],
  });
  front.forwardTo(world.provider.issuer);
});

afterEach(async () => {
  await world[Symbol.asyncDispose]();
  front.close();
});

const stateOf = () => world.deployment.system.functions.composition.ports.state.get(NAME);
const start = (args: readonly string[] = []) => authorize(world, ['--device', ...args]);
const errorAnswer = (error: string) => ({ status: 400, body: { error } });

it.each([
  [
    'the person denies',
    [errorAnswer('access_denied')],
    'Access was denied at the provider. Nothing was stored.',
  ],
  [
    'the code expires',
    [errorAnswer('authorization_pending'), errorAnswer('expired_token')],
    'The code was not entered in time. Nothing was stored. Start again for a new one.',
  ],
  [
    'the client may not',
    [errorAnswer('unauthorized_client')],
    'The token endpoint answered HTTP 400, unauthorized_client.',
  ],
])('ends when %s', async (_, answers, message) => {
  front.answers.push(...answers);
  const command = start();
  expect(await command.exitCode).toBe(1);
  expect(command.stderr()).toContain(`error: ${message}\n`);
  expect(await stateOf()).toMatchObject({ lastOutcome: 'needs-reauthorization', generation: 0 });
});

it('sends no credentials to a device endpoint that their secret does not allow', async () => {
  await world.deployment.write('evertoken/credentials/books', {
    client_id: CLIENT_ID,
    client_secret: CLIENT_SECRET,
    allowed_token_origins: [new URL(front.tokenUrl).origin],
  });
  const command = start();
  expect(await command.exitCode).toBe(1);
  expect(command.stderr()).toContain(`sends them to ${world.provider.issuer}; nothing was sent`);
  expect(front.polledAt).toEqual([]);
});

it('ends when nobody enters the code in time', async () => {
  const command = start(['--timeout', '60']);
  expect(await command.exitCode).toBe(1);
  expect(command.stderr()).toContain('The code was not entered in time.');
  expect(front.polledAt.length).toBeGreaterThan(0);
});

it('quirk 73: asks less often when it is told to, or gets no answer', async () => {
  front.answers.push(
    errorAnswer('authorization_pending'),
    errorAnswer('slow_down'),
    { status: 400, body: 'reset' },
    errorAnswer('access_denied'),
  );
  await start().exitCode;
  const waits = front.polledAt.slice(1).map((at, index) => (at - (front.polledAt[index] ?? 0)) / 1000);
  expect(waits).toHaveLength(3);
  for (const [index, least] of [5, 10, 20].entries()) expect(waits[index]).toBeGreaterThanOrEqual(least);
});

it('shows the code, and stores the refresh token when it was entered', async () => {
  const command = start();
  const said = await command.said(/enter the code\n\n {2}\S+/);
  const [, address = ''] = /compare the code:\n\n {2}(\S+)/.exec(said) ?? [];
  const browser = new FetchBrowser();
  // The address brings the code along; the provider asks whether the device shows the same.
  const question = await browser.submit(await browser.open(address), {});
  expect(question.html).toContain('<title>confirm</title>');
  const login = await browser.submit(question, {});
  const consent = await browser.submit(login, { name: 'a person', answer: 'yes' });
  await browser.submit(consent, { answer: 'yes' });
  expect(await command.exitCode).toBe(0);
  expect(command.stdout()).toMatch(/^Signed in\. The refresh token of "books\/acme" is stored\./);
  expect(await stateOf()).toMatchObject({ lastOutcome: 'refreshed', generation: 1 });
});
