const IN_CREDENTIALS = 'it belongs in the secret of the credentials, where nobody else sees it';
const BY_REFRESH = 'it is filled in when a token is requested';

/**
 * Parameters of a token request that a connection may not set as fixed ones, each with what to do
 * instead: a connection is no place for a secret, and a parameter must not be sent twice (RFC 6749
 * section 3.2).
 */
export const RESERVED_PARAMETERS: Readonly<Record<string, string>> = Object.assign(Object.create(null), {
  client_id: IN_CREDENTIALS,
  client_secret: IN_CREDENTIALS,
  private_key: IN_CREDENTIALS,
  username: IN_CREDENTIALS,
  password: IN_CREDENTIALS,
  client_assertion: 'set clientAuthentication to "private_key_jwt"',
  client_assertion_type: 'set clientAuthentication to "private_key_jwt"',
  refresh_token: 'store it with "evertoken import" or "evertoken authorize"',
  access_token: BY_REFRESH,
  code: 'sign in once with "evertoken authorize"',
  code_verifier: 'sign in once with "evertoken authorize"',
  grant_type: 'use "grants"',
  scope: 'use "scope"',
});
