import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AwsError } from '../../../local/aws/wire/error-answer.ts';
import { canarySecret } from '../../support/canary.ts';
import { FetchBrowser } from './support/fetch-browser.ts';
import { authorize, NAME, type SignInWorld, startSignInWorld } from './support/running-command.ts';
import { CLIENT_ID, CLIENT_SECRET, HTTPS_REDIRECT } from './support/sign-in-provider.ts';

const HOUR = 3_600_000;

let world: SignInWorld;

beforeEach(async () => {
  world = await startSignInWorld();
});

afterEach(async () => {
  await world[Symbol.asyncDispose]();
});

const table = () => world.deployment.system.functions.composition.ports.state;
const stateOf = async () =>
  (await table().get(NAME)) as NonNullable<Awaited<ReturnType<ReturnType<typeof table>['get']>>>;
const storedRefreshTokens = () =>
  world.deployment.system.functions.composition.ports.refreshTokens.currentVersionId(NAME);

const messageOf = (stderr: string) => /^error: (.*)$/m.exec(stderr)?.[1];

/** Nothing was stored, and no lease is left. */
async function expectNothingStored(): Promise<void> {
  expect(await storedRefreshTokens()).toBeUndefined();
  const state = await stateOf();
  expect(state.leaseOwner).toBeUndefined();
  expect(state).toMatchObject({ lastOutcome: 'needs-reauthorization', generation: 0 });
}

/** The redirect URI with an answer made up, beginning from the address that was opened. */
function answerTo(opened: string, parameters: Readonly<Record<string, string | undefined>>): string {
  const { searchParams } = new URL(opened);
  const url = new URL(searchParams.get('redirect_uri') ?? '');
  const answer = { state: searchParams.get('state') ?? '', iss: world.provider.issuer, ...parameters };
  for (const [name, value] of Object.entries(answer))
    if (value !== undefined) url.searchParams.set(name, value);
  return url.href;
}

describe('an answer that is not the right one stores nothing, and the tab and the terminal say why', () => {
  it.each([
    [
      'another state',
      { code: 'c', state: 'another' },
      /does not belong to this sign-in: its "state" is another/,
    ],
    ['no state', { code: 'c', state: undefined }, /does not belong to this sign-in/],
    [
      'another issuer',
      { code: 'c', iss: 'https://evil.example' },
      /from the issuer "https:\/\/evil.example" and not from/,
    ],
    ['no issuer', { code: 'c', iss: undefined }, /does not say that it comes from/],
    [
      'an error',
      { error: 'temporarily_unavailable', error_description: 'Back at <b>noon</b>' },
      /refused the sign-in with temporarily_unavailable/,
    ],
    ['no code', {}, /without a code/],
    ['a code that the provider does not know', { code: canarySecret('guessed') }, /invalid_grant/],
  ])('%s', async (_, parameters, message) => {
    const command = authorize(world);
    const page = await new FetchBrowser().open(answerTo(await command.opened, parameters));
    expect(await command.exitCode).toBe(1);
    expect(messageOf(command.stderr())).toMatch(message);
    expect(command.stdout()).toBe('');
    expect(page).toMatchObject({ status: 200 });
    expect(page.html).toContain('The sign-in failed');
    expect(page.html).not.toContain('<b>');
    await expectNothingStored();
  });

  it('a parameter that stands twice', async () => {
    const command = authorize(world);
    await new FetchBrowser().open(`${answerTo(await command.opened, { code: 'c' })}&code=d`);
    expect(await command.exitCode).toBe(1);
    expect(messageOf(command.stderr())).toMatch(/names "code" twice/);
    await expectNothingStored();
  });

  it('access that the person denied', async () => {
    const command = authorize(world);
    const page = await new FetchBrowser().signIn(await command.opened, 'no');
    expect(await command.exitCode).toBe(1);
    expect(messageOf(command.stderr())).toBe('Access was denied at the provider. Nothing was stored.');
    expect(page.html).toContain('<h1>The sign-in failed</h1><p>Access was denied at the provider.');
    await expectNothingStored();
  });
});

