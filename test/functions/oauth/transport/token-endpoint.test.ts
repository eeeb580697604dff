import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { inspect } from 'node:util';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import type { Lookup } from '../../../../functions/oauth/transport/egress-guard.ts';
import type { ExchangeLimits } from '../../../../functions/oauth/transport/exchange-deadline.ts';
import { createTokenEndpoint } from '../../../../functions/oauth/transport/token-endpoint.ts';
import { canarySecret } from '../../../support/canary.ts';
import { testCertificate } from '../../../support/certificate.ts';
import { fakeSecret, tokenErrorOf, tokenInput } from '../../../support/token-input.ts';

const NOW = Date.UTC(2026, 0, 1);
const ANSWER = JSON.stringify({ access_token: canarySecret('access'), token_type: 'Bearer', expires_in: 60 });

const open: { server: Server; sockets: Set<Socket> }[] = [];

afterEach(() => {
  for (const { server, sockets } of open.splice(0)) {
    server.close();
    for (const socket of sockets) socket.destroy();
  }
});

interface Listening {
  readonly port: number;
  readonly url: string;
  /** Connections so far. */
  count(): number;
}

async function listen(
  server: Server,
  scheme: 'http' | 'https' = 'http',
  host = '127.0.0.1',
): Promise<Listening> {
  const sockets = new Set<Socket>();
  let count = 0;
  server.on('connection', (socket: Socket) => {
    count++;
    sockets.add(socket);
    socket.on('error', () => {});
  });
  open.push({ server, sockets });
  server.listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { port, url: `${scheme}://${host}:${port}/token`, count: () => count };
}

const serve = (handler: RequestListener) => listen(createHttpServer(handler));

/** A server that does with the bare connection what it likes, once the request has come in full. */
async function afterRequest(act: (socket: Socket) => void): Promise<Listening> {
  return listen(
    createTcpServer((socket) => {
      let seen = '';
      socket.on('data', (chunk) => {
        const before = seen.includes(canarySecret('refresh'));
        seen += chunk.toString('latin1');
        if (!before && seen.includes(canarySecret('refresh'))) act(socket);
      });
    }),
  );
}

interface Options {
  readonly limits?: Partial<ExchangeLimits>;
  readonly signal?: AbortSignal;
  readonly lookup?: Lookup;
  readonly ca?: string;
  readonly allowed?: boolean;
}

/** Spends a refresh token at `tokenUrl`. */
async function exchange(tokenUrl: string, options: Options = {}) {
  const { limits, lookup, ca, signal, allowed = true } = options;
  const endpoint = createTokenEndpoint({
    now: () => NOW,
    uuid: () => 'uuid-1',
    lookup,
    allowedOrigins: allowed ? [new URL(tokenUrl).origin] : [],
    ...(limits && { limits }),
    ...(ca !== undefined && { ca }),
  });
  const input = tokenInput({
    tokenUrl,
    grantType: 'refresh_token',
    refresh_token: fakeSecret('refresh'),
    request: { clientAuthentication: 'client_secret_post' },
  });
  return endpoint.exchange(input, signal && { signal });
}

/** How the exchange fails; nothing of it may show a secret. */
async function failure(tokenUrl: string, options: Options = {}) {
  const error = await tokenErrorOf(() => exchange(tokenUrl, options));
  expect(inspect(error, { depth: 10, showHidden: true })).not.toContain('CANARY');
  return error;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  return Buffer.concat(await request.toArray()).toString('utf8');
}

