import { once } from 'node:events';
import { createServer as createHttpsServer } from 'node:https';
import {
  createServer as createTcpServer,
  getDefaultAutoSelectFamily,
  setDefaultAutoSelectFamily,
} from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Secret } from '../../../../functions/oauth/secret.ts';
import type { Lookup } from '../../../../functions/oauth/transport/egress-guard.ts';
import {
  EXCHANGE_LIMITS,
  ExchangeDeadline,
} from '../../../../functions/oauth/transport/exchange-deadline.ts';
import { sendOnce } from '../../../../functions/oauth/transport/send-once.ts';
import { createTokenEndpoint } from '../../../../functions/oauth/transport/token-endpoint.ts';
import { canarySecret } from '../../../support/canary.ts';
import { testCertificate } from '../../../support/certificate.ts';
import { tokenErrorOf, tokenInput } from '../../../support/token-input.ts';
import { ANSWER, closeServers, exchange, failure, listen, NOW, serve } from './support/loopback-exchange.ts';

afterEach(closeServers);

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

  /** Sends to a server that never answers; the bytes that came to it are counted. */
  async function sendToMute(deadline: ExchangeDeadline, scheme: 'http' | 'https', connectMs: number) {
    const seen = { bytes: 0 };
    const { port } = await listen(
      createTcpServer((socket) => {
        socket.on('data', (chunk) => {
          seen.bytes += chunk.length;
        });
      }),
    );
    const url = new URL(`${scheme}://127.0.0.1:${port}/token`);
    const request = {
      method: 'POST',
      url: new Secret(url.href),
      headers: {},
      body: new Secret('x=1'),
    } as const;
    const destination = { url, addresses: [{ address: '127.0.0.1', family: 4 }] } as const;
    const limits = { ...EXCHANGE_LIMITS, connectMs };
    const error = await tokenErrorOf(() => sendOnce(request, destination, deadline, limits, undefined));
    deadline.finish();
    return { error, seen };
  }

  it('a connection that stands when it is too late to send', async () => {
    const deadline = new ExchangeDeadline('127.0.0.1', { ...EXCHANGE_LIMITS, connectMs: 1_000 }, undefined);
    vi.spyOn(deadline, 'enter').mockReturnValue(false);
    const { error, seen } = await sendToMute(deadline, 'http', 1_000);
    expect(error).toMatchObject({ kind: 'never-sent', code: 'connection_failed' });
    expect(seen.bytes).toBe(0);
  });

  it('a connection that takes too long, also where the exchange has more time', async () => {
    const deadline = new ExchangeDeadline('127.0.0.1', EXCHANGE_LIMITS, undefined);
    const { error } = await sendToMute(deadline, 'https', 50);
    expect(error).toMatchObject({ kind: 'never-sent', code: 'connect_timeout' });
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

describe('the address, where Node tries one alone', () => {
  const before = getDefaultAutoSelectFamily();
  afterEach(() => setDefaultAutoSelectFamily(before));

  it('is the first that was examined', async () => {
    setDefaultAutoSelectFamily(false);
    const { port } = await serve((_, response) => response.end(ANSWER));
    const lookup: Lookup = async () => [
      { address: '127.0.0.1', family: 4 },
      { address: '::1', family: 6 },
    ];
    expect((await exchange(`http://idp.internal:${port}/token`, { lookup })).requestedAt).toBe(NOW);
  });
});
