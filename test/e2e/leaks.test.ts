import { inspect } from 'node:util';
import { ListSecretsCommand } from '@aws-sdk/client-secrets-manager';
import { GetParametersByPathCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AwsError } from '../../local/aws/wire/error-answer.ts';
import { TestAws } from '../support/aws.ts';
import { assertNoCanary, canarySecret } from '../support/canary.ts';
import { ComposedRefresher } from '../support/composed-refresher.ts';
import type { SeenRequest } from '../support/faulty-token-endpoint.ts';
import { LeapingClock } from '../support/leaping-clock.ts';
import type { FaultyExchange } from '../support/token-endpoint-faults.ts';

const MINUTE = 60_000;
const clock = new LeapingClock();
let aws: TestAws;
let refresher: ComposedRefresher;

beforeAll(async () => {
  aws = await TestAws.startDirect(clock);
});
afterAll(() => aws[Symbol.asyncDispose]());
beforeEach(async () => {
  // Each test searches what it called.
  aws.endpoint.calls.reset();
  refresher = await ComposedRefresher.start(aws, clock);
  await refresher.untilDue();
});
afterEach(() => refresher[Symbol.asyncDispose]());

/** All that somebody without `GetSecretValue` could come to see, but for the rescue, which is encrypted. */
async function expectNothingSeen(): Promise<void> {
  const { namespace } = refresher;
  assertNoCanary(await refresher.items(), 'the state table');
  assertNoCanary(refresher.printed, 'the logs and metrics');
  assertNoCanary(JSON.stringify(aws.endpoint.calls.all), 'the names of resources');
  // By name: unasked, the list ends after a hundred, and those of the first tests are on it.
  const { SecretList = [] } = await aws.clients.secretsManager.send(
    new ListSecretsCommand({ Filters: [{ Key: 'name', Values: [`${namespace}/`] }] }),
  );
  expect(SecretList).toHaveLength(3);
  assertNoCanary(JSON.stringify(SecretList), 'the descriptions and tags of secrets');
  const { Parameters = [] } = await aws.clients.ssm.send(
    new GetParametersByPathCommand({ Path: `/${namespace}`, Recursive: true }),
  );
  const open = Parameters.filter(({ Name = '' }) => !Name.startsWith(`/${namespace}/rescue/`));
  expect(open).toHaveLength(1);
  assertNoCanary(JSON.stringify(open), 'the parameters');
  const sealed = Parameters.filter((parameter) => !open.includes(parameter));
  expect(sealed.every(({ Type }) => Type === 'SecureString')).toBe(true);
}

