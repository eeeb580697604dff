import { generateKeyPairSync } from 'node:crypto';
import { decodeJwt } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ConnectionState } from '../../../functions/refresh/connection-state.ts';
import { withWatch } from '../../../functions/refresh/rules/watch.ts';
import { canarySecret } from '../../support/canary.ts';
import { byKind, NAME, type RevocationScenario, startRevocation } from '../support/revocation-endpoint.ts';

const REPEAT = `To do: repeat the command, which is safe: evertoken revoke ${NAME}`;
const GONE = { status: 200, body: { error: 'invalid_token', error_description: 'Invalid token' } };
const DOWN = { status: 503 };
let scenario: RevocationScenario;

beforeEach(async () => {
  scenario = await startRevocation();
});

afterEach(() => scenario[Symbol.asyncDispose]());

describe('the access token, after the refresh token was taken back', () => {
  it('is gone where the provider says at 200 that it is invalid, as Keycloak does', async () => {
    scenario.provider.answerWith(byKind({ access_token: GONE }));
    expect(await scenario.revoke()).toEqual({
      exitCode: 0,
      lines: [
        `Revoked its refresh token, and paused "${NAME}".`,
        'Its access token is unknown to the provider by now.',
      ],
      stderr: '',
    });
    expect(await scenario.stand()).toEqual({ paused: true, isMarked: true });
  });

  it.each([
    [
      { status: 400, body: { error: 'unsupported_token_type' } },
      ['The provider takes back no access tokens: the last one lives until <instant> at most.'],
    ],
    [
      { status: 200, body: { error: 'not_allowed' } },
      [
        'Its access token was not taken back, and lives until <instant> at most: The revocation endpoint answered HTTP 200, not_allowed.',
        REPEAT,
      ],
    ],
    [
      { status: 403, body: { error: 'invalid_token' } },
      [
        'Its access token was not taken back, and lives until <instant> at most: The revocation endpoint answered HTTP 403, invalid_token.',
        REPEAT,
      ],
    ],
    [
      DOWN,
      [
        'Its access token may still live, until <instant> at most: The revocation endpoint answered HTTP 503.',
        REPEAT,
      ],
    ],
  ])('quirk 66: may live on after %j: it says until when, and pauses all the same', async (answer, lines) => {
    scenario.provider.answerWith(byKind({ access_token: answer }));
    const revoked = `Revoked its refresh token, and paused "${NAME}".`;
    const exitCode = lines.includes(REPEAT) ? 1 : 0;
    expect(await scenario.revoke()).toEqual({ exitCode, lines: [revoked, ...lines], stderr: '' });
    expect(await scenario.stand()).toEqual({ paused: true, isMarked: true });
  });

  it('is no matter any more once it has expired', async () => {
    scenario.deployment.clock.advance(2 * 3_600_000);
    scenario.provider.answerWith(
      byKind({ access_token: { status: 400, body: { error: 'unsupported_token_type' } } }),
    );
    const { exitCode, lines } = await scenario.revoke();
    expect([exitCode, lines[1]]).toEqual([0, 'Its access token has expired.']);
  });
});