describe('before anything was sent', () => {
  it('a refused connection', async () => {
    const server = createTcpServer();
    const { url } = await listen(server);
    server.close();
    await once(server, 'close');
    expect(await failure(url)).toMatchObject({ kind: 'never-sent', code: 'connection_refused' });
  });

  it('a name that does not resolve, or takes too long to', async () => {
    const missing: Lookup = async () => [];
    expect(await failure('https://idp.example.com/', { lookup: missing })).toMatchObject({
      kind: 'never-sent',
      code: 'name_lookup_failed',
    });
    const hanging: Lookup = () => new Promise(() => {});
    expect(
      await failure('https://idp.example.com/', { lookup: hanging, limits: { connectMs: 20 } }),
    ).toMatchObject({ kind: 'never-sent', code: 'connect_timeout' });
  });

  it('a server that accepts and never finishes TLS', async () => {
    let bytes = '';
    const { port, count } = await listen(
      createTcpServer((socket) => {
        socket.on('data', (chunk) => {
          bytes += chunk.toString('latin1');
        });
      }),
    );
    const error = await failure(`https://127.0.0.1:${port}/token`, { limits: { connectMs: 200 } });
    expect(error).toMatchObject({ kind: 'never-sent', code: 'connect_timeout' });
    expect(count()).toBe(1);
    expect(bytes).not.toContain('POST');
  });

  it('a server that speaks no TLS', async () => {
    const { port } = await serve((_, response) => response.end(ANSWER));
    expect(await failure(`https://127.0.0.1:${port}/token`)).toMatchObject({
      kind: 'never-sent',
      code: 'tls_failed',
    });
  });

  it('a destination that is not allowed, to which no connection is made', async () => {
    const { port, url, count } = await serve((_, response) => response.end(ANSWER));
    const lookup: Lookup = async () => [{ address: '127.0.0.1', family: 4 }];
    for (const [refused, code] of [
      [url, 'insecure_url'],
      [`https://127.0.0.1:${port}/token`, 'forbidden_address'],
      [`https://idp.example.com:${port}/token`, 'forbidden_address'],
    ] as const) {
      expect(await failure(refused, { allowed: false, lookup })).toMatchObject({
        kind: 'configuration',
        code,
      });
    }
    expect(count()).toBe(0);
  });

  it('a caller that has given up already, or does so while the name is looked up', async () => {
    const { url, count } = await serve((_, response) => response.end(ANSWER));
    const given = { kind: 'never-sent', code: 'aborted' };
    expect(await failure(url, { signal: AbortSignal.abort() })).toMatchObject(given);
    const controller = new AbortController();
    const lookup: Lookup = () => {
      controller.abort();
      return new Promise(() => {});
    };
    expect(await failure('https://idp.example.com/', { lookup, signal: controller.signal })).toMatchObject(
      given,
    );
    expect(count()).toBe(0);
  });

  it('a request that cannot be built', async () => {
    const endpoint = createTokenEndpoint({ now: () => NOW, uuid: () => 'u' });
    const error = await tokenErrorOf(() => endpoint.exchange(tokenInput({ credentials: {} })));
    expect(error).toMatchObject({ kind: 'configuration', code: 'missing_client_id' });
  });
});

describe('TLS', () => {
  const lookup: Lookup = async () => [{ address: '127.0.0.1', family: 4 }];

  async function serveTls(certificate: { cert: string; key: string }) {
    const names: (string | undefined)[] = [];
    const requests: string[] = [];
    const offered: (readonly string[])[] = [];
    const server = createHttpsServer(
      {
        ...certificate,
        ALPNCallback: ({ servername, protocols }) => {
          names.push(servername);
          offered.push(protocols);
          return 'http/1.1';
        },
      },
      (request, response) => {
        requests.push(request.headers.host ?? '');
        response.end(ANSWER);
      },
    );
    return { ...(await listen(server, 'https')), names, offered, requests };
  }

  it('is that of the host, though the connection goes to an examined address; HTTP/1.1 only', async () => {
    const certificate = testCertificate('idp.example.com');
    const server = await serveTls(certificate);
    const { token } = await exchange(`https://idp.example.com:${server.port}/token`, {
      lookup,
      ca: certificate.cert,
    });
    expect(token.access_token?.reveal()).toBe(canarySecret('access'));
    expect(server).toMatchObject({
      names: ['idp.example.com'],
      offered: [['http/1.1']],
      requests: [`idp.example.com:${server.port}`],
    });
  });

  it('with a certificate that nobody vouches for, of another host, or ended, nothing is sent', async () => {
    const unknown = testCertificate('idp.example.com');
    const other = testCertificate('other.example.com');
    const ended = testCertificate('idp.example.com', -1);
    for (const [certificate, ca] of [
      [unknown, other.cert],
      [other, other.cert],
      [ended, ended.cert],
    ] as const) {
      const server = await serveTls(certificate);
      const error = await failure(`https://idp.example.com:${server.port}/token`, { lookup, ca });
      expect(error).toMatchObject({ kind: 'never-sent', code: 'tls_failed' });
      expect(server.requests).toEqual([]);
    }
  });
});

