import { createDiscovery } from '../discovery/issuer-discovery.ts';
import type { IssuerMetadata } from '../discovery/issuer-metadata.ts';
import type { SingleRequest } from '../request/http-request.ts';
import {
  buildRevocationRequest,
  processRevocationResponse,
  type RevocationInput,
} from '../request/revocation-request.ts';
import { isSelfIssued, selfIssuedToken } from '../request/self-issued-token.ts';
import type { SigningPorts } from '../request/signer.ts';
import { buildTokenRequest, type TokenRequestInput } from '../request/token-request.ts';
import type { HttpResponse } from '../response/response-body.ts';
import { processTokenResponse } from '../response/token-response.ts';
import type { Exchange } from '../token-set.ts';
import { createEgressGuard, type EgressGuardOptions } from './egress-guard.ts';
import { EXCHANGE_LIMITS, ExchangeDeadline, type ExchangeLimits } from './exchange-deadline.ts';
import { sendOnce } from './send-once.ts';

export interface TokenEndpointOptions extends EgressGuardOptions, SigningPorts {
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
   * Sends one token request, once, and judges the answer. A grant whose token is made here asks nobody.
   * @throws TokenError
   */
  exchange(input: TokenRequestInput, options?: { readonly signal?: AbortSignal }): Promise<Exchange>;
  /**
   * The token endpoint that an issuer's metadata names (RFC 8414, OpenID Connect Discovery), kept for an hour.
   * @param options.mutualTls whether the client shows a certificate: then the issuer's alias for that, where it has
   *   one (RFC 8705 section 5). Default false
   * @throws TokenError, never of kind `unanswered`: nothing is spent by asking
   */
  discover(
    issuer: string,
    options?: { readonly signal?: AbortSignal; readonly mutualTls?: boolean },
  ): Promise<string>;
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
  const { now, uuid, signer, identityToken } = options;
  const context = { now, uuid, ...(signer && { signer }), ...(identityToken && { identityToken }) };
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
      if (isSelfIssued(input)) {
        return { token: await selfIssuedToken(input, { ...context, signal }), requestedAt };
      }
      const request = await buildTokenRequest(input, { ...context, signal });
      const response = await send(request, signal);
      const { secrets, identifiesClient } = request;
      return processTokenResponse(response, input, { requestedAt, now: now(), secrets, identifiesClient });
    },
    async discover(issuer, { signal, mutualTls = false } = {}) {
      const { token_endpoint, mtls_endpoint_aliases } = await metadata(issuer, signal);
      return (mutualTls ? mtls_endpoint_aliases?.token_endpoint : undefined) ?? token_endpoint;
    },
    metadata(issuer, { signal } = {}) {
      return metadata(issuer, signal);
    },
    send(request, { signal } = {}) {
      return send(request, signal);
    },
    async revoke(input, { signal } = {}) {
      const request = await buildRevocationRequest(input, { ...context, signal });
      const response = await send(request, signal);
      const { secrets, identifiesClient } = request;
      processRevocationResponse(response, input.errors, { now: now(), secrets, identifiesClient });
    },
  };
}
