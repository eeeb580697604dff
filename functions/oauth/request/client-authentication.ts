import type { Credentials } from '../credentials.ts';
import type { ClientAuthentication, RequestRules } from '../endpoint-rules.ts';
import { Secret } from '../secret.ts';
import { TokenError } from '../token-error.ts';
import { clientAssertionFor } from './assertion.ts';
import type { RequestMaterial } from './request-material.ts';
import type { RequestParameters } from './request-parameters.ts';

/** RFC 7521 section 4.2, RFC 7523 section 2.2. */
const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** The method for a grant type: exactly one (RFC 6749 section 2.3). */
export function clientAuthenticationFor(
  grantType: string,
  rules: Pick<RequestRules, 'clientAuthentication' | 'clientAuthenticationByGrant'>,
): ClientAuthentication {
  const byGrant = rules.clientAuthenticationByGrant;
  return (Object.hasOwn(byGrant, grantType) ? byGrant[grantType] : undefined) ?? rules.clientAuthentication;
}

/** Whether the client of a grant type shows a certificate in the TLS handshake (RFC 8705). */
export function showsCertificate(
  grantType: string,
  rules: Pick<RequestRules, 'clientAuthentication' | 'clientAuthenticationByGrant' | 'clientCertificate'>,
): boolean {
  return rules.clientCertificate || clientAuthenticationFor(grantType, rules) === 'tls_client_auth';
}

/**
 * Adds the client's authentication to `parameters`, or answers with the Authorization header that carries it. Where
 * the client has an identity in place of a secret, that is what it proves itself with.
 * @param grantType whose assertion is signed. Default: the one of no grant, beside the token endpoint
 * @returns the value of the Authorization header, where the method uses one
 * @throws TokenError `configuration` when a credential is missing or unusable
 */
export async function authenticateClient(
  method: ClientAuthentication,
  parameters: RequestParameters,
  material: RequestMaterial,
  grantType?: string,
): Promise<Secret | undefined> {
  const { request: rules, credentials, identity } = material.input;
  if (identity !== undefined && (identity.use === 'client' || !canProve(method, credentials))) {
    parameters.set('client_id', credentials.client_id);
    if (identity.use === 'client') {
      parameters.set('client_assertion_type', JWT_BEARER);
      parameters.set('client_assertion', (await material.identityToken(identity)).reveal());
    }
    return undefined;
  }
  switch (method) {
    case 'client_secret_basic':
      return basic(material.required('client_id', method), material.required('client_secret', method), rules);
    case 'client_secret_post':
      identify(parameters, material, method);
      if (parameters.allows('client_secret')) {
        parameters.set('client_secret', material.required('client_secret', method).reveal());
      }
      return undefined;
    case 'private_key_jwt':
      identify(parameters, material, method);
      parameters.set('client_assertion_type', JWT_BEARER);
      if (parameters.allows('client_assertion')) {
        const assertion = await material.assertion(clientAssertionFor(grantType, rules));
        parameters.set('client_assertion', assertion.reveal());
      }
      return undefined;
    case 'tls_client_auth':
    case 'none':
      // A public client says who it is (RFC 8252 section 8.5), and so does one that TLS authenticates (RFC 8705
      // section 2).
      identify(parameters, material, method);
      return undefined;
  }
}

/** Whether the credentials beside an identity hold what a method takes. Most often there are none. */
function canProve(method: ClientAuthentication, credentials: Credentials): boolean {
  switch (method) {
    case 'client_secret_basic':
    case 'client_secret_post':
      return credentials.client_secret !== undefined;
    case 'private_key_jwt':
      return credentials.private_key !== undefined;
    case 'tls_client_auth':
      return credentials.certificate !== undefined;
    case 'none':
      return credentials.client_id !== undefined;
  }
}

function identify(
  parameters: RequestParameters,
  material: RequestMaterial,
  method: ClientAuthentication,
): void {
  if (parameters.allows('client_id')) parameters.set('client_id', material.required('client_id', method));
}

/** RFC 6749 section 2.3.1 over RFC 7617: `form` encodes both parts first, `raw` leaves them as they are. */
function basic(
  clientId: string,
  clientSecret: Secret,
  { basicEncoding, basicScheme }: Pick<RequestRules, 'basicEncoding' | 'basicScheme'>,
): Secret {
  if (basicEncoding === 'raw' && clientId.includes(':')) {
    throw new TokenError(
      'configuration',
      'invalid_client_id',
      'The client_id holds a colon, which HTTP Basic cannot carry unencoded (RFC 7617 section 2): use basicEncoding "form".',
    );
  }
  const encode = basicEncoding === 'form' ? formEncode : (value: string) => value;
  const pair = `${encode(clientId)}:${encode(clientSecret.reveal())}`;
  return new Secret(`${basicScheme} ${Buffer.from(pair).toString('base64')}`);
}

// URLSearchParams leaves `*-._` as they are, as RFC 6749 appendix B does. Encoding them too, as some clients
// do, is the same to a server that decodes, and breaks ids with a hyphen at one that does not.
function formEncode(value: string): string {
  return new URLSearchParams({ '': value }).toString().slice(1);
}
