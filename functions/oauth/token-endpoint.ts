import type { LookupFunction } from 'node:net';
import Client from 'undici/lib/dispatcher/client.js';
import { decodeContent } from './content-coding.ts';
import { createEgressGuard, type Destination, type EgressGuardOptions } from './egress-guard.ts';
import type { Exchange, TokenRequestInput } from './exchange.ts';
import { EXCHANGE_LIMITS, type ExchangeLimits, ExchangeProgress } from './exchange-progress.ts';
import type { HttpAnswer, SingleRequest } from './http-message.ts';
import { createDiscovery } from './issuer-discovery.ts';
import type { IssuerMetadata } from './issuer-metadata.ts';
import { buildRevocationRequest, judgeRevocation, type RevocationInput } from './revocation-request.ts';
import { Secret } from './secret.ts';
import { buildTokenRequest } from './token-request.ts';
import { judgeTokenResponse } from './token-response.ts';
import { transportFailure } from './transport-failure.ts';

export interface TokenEndpointOptions extends EgressGuardOptions {
  /** Epoch milliseconds. */
  now(): number;
  uuid(): string;
  /** Default: `EXCHANGE_LIMITS`. */
  readonly limits?: Partial<ExchangeLimits>;
  /** Certificate authorities in PEM, in place of Node's own. */
  readonly ca?: string;
}

export interface TokenEndpointClient {
  /**
   * Sends one token request, once, and judges the answer.
   * @throws TokenError
   */
  exchange(input: TokenRequestInput, options?: { readonly signal?: AbortSignal }): Promise<Exchange>;
  /**
   * The token endpoint that an issuer's metadata names (RFC 8414, OpenID Connect Discovery), kept for an hour.
   * @throws TokenError, never of kind `no-answer`: nothing is spent by asking
   */
  discover(issuer: string, options?: { readonly signal?: AbortSignal }): Promise<string>;
  /** All that is used of an issuer's metadata, kept for an hour. @throws TokenError as `discover` does */
  metadata(issuer: string, options?: { readonly signal?: AbortSignal }): Promise<IssuerMetadata>;
  /**
   * Sends any one request as an exchange is sent: once, guarded, bounded, without following a redirect. The
   * caller judges the answer. @throws TokenError
   */
  send(request: SingleRequest, options?: { readonly signal?: AbortSignal }): Promise<HttpAnswer>;
  /** Takes back one token (RFC 7009). May be repeated. @throws TokenError */
  revoke(input: RevocationInput, options?: { readonly signal?: AbortSignal }): Promise<void>;
}

/** @throws TypeError when an allowed origin is none */
export function createTokenEndpoint(options: TokenEndpointOptions): TokenEndpointClient {
  const { now, uuid } = options;
  const guard = createEgressGuard(options);
  const limits = { ...EXCHANGE_LIMITS, ...options.limits };

  async function send(request: SingleRequest, signal: AbortSignal | undefined): Promise<HttpAnswer> {
    const progress = new ExchangeProgress(guard.check(request.url.reveal()).host, limits, signal);
    try {
      const destination = await progress.race(guard.vet(request.url.reveal()));
      return await sendOnce(request, destination, progress, limits, options.ca);
    } finally {
      progress.finish();
    }
  }

  const metadata = createDiscovery({ now, check: guard.check, send });
  return {
    async exchange(input, { signal } = {}) {
      const requestedAt = now();
      const request = await buildTokenRequest(input, { now, uuid });
      const answer = await send(request, signal);
      const { secrets, identifiesClient } = request;
      const context = { requestedAt, now: now(), secrets, identifiesClient };
      return { token: judgeTokenResponse(answer, input, context), requestedAt };
    },
    async discover(issuer, { signal } = {}) {
      return (await metadata(issuer, signal)).token_endpoint;
    },
    metadata(issuer, { signal } = {}) {
      return metadata(issuer, signal);
    },
    send(request, { signal } = {}) {
      return send(request, signal);
    },
    async revoke(input, { signal } = {}) {
      const request = await buildRevocationRequest(input, { now, uuid });
      const answer = await send(request, signal);
      const { secrets, identifiesClient } = request;
      judgeRevocation(answer, input.errors, { now: now(), secrets, identifiesClient });
    },
  };
}

/**
 * Sends a request over a connection of its own, to an examined address, and reads the answer whole. There is
 * no second connection, no redirect and no reuse: a server that closes an idle connection just as a request
 * goes out is the commonest way to lose an answer, and a refresh token with it.
 */
async function sendOnce(
  request: SingleRequest,
  { url, addresses }: Destination,
  progress: ExchangeProgress,
  limits: ExchangeLimits,
  ca: string | undefined,
): Promise<HttpAnswer> {
  const client = new Client(url.origin, {
    allowH2: false,
    pipelining: 0,
    // ExchangeProgress watches the time, to the millisecond and over whole steps.
    headersTimeout: 0,
    bodyTimeout: 0,
    maxResponseSize: limits.maxBytes,
    connect: { lookup: pinned(addresses), timeout: limits.connectMs, ...(ca !== undefined && { ca }) },
  });
  const { promise, resolve, reject } = Promise.withResolvers<HttpAnswer>();
  const chunks: Buffer[] = [];
  let status: number | undefined;
  let headers: Record<string, string> = {};
  client.dispatch(
    {
      method: request.method,
      path: `${url.pathname}${url.search}`,
      headers: { ...reveal(request.headers), 'accept-encoding': 'identity' },
      body: request.body?.reveal() ?? null,
    },
    {
      // Called with the connection at hand, just before the first byte is written: the last moment to stop.
      onRequestStart(controller) {
        if (!progress.enter('headers')) controller.abort(new Error('too late'));
      },
      onResponseStart(_controller, statusCode, responseHeaders) {
        if (statusCode < 200) return;
        status = statusCode;
        headers = firstValues(responseHeaders);
        progress.enter('body');
      },
      onResponseData: (_controller, chunk) => void chunks.push(chunk),
      onResponseEnd() {
        const coding = headers['content-encoding'];
        const body = decodeContent(Buffer.concat(chunks), coding, limits.maxBytes);
        if (status === undefined || body === undefined) {
          reject(progress.error('unreadable_answer', 'was answered in a coding that cannot be read', status));
        } else {
          resolve({ status, headers, body: new Secret(body.toString('utf8')) });
        }
      },
      onResponseError(_controller, error) {
        const { code, problem } = transportFailure(error);
        reject(progress.error(code, problem, status));
      },
    },
  );
  try {
    return await progress.race(promise);
  } finally {
    promise.catch(() => {});
    client.destroy().catch(() => {});
  }
}

function pinned(addresses: Destination['addresses']): LookupFunction {
  return (_hostname, { all }, callback) => {
    if (all) callback(null, [...addresses]);
    else callback(null, addresses[0].address, addresses[0].family);
  };
}

function reveal(headers: SingleRequest['headers']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, value instanceof Secret ? value.reveal() : value]),
  );
}

function firstValues(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, (Array.isArray(value) ? value[0] : value) ?? '']),
  );
}
