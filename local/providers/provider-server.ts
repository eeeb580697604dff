import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '../../functions/refresh/ports/outside.ts';
import type { TokenEndpointControls } from './token-endpoint-controls.ts';

/** What every provider server is started with. */
export interface ProviderOptions {
  readonly clock: Clock;
  /** Lifetime of access tokens. */
  readonly lifetimeSeconds: number;
  /** Default 0: any free port. */
  readonly port?: number;
  /** Text that every token of this server contains, so that a leak can be searched for. Default none. */
  readonly mark?: string;
}

/** A running authorization server with an API behind it, on 127.0.0.1. */
export interface ProviderServer {
  /** E.g. `http://127.0.0.1:49152`. */
  readonly origin: string;
  readonly tokenUrl: string;
  /** Takes tokens back; absent where this server does not. */
  readonly revocationUrl?: string;
  /** Answers GET with 200 when the access token in the Authorization header is valid, else with 401. */
  readonly protectedUrl: string;
  readonly tokenEndpoint: TokenEndpointControls;
  /** From now on the client must authenticate with this secret. */
  setClientSecret(secret: string): void;
  /** Makes every refresh token unusable; access tokens live on. */
  killRefreshTokens(): void;
  close(): Promise<void>;
}

export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** An HTTP server on 127.0.0.1. */
export interface LoopbackServer {
  readonly origin: string;
  close(): Promise<void>;
}

/**
 * Starts listening; `handlerFor` gets the origin, which is known only then. A handler that throws is
 * answered with 500 and no body. @throws Error when the port is taken.
 */
export async function listenOnLoopback(
  port: number,
  handlerFor: (origin: string) => RequestHandler,
): Promise<LoopbackServer> {
  let handle: RequestHandler | undefined;
  const server = createServer(async (request, response) => {
    try {
      await handle?.(request, response);
    } catch {
      if (!response.headersSent) response.writeHead(500);
      response.end();
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  handle = handlerFor(origin);
  return {
    origin,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, {
    'Content-Type': 'application/json',
    // RFC 6749 section 5.1 for tokens; nothing else here is worth caching either.
    'Cache-Control': 'no-store',
    ...headers,
  });
  response.end(JSON.stringify(body));
}

/** The token of `Authorization: Bearer …` (RFC 6750 section 2.1); `undefined` when there is none. */
export function bearerToken(request: IncomingMessage): string | undefined {
  return /^Bearer ([\x21-\x7e]+)$/i.exec(request.headers.authorization ?? '')?.[1];
}