describe('the address', () => {
  it('is the one that was examined, though the name leads elsewhere a moment later', async () => {
    const good = await serve((_, response) => response.end(ANSWER));
    let lookups = 0;
    const rebinding: Lookup = async () => [
      { address: ++lookups === 1 ? '127.0.0.1' : '127.0.0.2', family: 4 },
    ];
    await exchange(`http://idp.internal:${good.port}/token`, { lookup: rebinding });
    expect(lookups).toBe(1);
    expect(good.count()).toBe(1);
  });

  it('is another one of the host when the first does not answer', async () => {
    const { port } = await serve((_, response) => response.end(ANSWER));
    const lookup: Lookup = async () => [
      { address: '::1', family: 6 },
      { address: '127.0.0.1', family: 4 },
    ];
    expect((await exchange(`http://idp.internal:${port}/token`, { lookup })).requestedAt).toBe(NOW);
  });
});

describe('after it was sent, an exchange may have spent the refresh token', () => {
  it.each([
    ['no answer at all', { headersMs: 60 }, 'headers_timeout', () => {}],
    ['an answer that takes too long in all', { totalMs: 120 }, 'exchange_timeout', () => {}],
    [
      'a header that drips',
      { headersMs: 60 },
      'headers_timeout',
      (socket: Socket) => drip(socket, 'HTTP/1.1 200 OK\r\nx-long: '),
    ],
    [
      'a body that drips',
      { bodyMs: 60 },
      'body_timeout',
      (socket: Socket) => drip(socket, 'HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n'),
    ],
    ['a reset', {}, 'connection_reset', (socket: Socket) => socket.resetAndDestroy()],
    ['an end', {}, 'connection_reset', (socket: Socket) => socket.end()],
    [
      'an answer cut off',
      {},
      'truncated_answer',
      (socket: Socket) =>
        socket.end('HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 99\r\n\r\n{"acc'),
    ],
    [
      'chunks cut off',
      {},
      'connection_failed',
      (socket: Socket) =>
        socket.end(
          'HTTP/1.1 200 OK\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{"acc\r\n',
        ),
    ],
    [
      'something else than HTTP',
      {},
      'connection_failed',
      (socket: Socket) => socket.end('220 mail ready\r\n'),
    ],
    [
      'a header without end',
      {},
      'connection_failed',
      (socket: Socket) => socket.write(`HTTP/1.1 200 OK\r\nx-long: ${'x'.repeat(100_000)}`),
    ],
  ] as const)('%s', async (_, limits, code, act) => {
    const { url, count } = await afterRequest(act);
    expect(await failure(url, { limits })).toMatchObject({ kind: 'unanswered', code });
    expect(count()).toBe(1);
  });

  it('a reset before the server has read anything', async () => {
    const { url, count } = await listen(
      createTcpServer({ pauseOnConnect: true }, (socket) => setTimeout(() => socket.resetAndDestroy(), 50)),
    );
    expect(await failure(url)).toMatchObject({ kind: 'unanswered', code: 'connection_reset' });
    expect(count()).toBe(1);
  });

  it('a caller that gives up', async () => {
    const controller = new AbortController();
    const { url } = await afterRequest(() => controller.abort());
    expect(await failure(url, { signal: controller.signal })).toMatchObject({
      kind: 'unanswered',
      code: 'aborted',
    });
  });

  it('closes the connection when it is over', async () => {
    let closed: Promise<unknown> | undefined;
    const { url } = await afterRequest((socket) => {
      closed = once(socket, 'close');
    });
    await failure(url, { limits: { headersMs: 30 } });
    await closed;
  });
});

