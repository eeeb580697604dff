import { createDiscovery } from '../discovery/issuer-discovery.ts';
import type { IssuerMetadata } from '../discovery/issuer-metadata.ts';
import type { SingleRequest } from '../request/http-request.ts';
import {
  buildRevocationRequest,
  processRevocationResponse,
  type RevocationInput,
} from '../request/revocation-request.ts';
import { buildTokenRequest, type TokenRequestInput } from '../request/token-request.ts';
import type { HttpResponse } from '../response/response-body.ts';
import { processTokenResponse } from '../response/token-response.ts';
import type { Exchange } from '../token-set.ts';
import { createEgressGuard, type EgressGuardOptions } from './egress-guard.ts';
import { EXCHANGE_LIMITS, ExchangeDeadline, type ExchangeLimits } from './exchange-deadline.ts';
import { sendOnce } from './send-once.ts';

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
   * @throws TokenError, never of kind `unanswered`: nothing is spent by asking
   */
  discover(issuer: string, options?: { readonly signal?: AbortSignal }): Promise<string>;
  /** All that is used of an issuer's metadata, kept for an hour. @throws TokenError as `discover` does */
  metadata(issuer: string, options?: { readonly signal?: AbortSignal }): Promise<IssuerMetadata>;
  /**
   * Sends any one request as an exchange is sent: once, guarded, bounded, without following a redirect. The
   * caller judges the answer. @throws TokenError
   */
  send(request: SingleRequest, options?: { readonly signal?: AbortSignal }): Promise<HttpResponse>;
  /** Takes back one token (RFC 7009). May be repeated. @throws TokenError */
  revoke(input: RevocationInput, options?: { readonly signal?: AbortSignal }): Promise<void>;
}

/** @throws TypeError when an allowed origin is none */
export function createTokenEndpoint(options: TokenEndpointOptions): TokenEndpointClient {
  const { now, uuid } = options;
  const guard = createEgressGuard(options);
  const limits = { ...EXCHANGE_LIMITS, ...options.limits };

  async function send(request: SingleRequest, signal: AbortSignal | undefined): Promise<HttpResponse> {
    const deadline = new ExchangeDeadline(guard.check(request.url.reveal()).host, limits, signal);
    try {
      const destination = await deadline.race(guard.vet(request.url.reveal()));
      return await sendOnce(request, destination, deadline, limits, options.ca);
    } finally {
      deadline.finish();
    }
  }

  const metadata = createDiscovery({ now, check: guard.check, send });
  return {
    async exchange(input, { signal } = {}) {
      const requestedAt = now();
      const request = await buildTokenRequest(input, { now, uuid });
      const response = await send(request, signal);
      const { secrets, identifiesClient } = request;
      const context = { requestedAt, now: now(), secrets, identifiesClient };
      return processTokenResponse(response, input, context);
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
      const response = await send(request, signal);
      const { secrets, identifiesClient } = request;
      processRevocationResponse(response, input.errors, { now: now(), secrets, identifiesClient });
    },
  };
}