describe('a refresh token of which nobody knows whether it was taken back', () => {
  it.each([
    [DOWN, 'The revocation endpoint answered HTTP 503.'],
    ['reset' as const, /^The request to 127\.0\.0\.1:\d+ lost its connection after it was sent\.$/],
  ])('pauses after %j, says so, and is sent again when repeated', async (answer, reason) => {
    scenario.provider.answerWith(byKind({ refresh_token: answer }));
    const { exitCode, lines } = await scenario.revoke();
    const unsure = 'Its refresh token may still live: ';
    expect([exitCode, lines[0], lines[2]]).toEqual([
      1,
      `Revoked its access token, and paused "${NAME}".`,
      REPEAT,
    ]);
    expect(lines[1]).toContain(unsure);
    expect(lines[1]?.slice(unsure.length)).toMatch(reason);
    expect(await scenario.stand()).toEqual({ paused: true, isMarked: false });
    scenario.provider.forget();
    scenario.provider.answerWith(() => GONE);
    expect(await scenario.revoke()).toMatchObject({ exitCode: 0 });
    expect(scenario.provider.hints()).toEqual(['refresh_token', 'access_token']);
    expect(await scenario.stand()).toEqual({ paused: true, isMarked: true });
  });

  it('is not taken back where the provider refuses, and the connection pauses', async () => {
    scenario.provider.answerWith(() => ({ status: 400, body: { error: 'invalid_request' } }));
    const { exitCode, lines } = await scenario.revoke();
    expect([exitCode, lines[1], lines.at(-1)]).toEqual([
      1,
      'Its refresh token was not taken back: The revocation endpoint answered HTTP 400, invalid_request.',
      `${REPEAT}. Where the provider keeps refusing, take the grant back in its own settings.`,
    ]);
    expect(await scenario.stand()).toEqual({ paused: true, isMarked: false });
  });
});

describe('a revocation that is repeated', () => {
  it('after a success has nothing left to do, says so, and stays paused', async () => {
    await scenario.revoke();
    scenario.provider.forget();
    expect(await scenario.revoke()).toEqual({
      exitCode: 0,
      lines: [
        `Nothing is left to take back of "${NAME}": its refresh token was revoked before, and its access token is not valid any more. It stays paused.`,
      ],
      stderr: '',
    });
    expect(scenario.provider.hints()).toEqual(['access_token']);
    expect(await scenario.stand()).toEqual({ paused: true, isMarked: true });
  });

  it('takes back what is left', async () => {
    scenario.provider.answerWith(byKind({ access_token: DOWN }));
    expect(await scenario.revoke()).toMatchObject({ exitCode: 1 });
    expect(await scenario.revoke()).toMatchObject({
      exitCode: 1,
      lines: [`"${NAME}" stays paused.`, 'Its refresh token was revoked before.', expect.anything(), REPEAT],
    });
    scenario.provider.answerWith(() => GONE);
    expect(await scenario.revoke()).toMatchObject({ exitCode: 0 });
    expect(await scenario.stand()).toEqual({ paused: true, isMarked: true });
  });
});

describe('one request for both tokens, borne by the access token', () => {
  beforeEach(async () => {
    const { tokenUrl, url: revocationUrl } = scenario.provider;
    await scenario.declare({ provider: 'kajabi', tokenUrl, revocationUrl });
  });

  it('takes both back', async () => {
    expect(await scenario.revoke()).toMatchObject({
      exitCode: 0,
      lines: [`Revoked its refresh token and its access token, and paused "${NAME}".`],
    });
    expect(scenario.provider.requests).toHaveLength(1);
  });

  it('says of neither that it is dead when the answer was lost', async () => {
    scenario.provider.answerWith(() => 'reset');
    const { exitCode, lines } = await scenario.revoke();
    expect([exitCode, lines[0], lines.at(-1)]).toEqual([1, `Paused "${NAME}".`, REPEAT]);
    expect(lines[1]).toMatch(/^Its refresh token may still live: /);
    expect(lines[2]).toMatch(/^Its access token may still live, until <instant> at most: /);
    expect(scenario.provider.requests).toHaveLength(1);
    expect(await scenario.stand()).toEqual({ paused: true, isMarked: false });
  });

  it('leaves a second for the access token when the provider does not know the refresh token', async () => {
    const answers = [{ status: 400, body: { errors: [{ title: 'Invalid token' }] } }, { status: 200 }];
    scenario.provider.answerWith(() => answers.shift() ?? { status: 500 });
    expect(await scenario.revoke()).toMatchObject({
      exitCode: 0,
      lines: [
        `Revoked its access token, and paused "${NAME}".`,
        'Its refresh token is unknown to the provider by now.',
      ],
    });
    expect(await scenario.stand()).toEqual({ paused: true, isMarked: true });
  });
});

