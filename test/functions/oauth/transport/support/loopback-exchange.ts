import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { inspect } from 'node:util';
import { expect } from 'vitest';
import type { TokenError } from '../../../../../functions/oauth/token-error.ts';
import type { Exchange } from '../../../../../functions/oauth/token-set.ts';
import type { Lookup } from '../../../../../functions/oauth/transport/egress-guard.ts';
import type { ExchangeLimits } from '../../../../../functions/oauth/transport/exchange-deadline.ts';
import { createTokenEndpoint } from '../../../../../functions/oauth/transport/token-endpoint.ts';
import { canarySecret } from '../../../../support/canary.ts';
import { fakeSecret, tokenErrorOf, tokenInput } from '../../../../support/token-input.ts';

export const NOW = Date.UTC(2026, 0, 1);
export const ANSWER = JSON.stringify({
  access_token: canarySecret('access'),
  token_type: 'Bearer',
  expires_in: 60,
});

const open: { server: Server; sockets: Set<Socket> }[] = [];

/** Ends all servers of a test, and their connections. */
export function closeServers(): void {
  for (const { server, sockets } of open.splice(0)) {
    server.close();
    for (const socket of sockets) socket.destroy();
  }
}

export interface Listening {
  readonly port: number;
  readonly url: string;
  /** Connections so far. */
  count(): number;
}

/** Starts a server on loopback, until `closeServers`. */
export async function listen(
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

/** A server that answers. */
export const serve = (handler: RequestListener) => listen(createHttpServer(handler));

/** A server that does with the bare connection what it likes, once the request has come in full. */
export async function afterRequest(act: (socket: Socket) => void): Promise<Listening> {
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

export interface ExchangeOptions {
  readonly limits?: Partial<ExchangeLimits>;
  readonly signal?: AbortSignal;
  readonly lookup?: Lookup;
  readonly ca?: string;
  readonly allowed?: boolean;
}

/** Spends a refresh token at `tokenUrl`. */
export async function exchange(tokenUrl: string, options: ExchangeOptions = {}): Promise<Exchange> {
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
export async function failure(tokenUrl: string, options: ExchangeOptions = {}): Promise<TokenError> {
  const error = await tokenErrorOf(() => exchange(tokenUrl, options));
  expect(inspect(error, { depth: 10, showHidden: true })).not.toContain('CANARY');
  return error;
}

/** All that a request brought. */
export async function bodyOf(request: IncomingMessage): Promise<string> {
  return Buffer.concat(await request.toArray()).toString('utf8');
}