describe('no secret is seen', () => {
  it('where all goes well, by the finest level of logging', async () => {
    expect(await refresher.refresh()).toMatchObject({ outcome: 'refreshed' });
    clock.advance(3 * 60 * MINUTE);
    await refresher.tick();
    await refresher.reconcile();
    expect(refresher.printed).toContain('"token refreshed"');
    expect(refresher.printed).toContain('"TokensRefreshed"');
    await expectNothingSeen();
  });

  const parts: readonly (readonly [string, (request: SeenRequest | undefined) => string])[] = [
    ['the refresh token', (request) => String(request?.refreshToken)],
    ['the body', (request) => String(request?.body)],
    ['the credentials in the header', (request) => String(request?.headers.authorization)],
  ];
  it.each(
    parts.flatMap(([name, part]) =>
      [400, 401, 403, 429, 500, 200].map((status) => [name, status, part] as const),
    ),
  )('where the provider repeats %s with %i', async (_, status, part) => {
    refresher.endpoint.breakWith(({ response }) => {
      const echo = part(refresher.endpoint.requests.at(-1));
      response.writeHead(status, { 'x-echo': 'yes' });
      response.end(JSON.stringify({ error: echo, error_description: `not ${echo}`, [echo]: echo }));
    });
    expect((await refresher.refresh()).outcome).not.toBe('refreshed');
    expect((await refresher.state()).lastErrorMessage).toContain('redacted');
    await refresher.tick();
    await expectNothingSeen();
  });

  it('where the answer holds tokens beside an error, in every field that is shown', async () => {
    refresher.endpoint.breakWith(({ response, answer }) => {
      const tokens = answer();
      const error = String(tokens['refresh_token']);
      response.writeHead(400);
      response.end(
        JSON.stringify({ ...tokens, error, error_description: `${error} ${tokens['access_token']}` }),
      );
    });
    await refresher.refresh();
    await expectNothingSeen();
  });

  it('where an exchange is cut, a refresh token rescued, and its rescue brought home', async () => {
    const denied = { before: new AwsError('AccessDeniedException', 'not authorized') };
    let writes = 0;
    aws.endpoint.inject = (_, operation, resource) => {
      if (operation !== 'PutSecretValue' || !resource?.endsWith('refresh-tokens/crm')) return undefined;
      writes += 1;
      return writes > 1 ? denied : undefined;
    };
    await refresher.refresh();
    expect(await refresher.rescue()).toContain('CANARY');
    await expectNothingSeen();
    aws.endpoint.inject = undefined;
    clock.advance(MINUTE);
    await refresher.refresh();
    refresher.endpoint.break('a reset in place of the answer', { acts: true });
    await refresher.untilDue();
    await refresher.refresh();
    await expectNothingSeen();
  });

  it.each(['GetSecretValue', 'PutSecretValue', 'UpdateItem', 'GetItem', 'PutEvents'])(
    'where %s fails, in the error either',
    async (operation) => {
      for (const error of [
        new AwsError('ValidationException', `1 validation error: Value '${canarySecret('sent')}' at 'x'`),
        new AwsError('SerializationException', `Unexpected token ${canarySecret('sent')}`),
        new AwsError('InternalServiceError', 'oops', 500),
      ]) {
        aws.endpoint.inject = (_, called) => (called === operation ? { before: error } : undefined);
        try {
          await refresher.refresh({ force: true });
          await refresher.tick();
        } catch (thrown) {
          assertNoCanary(inspect(thrown, { depth: 10, showHidden: true }), 'the error of a function');
        }
        clock.advance(2 * MINUTE);
      }
      aws.endpoint.inject = undefined;
      await expectNothingSeen();
    },
  );

  it.each([
    ['the credentials', 'credentials/client'],
    ['the refresh token', 'refresh-tokens/crm'],
  ])('where %s are stored in a form that cannot be read', async (_, name) => {
    const secret = canarySecret('misplaced');
    for (const value of [
      secret,
      `{"refresh_token": ${secret}`,
      [secret],
      { refresh_token: [secret] },
      { schema: secret },
    ]) {
      await aws.putSecret(`${refresher.namespace}/${name}`, value);
      refresher.restart();
      await refresher.refresh({ force: true });
      clock.advance(2 * MINUTE);
    }
    await expectNothingSeen();
  });

  it('where somebody wrote one into the declaration, the log does not repeat it', async () => {
    const secret = canarySecret('misplaced');
    const declaration = {
      tokenUrl: refresher.endpoint.url,
      credentials: 'client',
      grants: ['refresh_token'],
    };
    const misplaced = [
      { ...declaration, client_secret: secret },
      { ...declaration, parameters: { client_secret: secret } },
      { ...declaration, parameters: { audience: { a: secret } } },
      { ...declaration, tokenUrl: `https://user:${secret}@idp.example.com/token` },
      { ...declaration, tokenUrl: `https://idp.example.com/token?client_secret=${secret}` },
      { ...declaration, credentials: { client_id: 'a', client_secret: secret } },
    ];
    const Name = `/${refresher.namespace}/connections/crm`;
    for (const value of misplaced) {
      const Value = JSON.stringify(value);
      await aws.clients.ssm.send(new PutParameterCommand({ Name, Value, Overwrite: true }));
      await refresher.reconcile();
    }
    expect(refresher.printed.match(/a declared connection cannot be read/g)).toHaveLength(misplaced.length);
    assertNoCanary(refresher.printed, 'the log');
  });
});