describe('what was not sent', () => {
  /** A state that resuming would change: the connection waits for a person. */
  async function waiting() {
    const { state } = scenario.deployment.system.functions.composition.ports;
    const now = scenario.deployment.clock.now();
    const lease = { owner: 'refresh', now, endsAt: now + 60_000, attempt: crypto.randomUUID(), force: true };
    await state.lease(NAME, lease);
    const change = {
      attempt: null,
      attemptAt: null,
      dueAt: now + 60_000,
      lastOutcome: 'needs-reauthorization',
      refusedRefreshTokenVersionId: 'a-version',
      refusedUnder: 'circumstances',
      refusedAt: now,
      refusals: 2,
    } as const;
    await state.commit(NAME, 'refresh', withWatch((await state.get(NAME)) as ConnectionState, change));
    return scenario.deployment.state(NAME);
  }

  it.each([
    ['the client is refused', { status: 401, body: { error: 'invalid_client' } }],
    ['the client is refused at 400', { status: 400, body: { error: 'unauthorized_client' } }],
  ])('changes nothing: %s', async (_, answer) => {
    const before = await waiting();
    scenario.provider.answerWith(() => answer);
    const { exitCode, stderr } = await scenario.revoke();
    expect([exitCode, scenario.provider.hints()]).toEqual([1, ['refresh_token']]);
    expect(stderr).toMatch(/^error: The revocation endpoint answered HTTP 40.*; nothing was revoked\.\n$/);
    expect(await scenario.deployment.state(NAME)).toEqual(before);
  });

  it.each(['http://127.0.0.1:9/revoke', 'http://192.168.0.1/revoke'])(
    'changes nothing: nobody listens, or nothing may be sent there (%s)',
    async (revocationUrl) => {
      await scenario.declare({ tokenUrl: scenario.provider.tokenUrl, revocationUrl });
      const before = await waiting();
      const { exitCode, stderr } = await scenario.revoke({
        env: { EVERTOKEN_ALLOWED_TOKEN_ORIGINS: 'http://127.0.0.1:9' },
      });
      expect(exitCode).toBe(1);
      expect(stderr).toMatch(/; nothing was revoked\.\n$/);
      expect(await scenario.deployment.state(NAME)).toEqual(before);
    },
  );

  it('changes nothing: the credentials may not be sent to the revocation endpoint', async () => {
    await scenario.deployment.write(`evertoken/credentials/${NAME}`, {
      client_id: 'demo-rotating-client',
      client_secret: canarySecret('bound'),
      allowed_token_origins: ['https://idp.example.com'],
    });
    const before = await waiting();
    const { exitCode, stderr } = await scenario.revoke();
    expect([exitCode, scenario.provider.requests]).toEqual([1, []]);
    expect(stderr).toContain('only to https://idp.example.com');
    expect(stderr).toContain(`sends them to ${scenario.provider.origin}; nothing was sent`);
    expect(await scenario.deployment.state(NAME)).toEqual(before);
  });

  it('changes nothing: there are no credentials', async () => {
    await scenario.declare({
      tokenUrl: scenario.provider.tokenUrl,
      revocationUrl: scenario.provider.url,
      credentials: 'none',
    });
    const before = await waiting();
    const { exitCode, stderr } = await scenario.revoke();
    expect([exitCode, scenario.provider.requests]).toEqual([1, []]);
    expect(stderr).toMatch(/"client_id" is missing.*; nothing was revoked\.\n$/);
    expect(await scenario.deployment.state(NAME)).toEqual(before);
  });
});

it('addresses a client assertion to the token endpoint that the issuer names', async () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  await scenario.deployment.write(`evertoken/credentials/${NAME}`, {
    client_id: 'me',
    private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
  });
  await scenario.declare({ issuer: scenario.provider.origin, clientAuthentication: 'private_key_jwt' });
  expect(await scenario.revoke()).toMatchObject({ exitCode: 0 });
  expect(scenario.provider.requests.map((form) => decodeJwt(form.get('client_assertion') ?? '').aud)).toEqual(
    [scenario.provider.tokenUrl, scenario.provider.tokenUrl],
  );
});
