import { generateKeyPairSync } from 'node:crypto';
import { getEventListeners } from 'node:events';
import { decodeJwt } from 'jose';
import { afterEach, describe, expect, it } from 'vitest';
import { errorRulesSchema, requestRulesSchema } from '../../../../functions/oauth/endpoint-rules.ts';
import { Secret } from '../../../../functions/oauth/secret.ts';
import { createTokenEndpoint } from '../../../../functions/oauth/transport/token-endpoint.ts';
import { canarySecret } from '../../../support/canary.ts';
import { fakeSecret, tokenErrorOf, tokenInput } from '../../../support/token-input.ts';
import {
  ANSWER,
  afterRequest,
  bodyOf,
  closeServers,
  exchange,
  failure,
  NOW,
  serve,
} from './support/loopback-exchange.ts';

afterEach(closeServers);

describe('what a provider repeats of the request', () => {
  it('is covered: the refresh token, the client secret', async () => {
    const { url } = await serve(async (request, response) => {
      const sent = new URLSearchParams(await bodyOf(request));
      const quoted = ['refresh_token', 'client_secret'].map((name) => `${sent.get(name)} is wrong`);
      response.writeHead(400, { 'Content-Type': 'application/json' });
      response.end(JSON.stringify({ error: 'invalid_grant', error_description: quoted.join(', ') }));
    });
    const { message } = await failure(url);
    expect(message).toContain(': [redacted] is wrong, [redacted] is wrong');
  });
});