describe('a sign-in that cannot come to an end', () => {
  it('nobody signs in', async () => {
    const command = authorize(world, ['--timeout', '1']);
    await command.opened;
    expect(await command.exitCode).toBe(1);
    expect(messageOf(command.stderr())).toBe(
      'Nobody signed in within 1 s. Nothing was stored. Start again, or allow more with --timeout.',
    );
    await expectNothingStored();
  });

  it('the person interrupts', async () => {
    const command = authorize(world);
    await command.opened;
    command.interrupt();
    expect(await command.exitCode).toBe(1);
    expect(messageOf(command.stderr())).toBe('Interrupted. Nothing was stored.');
    await expectNothingStored();
  });

  it('the port is in use', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    const command = authorize(world, ['--port', String(port)]);
    expect(await command.exitCode).toBe(1);
    expect(messageOf(command.stderr())).toBe(
      `Port ${port} of 127.0.0.1 is in use: name another with --port, or end what uses it.`,
    );
    other.close();
    await expectNothingStored();
  });

  it('the connection is paused', async () => {
    await table().setPaused(NAME, true, 0);
    const command = authorize(world);
    expect(await command.exitCode).toBe(1);
    expect(messageOf(command.stderr())).toBe(
      `"${NAME}" is paused: resume it first, with "evertoken resume ${NAME}".`,
    );
  });

  it.each([
    [
      'grants',
      { grants: ['client_credentials'] },
      /uses no refresh token.*add "refresh_token" to its "grants"/,
    ],
    [
      'authorizationUrl',
      { issuer: undefined, tokenUrl: 'https://idp.example.com/token' },
      /add "authorizationUrl" to it, or "issuer"/,
    ],
  ])('the connection lacks %s', async (_, fields, message) => {
    const { definition } = await stateOf();
    await table().register(NAME, { ...definition, ...fields } as typeof definition, 0);
    const command = authorize(world);
    expect(await command.exitCode).toBe(1);
    expect(messageOf(command.stderr())).toMatch(message);
  });

  it('no URL for devices is known', async () => {
    const { definition } = await stateOf();
    const { issuer: _, ...rest } = definition;
    await table().register(NAME, { ...rest, tokenUrl: 'https://idp.example.com/token' }, 0);
    const command = authorize(world, ['--device']);
    expect(await command.exitCode).toBe(1);
    expect(messageOf(command.stderr())).toMatch(/add "deviceAuthorizationUrl" to it/);
  });

  it('the provider issues no refresh token', async () => {
    const { definition } = await stateOf();
    await table().register(NAME, { ...definition, scope: 'openid' }, 0);
    const command = authorize(world);
    await new FetchBrowser().signIn(await command.opened);
    expect(await command.exitCode).toBe(1);
    expect(messageOf(command.stderr())).toMatch(/issued no refresh token.*"offline_access"/);
    expect(await storedRefreshTokens()).toBeUndefined();
  });

  it.each([
    [['--port', '0'], /Expected a port from 1 to 65535/],
    [['--timeout', 'soon'], /Expected a number of seconds/],
    [['--manual'], /--manual needs --redirect-uri/],
    [['--manual', '--device'], /cannot be used with/],
    [['--manual', '--redirect-uri', 'https://app.example.com/#x'], /must not have a fragment/],
    [['--manual', '--redirect-uri', 'app'], /no http or https address/],
  ])('%j is wrong usage', async (args, message) => {
    const command = authorize(world, args);
    expect(await command.exitCode).toBe(2);
    expect(command.stderr()).toMatch(message);
  });
});

