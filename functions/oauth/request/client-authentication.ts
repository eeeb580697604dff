import type { Credentials } from '../credentials.ts';
import type { ClientAuthentication, RequestRules } from '../endpoint-rules.ts';
import { Secret } from '../secret.ts';
import { TokenError } from '../token-error.ts';
import { required } from './missing-field.ts';
import { clientAssertion } from './private-key-jwt.ts';
import type { RequestParameters } from './request-parameters.ts';

/** RFC 7521 section 4.2, RFC 7523 section 2.2. */
const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

export interface ClientAuthenticationContext {
  readonly rules: RequestRules;
  readonly credentials: Credentials;
  /** Audience of an assertion unless the rules name another. */
  readonly tokenUrl: string;
  /** Epoch milliseconds. */
  now(): number;
  uuid(): string;
}

/** The method for a grant type: exactly one (RFC 6749 section 2.3). */
export function clientAuthenticationFor(
  grantType: string,
  rules: Pick<RequestRules, 'clientAuthentication' | 'clientAuthenticationByGrant'>,
): ClientAuthentication {
  const byGrant = rules.clientAuthenticationByGrant;
  return (Object.hasOwn(byGrant, grantType) ? byGrant[grantType] : undefined) ?? rules.clientAuthentication;
}

/**
 * Adds the client's authentication to `parameters`, or answers with the Authorization header that carries it.
 * @returns the value of the Authorization header, where the method uses one
 * @throws TokenError `configuration` when a credential is missing or unusable
 */
export async function authenticateClient(
  method: ClientAuthentication,
  parameters: RequestParameters,
  context: ClientAuthenticationContext,
): Promise<Secret | undefined> {
  const { credentials, rules } = context;
  switch (method) {
    case 'client_secret_basic':
      return basic(
        required(credentials.client_id, 'client_id', method, credentials.unread),
        required(credentials.client_secret, 'client_secret', method, credentials.unread),
        rules.basicEncoding,
      );
    case 'client_secret_post':
      identify(parameters, credentials, method);
      if (parameters.allows('client_secret')) {
        parameters.set(
          'client_secret',
          required(credentials.client_secret, 'client_secret', method, credentials.unread).reveal(),
        );
      }
      return undefined;
    case 'private_key_jwt': {
      const clientId = required(credentials.client_id, 'client_id', method, credentials.unread);
      const audience = rules.assertion?.claims['aud'];
      parameters.set('client_id', clientId);
      parameters.set('client_assertion_type', JWT_BEARER);
      const assertion = await clientAssertion({
        clientId,
        privateKey: required(credentials.private_key, 'private_key', method, credentials.unread),
        keyId: credentials.key_id,
        algorithm: rules.assertion?.algorithms?.[0],
        audience: typeof audience === 'string' ? audience : context.tokenUrl,
        now: context.now(),
        jti: context.uuid(),
      });
      parameters.set('client_assertion', assertion.reveal());
      return undefined;
    }
    case 'tls_client_auth':
    case 'none':
      // A public client says who it is (RFC 8252 section 8.5).
      identify(parameters, credentials, method);
      return undefined;
  }
}

function identify(
  parameters: RequestParameters,
  credentials: Credentials,
  method: ClientAuthentication,
): void {
  if (parameters.allows('client_id')) {
    parameters.set('client_id', required(credentials.client_id, 'client_id', method, credentials.unread));
  }
}

/** RFC 6749 section 2.3.1 over RFC 7617: `form` encodes both parts first, `raw` leaves them as they are. */
function basic(clientId: string, clientSecret: Secret, encoding: RequestRules['basicEncoding']): Secret {
  if (encoding === 'raw' && clientId.includes(':')) {
    throw new TokenError(
      'configuration',
      'invalid_client_id',
      'The client_id holds a colon, which HTTP Basic cannot carry unencoded (RFC 7617 section 2): use basicEncoding "form".',
    );
  }
  const encode = encoding === 'form' ? formEncode : (value: string) => value;
  const pair = `${encode(clientId)}:${encode(clientSecret.reveal())}`;
  return new Secret(`Basic ${Buffer.from(pair).toString('base64')}`);
}

// URLSearchParams leaves `*-._` as they are, as RFC 6749 appendix B does. Encoding them too, as some clients
// do, is the same to a server that decodes, and breaks ids with a hyphen at one that does not.
function formEncode(value: string): string {
  return new URLSearchParams({ '': value }).toString().slice(1);
}