describe('an answer', () => {
  it('is judged, and lifetimes count from the start', async () => {
    const { url } = await serve((_, response) => response.end(ANSWER));
    const { token, requestedAt } = await exchange(url);
    expect(requestedAt).toBe(NOW);
    expect(token.access_token?.reveal()).toBe(canarySecret('access'));
  });

  it('comes to exactly the request that was built', async () => {
    const seen: unknown[] = [];
    const { url } = await serve(async (request, response) => {
      const { method, httpVersion, headers } = request;
      seen.push({ method, url: request.url, httpVersion, headers, body: await bodyOf(request) });
      response.end(ANSWER);
    });
    await exchange(`${url}/?request=token`);
    const body = `grant_type=refresh_token&refresh_token=${canarySecret('refresh')}&client_id=client-1&client_secret=${canarySecret('client-secret')}`;
    expect(seen).toEqual([
      {
        method: 'POST',
        url: '/token/?request=token',
        httpVersion: '1.1',
        headers: {
          accept: 'application/json',
          'accept-encoding': 'identity',
          connection: 'close',
          'content-length': String(body.length),
          'content-type': 'application/x-www-form-urlencoded',
          host: new URL(url).host,
          'user-agent': expect.stringMatching(/^evertoken\//),
        },
        body,
      },
    ]);
  });

  it('may be announced by early hints', async () => {
    const { url } = await afterRequest((socket) =>
      socket.end(
        `HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: ${ANSWER.length}\r\n\r\n${ANSWER}`,
      ),
    );
    expect((await exchange(url)).token.expiresInSeconds).toBe(60);
  });

  it('may end with the connection', async () => {
    const { url } = await afterRequest((socket) => socket.end(`HTTP/1.0 200 OK\r\n\r\n${ANSWER}`));
    expect((await exchange(url)).token.expiresInSeconds).toBe(60);
  });

  it('that is an error is told with its wait', async () => {
    const { url } = await serve((_, response) => {
      response.writeHead(429, { 'Retry-After': '7' }).end('{"error":"slow"}');
    });
    expect(await failure(url)).toMatchObject({
      kind: 'throttled',
      code: 'slow',
      status: 429,
      retryAfterMs: 7_000,
    });
  });

  it('that repeats the request shows none of it', async () => {
    const { url } = await serve(async (request, response) => {
      const error_description = `cannot accept ${await bodyOf(request)}`;
      response.writeHead(400).end(JSON.stringify({ error: 'invalid_request', error_description }));
    });
    expect((await failure(url)).message).toContain('[redacted]');
  });

  it.each([301, 302, 303, 307, 308])('quirk 16: that is a redirect, %i, is not followed', async (status) => {
    const elsewhere = await serve((_, response) => response.end(ANSWER));
    const { url, count } = await serve((_, response) =>
      response.writeHead(status, { location: elsewhere.url }).end(),
    );
    expect(await failure(url)).toMatchObject({ kind: 'unsure', code: `http_${status}` });
    expect([count(), elsewhere.count()]).toEqual([1, 0]);
  });

  it('comes over a connection of its own, whatever the server would like', async () => {
    const { url, count } = await serve((_, response) => {
      response.setHeader('connection', 'keep-alive');
      response.end(ANSWER);
    });
    const endpoint = createTokenEndpoint({
      now: () => NOW,
      uuid: () => 'u',
      allowedOrigins: [new URL(url).origin],
    });
    for (let turn = 0; turn < 3; turn++) await endpoint.exchange(tokenInput({ tokenUrl: url }));
    expect(count()).toBe(3);
  });
});

/** A client of its own clock and ids, for what is beside an exchange. */
const endpointAt = (url: string) =>
  createTokenEndpoint({ now: () => NOW, uuid: () => 'uuid-1', allowedOrigins: [new URL(url).origin] });

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const signing = {
  client_id: 'client-1',
  private_key: new Secret(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()),
};
const byKey = requestRulesSchema.parse({ clientAuthentication: 'private_key_jwt' });

it('an assertion has the time and the id of its client', async () => {
  const assertions: string[] = [];
  const { url } = await serve(async (request, response) => {
    assertions.push(new URLSearchParams(await bodyOf(request)).get('client_assertion') ?? '');
    response.end(ANSWER);
  });
  const input = tokenInput({ tokenUrl: url, credentials: signing, request: byKey });
  await endpointAt(url).exchange(input);
  await endpointAt(url).revoke({
    style: 'rfc7009',
    tokenType: 'refresh_token',
    url,
    tokenUrl: url,
    token: fakeSecret('token'),
    credentials: signing,
    request: byKey,
    errors: errorRulesSchema.parse({}),
  });
  expect(assertions.map((jwt) => decodeJwt(jwt))).toMatchObject([
    { iat: NOW / 1000, jti: 'uuid-1' },
    { iat: NOW / 1000, jti: 'uuid-1' },
  ]);
});

it('finds the token endpoint of an issuer, and for a client with a certificate the one that is for those', async () => {
  let aliases: object | undefined = { token_endpoint: 'https://mtls.idp.example.com/token' };
  const { url } = await serve((request, response) => {
    const issuer = `http://${request.headers.host}`;
    response.end(
      JSON.stringify({ issuer, token_endpoint: `${issuer}/plain`, mtls_endpoint_aliases: aliases }),
    );
  });
  const { origin } = new URL(url);
  expect(await endpointAt(url).discover(origin)).toBe(`${origin}/plain`);
  expect(await endpointAt(url).discover(origin, { mutualTls: true })).toBe(
    'https://mtls.idp.example.com/token',
  );
  aliases = undefined;
  expect(await endpointAt(url).discover(origin, { mutualTls: true })).toBe(`${origin}/plain`);
});

it('leaves nothing with the signal of a caller once the answer is there, or none came', async () => {
  const { url } = await serve((_, response) => response.end(ANSWER));
  const { signal } = new AbortController();
  await exchange(url, { signal });
  await failure('https://127.0.0.1/', { signal, allowed: false });
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

describe('any one request', () => {
  it('is sent as it is, and its answer handed on unjudged, of each header the first', async () => {
    const { url } = await serve(async (request, response) => {
      response.writeHead(418, { 'set-cookie': ['a=1', 'b=2'], 'x-seen': request.headers['x-note'] ?? '' });
      response.end(`${request.method} ${await bodyOf(request)}`);
    });
    const answer = await endpointAt(url).send({
      method: 'POST',
      url: new Secret(url),
      headers: { 'x-note': fakeSecret('note') },
      body: new Secret('body'),
    });
    expect(answer).toMatchObject({
      status: 418,
      headers: { 'set-cookie': 'a=1', 'x-seen': canarySecret('note') },
    });
    expect(answer.body.reveal()).toBe('POST body');
  });

  it('goes nowhere where an exchange would not go', async () => {
    const request = { method: 'GET', url: new Secret('http://127.0.0.1/'), headers: {} } as const;
    const error = await tokenErrorOf(() => endpointAt('https://idp.example.com').send(request));
    expect(error).toMatchObject({ kind: 'configuration', code: 'insecure_url' });
  });

  it('is given up with its caller', async () => {
    const { url } = await serve(() => {});
    const request = { method: 'GET', url: new Secret(url), headers: {} } as const;
    const signal = AbortSignal.abort();
    const error = await tokenErrorOf(() => endpointAt(url).send(request, { signal }));
    expect(error).toMatchObject({ kind: 'never-sent', code: 'aborted' });
  });
});

describe('a revocation', () => {
  const revoke = (url: string, signal?: AbortSignal) =>
    endpointAt(url).revoke(
      {
        style: 'rfc7009',
        tokenType: 'refresh_token',
        url,
        tokenUrl: url,
        token: fakeSecret('refresh'),
        credentials: { client_id: 'client-1', client_secret: fakeSecret('client-secret') },
        request: requestRulesSchema.parse({}),
        errors: errorRulesSchema.parse({}),
      },
      signal && { signal },
    );

  it('is sent, and is done when the provider says so', async () => {
    const bodies: string[] = [];
    const { url } = await serve(async (request, response) => {
      bodies.push(await bodyOf(request));
      response.end();
    });
    await expect(revoke(url)).resolves.toBeUndefined();
    expect(bodies).toEqual([`token=${canarySecret('refresh')}&token_type_hint=refresh_token`]);
  });

  it('that fails is told with its wait, and shows nothing of what was sent', async () => {
    const { url } = await serve(async (request, response) => {
      response.writeHead(429, { 'retry-after': new Date(NOW + 7_000).toUTCString() });
      response.end(JSON.stringify({ error: 'slow_down', error_description: await bodyOf(request) }));
    });
    const error = await tokenErrorOf(() => revoke(url));
    expect(error).toMatchObject({ kind: 'throttled', code: 'slow_down', retryAfterMs: 7_000 });
    expect(error.message).not.toContain('CANARY');
  });

  it('that names its client is refused as that client', async () => {
    const { url } = await serve((_, response) => response.writeHead(401).end());
    expect(await tokenErrorOf(() => revoke(url))).toMatchObject({ kind: 'client-refused' });
  });

  it('is given up with its caller', async () => {
    const { url } = await serve((_, response) => response.end());
    expect(await tokenErrorOf(() => revoke(url, AbortSignal.abort()))).toMatchObject({ code: 'aborted' });
  });
});