function drip(socket: Socket, start: string): void {
  socket.write(start);
  const timer = setInterval(() => socket.write('x'), 2);
  socket.on('close', () => clearInterval(timer));
}

describe('what a provider repeats of the request', () => {
  it('is covered: the refresh token, the client secret', async () => {
    const { url } = await serve(async (request, response) => {
      const sent = new URLSearchParams(await bodyOf(request));
      const quoted = ['refresh_token', 'client_secret'].map((name) => `${name} ${sent.get(name)} is wrong`);
      response.writeHead(400, { 'Content-Type': 'application/json' });
      response.end(JSON.stringify({ error: 'invalid_grant', error_description: quoted.join(', ') }));
    });
    const { message } = await failure(url);
    expect(message).toContain('refresh_token [redacted] is wrong, client_secret [redacted] is wrong');
  });
});

describe('size', () => {
  const padded = (bytes: number) => ANSWER.padEnd(bytes);
  const MiB = 1_048_576;

  it('of one mebibyte is read', async () => {
    const { url } = await serve((_, response) => response.end(padded(MiB)));
    expect((await exchange(url)).token.expiresInSeconds).toBe(60);
  });

  it('of a byte more is not, announced or in chunks', async () => {
    const announced = await serve((_, response) => {
      response.setHeader('content-length', MiB + 1);
      response.end(padded(MiB + 1));
    });
    const chunked = await serve((_, response) => {
      response.write(padded(MiB));
      response.end(' ');
    });
    for (const { url } of [announced, chunked]) {
      expect(await failure(url)).toMatchObject({ kind: 'unanswered', code: 'answer_too_large', status: 200 });
    }
  });

  it.each([
    ['gzip', gzipSync],
    ['x-gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
  ] as const)(
    '%s is asked for by nobody, understood, and cannot hide a larger one',
    async (coding, compress) => {
      const asked: (string | undefined)[] = [];
      let content = ANSWER;
      const { url } = await serve((request, response) => {
        asked.push(String(request.headers['accept-encoding']));
        response.setHeader('content-encoding', coding);
        response.end(compress(content));
      });
      expect((await exchange(url)).token.expiresInSeconds).toBe(60);
      content = padded(2 * MiB);
      expect(await failure(url)).toMatchObject({ kind: 'unanswered', code: 'unreadable_answer' });
      expect(asked).toEqual(['identity', 'identity']);
    },
  );

  it.each([
    ['gzip', gzipSync(ANSWER).subarray(0, 20)],
    ['zstd', zstdCompressSync(ANSWER).subarray(0, 20)],
  ])('a body that is no readable %s is no answer', async (coding, body) => {
    const { url } = await serve((_, response) => {
      response.setHeader('content-encoding', coding);
      response.end(body);
    });
    expect(await failure(url)).toMatchObject({ kind: 'unanswered', code: 'unreadable_answer', status: 200 });
  });

  it.each([
    ['zstd', 'no zstd', Buffer.from(ANSWER)],
    ['gzip', 'no gzip', Buffer.from(ANSWER)],
    ['UTF-8', 'text', Buffer.from(ANSWER)],
    ['gzip, gzip', 'both', gzipSync(gzipSync(ANSWER))],
    ['deflate, gzip', 'both', gzipSync(deflateSync(ANSWER))],
    ['zstd', 'zstd', zstdCompressSync(ANSWER)],
    ['deflate', 'raw deflate', deflateRawSync(ANSWER)],
    ['gzip', 'gzip without its trailer', gzipSync(ANSWER).subarray(0, -8)],
    ['identity', 'gzip that nobody names', gzipSync(ANSWER)],
  ])('a body that is called %s and is %s is read', async (coding, _, body) => {
    const { url } = await serve((_request, response) => {
      response.setHeader('content-encoding', coding);
      response.end(body);
    });
    expect((await exchange(url)).token.expiresInSeconds).toBe(60);
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

  it.each([301, 302, 303, 307, 308])('that is a redirect, %i, is not followed', async (status) => {
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
