import type { RequestRules } from '../endpoint-rules.ts';
import type { Kept } from '../response/redact.ts';
import { Secret } from '../secret.ts';
import type { ClientCertificate } from './client-certificate.ts';
import { type RequestParameters, toForm } from './request-parameters.ts';

/** A request that is sent once. */
export interface SingleRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Its query may hold secrets. */
  readonly url: Secret;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | Secret>>;
  readonly body?: Secret;
  /** Shown in the TLS handshake. */
  readonly clientCertificate?: ClientCertificate | undefined;
}

/** A token request, ready to be sent. */
export interface TokenHttpRequest extends SingleRequest {
  /** What an answer may echo and nobody may see: every secret that is part of the request. */
  readonly secrets: readonly Kept[];
  /** Whether the request says which client is asking, by client_id or by authentication. */
  readonly identifiesClient: boolean;
}

/** A form that is posted to an endpoint beside the token endpoint, such as the one for revocation. */
export function formRequest(
  url: string,
  parameters: RequestParameters,
  rules: RequestRules,
  authorization: Secret | undefined,
): SingleRequest {
  return {
    method: 'POST',
    url: new Secret(url),
    headers: {
      accept: 'application/json',
      'user-agent': USER_AGENT,
      'content-type': 'application/x-www-form-urlencoded',
      ...(authorization && { authorization }),
    },
    body: new Secret(toForm(parameters.named(rules.parameterNames))),
  };
}

/**
 * Everything in a request that an answer may echo and nobody may see.
 * @param own what of the client's is part of it
 * @param tokens and codes that stand for one
 */
export function requestSecrets(
  own: readonly Secret[],
  authorization: Secret | undefined,
  tokens: readonly (Secret | undefined)[] = [],
): readonly Kept[] {
  return [
    ...tokens.filter((token) => token !== undefined).map((token) => ({ token })),
    ...own,
    ...(authorization ? [withoutScheme(authorization)] : []),
  ];
}

/** The scheme, such as `Bearer`, is no secret. */
function withoutScheme(authorization: Secret): Secret {
  const value = authorization.reveal();
  return new Secret(value.slice(value.indexOf(' ') + 1));
}

/** The version of this package, as package.json has it. */
export const VERSION = '0.1.0';

/** Some providers refuse requests without a User-Agent. */
export const USER_AGENT = `evertoken/${VERSION}`;
