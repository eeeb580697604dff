import { asFields, field, type HttpResponse, readResponseBody } from '../response/response-body.ts';
import { retryAfterMs } from '../response/retry-after.ts';
import { safeMessage } from '../response/safe-message.ts';
import { TokenError } from '../token-error.ts';

/** The code of the one error after which another place is worth trying without a word. */
export const METADATA_NOT_FOUND = 'metadata_not_found';

/** What is used of an issuer's metadata, RFC 8414 section 2, by its names. */
export interface IssuerMetadata {
  readonly issuer: string;
  readonly token_endpoint: string;
  readonly authorization_endpoint?: string;
  /** RFC 8628 section 4. */
  readonly device_authorization_endpoint?: string;
  readonly revocation_endpoint?: string;
  /** Where a client that shows a certificate in TLS is to ask instead (RFC 8705 section 5). */
  readonly mtls_endpoint_aliases?: { readonly token_endpoint: string };
  /** RFC 9207 section 3. Absent means false. */
  readonly authorization_response_iss_parameter_supported: boolean;
}

/** Endpoints that an issuer may name; whoever asks one of them looks at its URL first. */
const OPTIONAL_ENDPOINTS = [
  'authorization_endpoint',
  'device_authorization_endpoint',
  'revocation_endpoint',
] as const;

/**
 * Where an issuer's metadata may be: RFC 8414 section 3.1, which puts the well-known part before the
 * issuer's path, and OpenID Connect Discovery section 4, which puts it after.
 */
export function metadataUrls(issuer: string): readonly string[] {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/$/, '');
  return [
    `${origin}/.well-known/oauth-authorization-server${path}`,
    `${origin}${path}/.well-known/openid-configuration`,
  ];
}

/**
 * What metadata says.
 * @param now epoch milliseconds
 * @throws TokenError `configuration` when the issuer is another one (RFC 8414 section 3.3 wants them identical)
 *   or there is no metadata; `transient` or `throttled` when the provider cannot answer now
 */
export function processMetadataResponse(response: HttpResponse, issuer: string, now: number): IssuerMetadata {
  const { status } = response;
  if (status === 429 || status === 408 || status >= 500) {
    throw new TokenError(
      status === 429 ? 'throttled' : 'never-sent',
      'metadata_unavailable',
      `The metadata of ${issuer} cannot be had now: HTTP ${status}.`,
      { status, retryAfterMs: retryAfterMs(response.headers['retry-after'], now) },
    );
  }
  const body = readResponseBody(response.body);
  const fields = status === 200 && body.kind === 'fields' ? body.fields : undefined;
  const named = field(fields, 'issuer');
  if (typeof named !== 'string') {
    throw new TokenError('unsure', METADATA_NOT_FOUND, `${issuer} publishes no metadata.`, { status });
  }
  if (named !== issuer) {
    throw new TokenError(
      'configuration',
      'issuer_mismatch',
      `The metadata is that of issuer "${safeMessage(named, []) ?? '?'}", not of "${issuer}": they must be identical.`,
    );
  }
  const tokenEndpoint = field(fields, 'token_endpoint');
  if (typeof tokenEndpoint !== 'string') {
    throw new TokenError(
      'configuration',
      'missing_token_endpoint',
      `The metadata of ${issuer} names no token endpoint.`,
    );
  }
  const alias = field(asFields(field(fields, 'mtls_endpoint_aliases')), 'token_endpoint');
  const optional = OPTIONAL_ENDPOINTS.map((name) => [name, field(fields, name)] as const);
  return {
    issuer,
    token_endpoint: tokenEndpoint,
    ...Object.fromEntries(optional.filter(([, value]) => typeof value === 'string')),
    ...(typeof alias === 'string' && { mtls_endpoint_aliases: { token_endpoint: alias } }),
    authorization_response_iss_parameter_supported:
      field(fields, 'authorization_response_iss_parameter_supported') === true,
  };
}
