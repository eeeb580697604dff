import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createTokenEndpoint } from '../../../../functions/oauth/transport/token-endpoint.ts';
import { tokenErrorOf } from '../../../support/token-input.ts';

const HOUR_MS = 3_600_000;

let server: Server | undefined;
let asked: string[] = [];
let now = Date.UTC(2026, 0, 1);

afterEach(() => {
  server?.close();
  server?.closeAllConnections();
  asked = [];
});

async function start(handler: RequestListener): Promise<string> {
  server = createServer((request, response) => {
    asked.push(request.url ?? '');
    handler(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Answers each path with its document, any other with 404. */
function documents(byPath: (origin: string) => Readonly<Record<string, unknown>>): RequestListener {
  return (request, response) => {
    const document = byPath(`http://${request.headers.host}`)[request.url ?? ''];
    if (document === undefined) response.writeHead(404).end('Not found');
    else response.end(JSON.stringify(document));
  };
}

const metadata = (issuer: string) => ({ issuer, token_endpoint: `${new URL(issuer).origin}/oauth2/token` });

const endpointFor = (origin: string, limits = {}) =>
  createTokenEndpoint({ now: () => now, uuid: () => 'u', allowedOrigins: [origin], limits });

it('another issuer is named without what a terminal would act upon', async () => {
  const origin = await start(
    documents(() => ({
      '/.well-known/oauth-authorization-server': metadata('https://a.example/\u009b31m\u202e\u001b[2J'),
    })),
  );
  const error = await tokenErrorOf(() => endpointFor(origin).discover(origin));
  expect(error.code).toBe('issuer_mismatch');
  expect(error.message).toContain('https://a.example/ 31m');
  expect(error.message).not.toMatch(/[\p{C}]/u);
});

describe('what cannot be discovered', () => {
  it.each([
    ['nothing there', { kind: 'unsure', code: 'metadata_not_found' }, () => undefined],
    [
      'another issuer',
      { kind: 'configuration', code: 'issuer_mismatch' },
      () => metadata('https://evil.example'),
    ],
    ['a slash more', { kind: 'configuration', code: 'issuer_mismatch' }, (o: string) => metadata(`${o}/`)],
    ['no issuer', { kind: 'unsure', code: 'metadata_not_found' }, () => ({ token_endpoint: 'https://a' })],
    [
      'no token endpoint',
      { kind: 'configuration', code: 'missing_token_endpoint' },
      (o: string) => ({ issuer: o }),
    ],
    [
      'a token endpoint without TLS',
      { kind: 'configuration', code: 'insecure_url' },
      (o: string) => ({ issuer: o, token_endpoint: 'http://idp.example.com/token' }),
    ],
    ['an array', { kind: 'unsure', code: 'metadata_not_found' }, (o: string) => [metadata(o)]],
  ])('%s', async (_, expected, document) => {
    const origin = await start(
      documents((o) => ({
        '/.well-known/oauth-authorization-server': document(o),
        '/.well-known/openid-configuration': document(o),
      })),
    );
    expect(await tokenErrorOf(() => endpointFor(origin).discover(origin))).toMatchObject(expected);
  });

  it.each([
    [500, 'never-sent'],
    [503, 'never-sent'],
    [429, 'throttled'],
  ])('%i means later', async (status, kind) => {
    const origin = await start((_, response) => response.writeHead(status, { 'retry-after': '3' }).end());
    const error = await tokenErrorOf(() => endpointFor(origin).discover(origin));
    expect(error).toMatchObject({ kind, code: 'metadata_unavailable', retryAfterMs: 3_000 });
  });

  it.each([
    [
      'a reset',
      'connection_reset',
      (request: { socket: { resetAndDestroy(): void } }) => request.socket.resetAndDestroy(),
    ],
    ['silence', 'headers_timeout', () => {}],
  ])('%s spends nothing', async (_, code, act) => {
    const origin = await start(act);
    const endpoint = endpointFor(origin, code === 'headers_timeout' ? { headersMs: 200 } : {});
    expect(await tokenErrorOf(() => endpoint.discover(origin))).toMatchObject({ kind: 'never-sent', code });
  });

  it('a redirect is not followed', async () => {
    const origin = await start((_, response) => response.writeHead(302, { location: '/elsewhere' }).end());
    expect((await tokenErrorOf(() => endpointFor(origin).discover(origin))).code).toBe('metadata_not_found');
    expect(asked).not.toContain('/elsewhere');
  });

  it('an issuer that may not be asked', async () => {
    const endpoint = createTokenEndpoint({ now: () => now, uuid: () => 'u' });
    for (const issuer of ['http://idp.example.com', 'https://127.0.0.1', 'nonsense']) {
      expect((await tokenErrorOf(() => endpoint.discover(issuer))).kind).toBe('configuration');
    }
  });

  it('a caller that gives up', async () => {
    const controller = new AbortController();
    const origin = await start(() => controller.abort());
    const error = await tokenErrorOf(() =>
      endpointFor(origin).discover(origin, { signal: controller.signal }),
    );
    expect(error).toMatchObject({ kind: 'never-sent', code: 'aborted' });
  });
});

describe('the token endpoint', () => {
  it.each([
    ['', '/.well-known/oauth-authorization-server', 1],
    ['/', '/.well-known/oauth-authorization-server', 1],
    ['/tenant/a', '/.well-known/oauth-authorization-server/tenant/a', 1],
    ['/tenant/a/', '/.well-known/oauth-authorization-server/tenant/a', 1],
    ['', '/.well-known/openid-configuration', 2],
    ['/tenant/a', '/tenant/a/.well-known/openid-configuration', 2],
    ['/tenant/a/', '/tenant/a/.well-known/openid-configuration', 2],
  ])('of the issuer at %j is found at %s', async (path, place, requests) => {
    const origin = await start(documents((o) => ({ [place]: metadata(`${o}${path}`) })));
    expect(await endpointFor(origin).discover(`${origin}${path}`)).toBe(`${origin}/oauth2/token`);
    expect(asked).toHaveLength(requests);
  });

  it('is found behind a site that answers every path with a page', async () => {
    const origin = await start((request, response) => {
      const found = request.url === '/.well-known/openid-configuration';
      response.end(found ? JSON.stringify(metadata(`http://${request.headers.host}`)) : '<!doctype html>');
    });
    expect(await endpointFor(origin).discover(origin)).toBe(`${origin}/oauth2/token`);
  });

  it('may be at another origin', async () => {
    const token_endpoint = 'https://tokens.example.com/token?x=1';
    const origin = await start(
      documents((issuer) => ({ '/.well-known/oauth-authorization-server': { issuer, token_endpoint } })),
    );
    expect(await endpointFor(origin).discover(origin)).toBe(token_endpoint);
  });

  it('is remembered for an hour, to the millisecond', async () => {
    const origin = await start(
      documents((o) => ({ '/.well-known/oauth-authorization-server': metadata(o) })),
    );
    const endpoint = endpointFor(origin);
    const started = now;
    for (const [at, requests] of [
      [started, 1],
      [started + HOUR_MS - 1, 1],
      [started + HOUR_MS, 2],
    ] as const) {
      now = at;
      await endpoint.discover(origin);
      expect(asked).toHaveLength(requests);
    }
  });

  it('is asked for again after a failure', async () => {
    let broken = true;
    const origin = await start((request, response) => {
      if (broken) response.writeHead(503).end();
      else response.end(JSON.stringify(metadata(`http://${request.headers.host}`)));
    });
    const endpoint = endpointFor(origin);
    await tokenErrorOf(() => endpoint.discover(origin));
    broken = false;
    expect(await endpoint.discover(origin)).toBe(`${origin}/oauth2/token`);
  });
});

it('metadata brings the other endpoints too, where they are named as URLs', async () => {
  const origin = await start(
    documents((o) => ({
      '/.well-known/oauth-authorization-server': {
        ...metadata(o),
        authorization_endpoint: `${o}/authorize`,
        device_authorization_endpoint: `${o}/device`,
        revocation_endpoint: 7,
        authorization_response_iss_parameter_supported: true,
      },
    })),
  );
  expect(await endpointFor(origin).metadata(origin)).toEqual({
    issuer: origin,
    token_endpoint: `${origin}/oauth2/token`,
    authorization_endpoint: `${origin}/authorize`,
    device_authorization_endpoint: `${origin}/device`,
    authorization_response_iss_parameter_supported: true,
  });
});