describe('a sign-in', () => {
  it('stores the refresh token, refreshes, and three rotations follow', async () => {
    const { deployment, provider } = world;
    const command = authorize(world);
    const opened = new URL(await command.opened);
    expect(Object.fromEntries(opened.searchParams)).toMatchObject({
      response_type: 'code',
      client_id: CLIENT_ID,
      scope: 'openid offline_access',
      prompt: 'consent',
      code_challenge_method: 'S256',
    });
    const page = await new FetchBrowser().signIn(opened.href);
    expect(await command.exitCode).toBe(0);
    expect(page.html).toContain(
      `<h1>You are signed in</h1><p>&quot;${NAME}&quot; is kept fresh from now on.`,
    );
    expect(command.stdout()).toBe(
      [
        `Signed in. The refresh token of "${NAME}" is stored.`,
        '',
        'connection  outcome    expires in  next refresh',
        expect.stringMatching(/^books\/acme +refreshed +59 min +\d+ min$/),
        '',
      ]
        .map((line, index) => (typeof line === 'string' ? line : command.stdout().split('\n')[index]))
        .join('\n'),
    );
    expect(command.stderr()).toBe(
      `Your browser opens to sign in. If it does not, open\n\n  ${opened.href}\n\nWaiting for 5 min at ${opened.searchParams.get('redirect_uri')}\n`,
    );
    expect(await stateOf()).toMatchObject({ lastOutcome: 'refreshed', generation: 1 });
    for (let rotation = 2; rotation <= 4; rotation += 1) {
      deployment.clock.advance(HOUR);
      await deployment.tick();
      expect(await stateOf()).toMatchObject({ lastOutcome: 'refreshed', generation: rotation, failures: 0 });
    }
    expect(provider.granted.get('refresh_token')).toBe(4);
    expect(provider.revokedFamilies).toEqual([]);
  });

  it('is not disturbed by a second answer, an icon, another path, another method or another host', async () => {
    const command = authorize(world);
    const opened = await command.opened;
    const redirectUri = new URL(opened).searchParams.get('redirect_uri') ?? '';
    const browser = new FetchBrowser();
    const { origin } = new URL(redirectUri);
    expect((await browser.open(`${origin}/favicon.ico`)).status).toBe(404);
    expect((await browser.open(`${origin}/?code=x&state=y`)).status).toBe(404);
    expect((await browser.open(redirectUri, { method: 'POST' })).status).toBe(405);
    // The refresh waits while somebody holds the lease, and the first answer with it.
    const now = world.deployment.clock.now();
    const lease = { owner: 'o', now, endsAt: now + 60_000, attempt: 'a'.repeat(36), force: true };
    expect((await table().lease(NAME, lease)).kind).toBe('acquired');
    const first = browser.signIn(opened);
    await command.said(/is being refreshed at this moment/);
    const second = await browser.open(answerTo(opened, { code: 'second' }));
    expect(second.status).toBe(409);
    expect(second.html).toContain('This sign-in was answered already.');
    await table().commit(NAME, 'o', { attempt: null, attemptAt: null });
    expect((await first).html).toContain('You are signed in');
    expect(await command.exitCode).toBe(0);
    expect(world.provider.granted.get('authorization_code')).toBe(1);
  });

  it('during a refresh waits for its end, and the newer refresh token is the one that stays', async () => {
    const { deployment, provider } = world;
    await signIn();
    const before = await storedRefreshTokens();
    deployment.clock.advance(HOUR);
    const now = deployment.clock.now();
    const lease = { owner: 'o', now, endsAt: now + 60_000, attempt: 'b'.repeat(36), force: true };
    await table().lease(NAME, lease);
    const command = authorize(world);
    const page = new FetchBrowser().signIn(await command.opened);
    await command.said(
      new RegExp(
        `"${NAME}" is being refreshed at this moment; the new refresh token is stored when that has ended`,
      ),
    );
    expect(await storedRefreshTokens()).toBe(before);
    await table().commit(NAME, 'o', { attempt: null, attemptAt: null });
    await page;
    expect(await command.exitCode).toBe(0);
    expect((await stateOf()).refreshTokenVersionId).toBe(await storedRefreshTokens());
    for (let rotation = 0; rotation < 2; rotation += 1) {
      deployment.clock.advance(HOUR);
      await deployment.tick();
      expect(await stateOf()).toMatchObject({ lastOutcome: 'refreshed', failures: 0 });
    }
    expect(provider.revokedFamilies).toEqual([]);
  });

  it('heals a connection whose refresh token is dead, by a tick alone too', async () => {
    const { deployment } = world;
    await deployment.write(`evertoken/refresh-tokens/${NAME}`, { refresh_token: canarySecret('dead') });
    await deployment.tick();
    deployment.clock.advance(HOUR);
    await deployment.tick();
    expect(await stateOf()).toMatchObject({
      lastOutcome: 'needs-reauthorization',
      lastErrorCode: 'invalid_grant',
    });
    const { endpoint } = deployment.system;
    endpoint.inject = (_, operation) =>
      operation === 'Invoke' ? { before: new AwsError('AccessDeniedException', 'no', 403) } : undefined;
    const command = authorize(world);
    await new FetchBrowser().signIn(await command.opened);
    expect(await command.exitCode).toBe(1);
    expect(messageOf(command.stderr())).toMatch(/The refresh token is stored, and the next tick uses it/);
    endpoint.inject = undefined;
    await deployment.tick();
    expect(await stateOf()).toMatchObject({ lastOutcome: 'refreshed' });
  });

  it('prints its result as JSON, and opens nothing when told so', async () => {
    const opened: string[] = [];
    const command = authorize(world, ['--json', '--no-browser'], {
      openBrowser: async (url) => void opened.push(url),
    });
    const said = await command.said(/Waiting for/);
    expect(said).toMatch(/^Open this address to sign in:/);
    await new FetchBrowser().signIn(/ {2}(http\S+)/.exec(said)?.[1] ?? '');
    expect(await command.exitCode).toBe(0);
    expect(JSON.parse(command.stdout())).toMatchObject({
      result: { connection: NAME, outcome: 'refreshed', health: 'healthy', error: null },
    });
    expect(opened).toEqual([]);
  });

  it('goes on where no browser can be opened', async () => {
    const command = authorize(world, [], { openBrowser: () => Promise.reject(new Error('no browser')) });
    expect(await command.said(/Waiting for/)).toMatch(/^Open this address to sign in:/);
    command.interrupt();
    await command.exitCode;
  });
});