describe('a hostile provider', () => {
  const NASTY = '\u001b[2J\u001b]0;owned\u0007\u0000\r\nX-Evil: 1\u202e\u2028\u009b31m';
  const HTML = '<script>alert(1)</script><img src=x onerror=alert(2)';
  const MEGABYTE = 1_000_000;

  const words: readonly (readonly [string, unknown])[] = [
    ['control characters', { error: NASTY, error_description: `${NASTY}words${NASTY}` }],
    ['control characters behind a good code', { error: 'invalid_request', error_description: NASTY }],
    ['HTML', { error: HTML, error_description: HTML }],
    ['a megabyte of words', { error: 'e', error_description: 'word '.repeat(MEGABYTE / 5) }],
    [
      'a megabyte of tags',
      { error: '<a'.repeat(MEGABYTE / 4), error_description: '<a'.repeat(MEGABYTE / 4) },
    ],
    ['a megabyte of code', { error: 'x'.repeat(MEGABYTE) }],
    ['a megabyte of control characters', { error: 'e', error_description: '\u0007'.repeat(MEGABYTE / 6) }],
    ['a megabyte of lists', { errors: Array(100_000).fill({ a: 1 }) }],
    ['prototypes', JSON.parse('{"__proto__":{"error":"x"},"constructor":"y","error":{"__proto__":"z"}}')],
    [
      'line feeds, as if they were log lines',
      { error: 'e', error_description: '\n{"level":"ERROR","message":"forged"}' },
    ],
  ];

  it.each(words.flatMap(([name, body]) => [200, 400, 500].map((status) => [name, status, body] as const)))(
    'that answers with %s and %i is repeated in short and in plain text',
    async (_, status, body) => {
      refresher.endpoint.breakWith(({ response }: FaultyExchange) => {
        response.writeHead(status, { 'content-type': 'text/html' }).end(JSON.stringify(body));
      });
      const { error, outcome } = await refresher.refresh();
      expect(outcome).not.toBe('refreshed');
      const { lastErrorCode = '', lastErrorMessage = '' } = await refresher.state();
      for (const text of [error?.code ?? '', error?.message ?? '', lastErrorCode, lastErrorMessage]) {
        expect(text).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
        expect(text).not.toMatch(/<[a-z!/]/i);
        expect([...text].length).toBeLessThan(300);
      }
      expect(lastErrorCode).toMatch(/^[\w.:/-]{1,64}$/);
      // One JSON document a line, whatever was said.
      const lines = refresher.printed.split('\n').filter((line) => line !== '');
      for (const line of lines) {
        expect(JSON.parse(line)).toBeTypeOf('object');
        expect(line.length).toBeLessThan(5_000);
        expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      }
      expect(lines.some((line) => line.includes('"forged"'))).toBe(false);
    },
  );

  it.each([
    ['an access token with a line break', { access_token: 'a\r\nSet-Cookie: x' }],
    ['an access token with a control character', { access_token: 'a\u0000b' }],
    ['an access token that is an object', { access_token: { toString: 'x' } }],
  ])('that sends %s is not believed', async (_, change) => {
    const { access_token } = await refresher.published();
    refresher.endpoint.breakWith(({ response, answer }) =>
      response.end(JSON.stringify({ ...answer(), ...change })),
    );
    expect(await refresher.refresh()).toMatchObject({
      outcome: 'retry-later',
      error: { code: 'missing_access_token' },
    });
    expect((await refresher.published())['access_token']).toBe(access_token);
  });

  it('that sends other fields than tokens changes none of ours', async () => {
    refresher.endpoint.breakWith(({ response, answer }) => {
      const hostile = {
        ...answer(),
        token_type: 'Bearer\r\nX-Evil: 1',
        scope: 'read \u001b[31mred',
        expires_at: 1,
        obtained_at: 1,
        schema: 99,
        client_secret: 'x',
        attempt: 'x',
      };
      response.end(JSON.stringify(hostile));
    });
    expect(await refresher.refresh()).toMatchObject({ outcome: 'refreshed' });
    expect(await refresher.published()).toEqual({
      schema: 1,
      access_token: expect.any(String),
      token_type: 'Bearer',
      scope: 'read',
      expires_at: Math.floor(clock.now() / 1000) + 3600,
      obtained_at: Math.floor(clock.now() / 1000),
    });
  });
});