describe('by hand', () => {
  const args = ['--manual', '--redirect-uri', HTTPS_REDIRECT];

  it('refuses what is not the address', async () => {
    const command = authorize(world, args);
    await command.said(/Copy its whole address/);
    command.stdin.end('https://app.example.com/other?code=x');
    expect(await command.exitCode).toBe(1);
    expect(messageOf(command.stderr())).toMatch(
      /not an address that begins with https:\/\/app.example.com\/callback/,
    );
    await expectNothingStored();
  });

  it.each([
    ['a pipe', false],
    ['a terminal', true],
  ])('waits in vain at %s, and reads no further', async (_, isTTY) => {
    const command = authorize(world, [...args, '--timeout', '1'], { isTTY });
    expect(await command.exitCode).toBe(1);
    expect(command.stderr()).toMatch(/error: Nobody signed in within 1 s/);
    await expectNothingStored();
  });

  it('takes the address back and stores the refresh token', async () => {
    const command = authorize(world, args);
    const said = await command.said(/Copy its whole address/);
    const page = await new FetchBrowser().signIn(/ {2}(http\S+)/.exec(said)?.[1] ?? '');
    command.stdin.end(`${page.url}\n`);
    expect(await command.exitCode).toBe(0);
    expect(await stateOf()).toMatchObject({ lastOutcome: 'refreshed' });
  });
});

describe('the client credentials', () => {
  const denyReading = (words = 'not authorized') => {
    const denied = new AwsError('AccessDeniedException', words, 400);
    world.deployment.system.endpoint.inject = (_, operation, resource) =>
      operation === 'GetSecretValue' && resource === 'evertoken/credentials/books'
        ? { before: denied }
        : undefined;
  };

  it('that cannot be read and not be asked for are a clear message', async () => {
    denyReading();
    const command = authorize(world);
    expect(await command.exitCode).toBe(1);
    expect(messageOf(command.stderr())).toMatch(
      /^You may not read the secret "evertoken\/credentials\/books": it takes secretsmanager:GetSecretValue/,
    );
  });

  it('that lie under a key in another’s hands are told of as that', async () => {
    denyReading('Access to KMS is not allowed');
    const command = authorize(world);
    expect(await command.exitCode).toBe(1);
    expect(messageOf(command.stderr())).toContain('Let you use the key that encrypts');
  });

  it('that cannot be read are asked for, hidden, and used once', async () => {
    denyReading();
    const command = authorize(world, [], { isTTY: true });
    await command.said(/Client id:/);
    command.stdin.write(`${CLIENT_ID}\r`);
    await command.said(/Client secret:/);
    command.stdin.write(`${CLIENT_SECRET}\r`);
    const opened = await command.opened;
    world.deployment.system.endpoint.inject = undefined;
    await new FetchBrowser().signIn(opened);
    expect(await command.exitCode).toBe(0);
    expect(command.stderr()).not.toContain(CLIENT_SECRET);
  });
});

/** A sign-in that works. */
async function signIn(): Promise<void> {
  const command = authorize(world);
  await new FetchBrowser().signIn(await command.opened);
  expect(await command.exitCode).toBe(0);
}
