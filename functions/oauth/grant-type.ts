/** The grant types that have rules of their own here; any other is sent by name with its parameters. */
export const CLIENT_CREDENTIALS = 'client_credentials';
export const REFRESH_TOKEN = 'refresh_token';
export const PASSWORD = 'password';
export const AUTHORIZATION_CODE = 'authorization_code';
/** RFC 8628 section 3.4. */
export const DEVICE_CODE = 'urn:ietf:params:oauth:grant-type:device_code';
/** RFC 7523 section 2.1: a signed JWT is the grant. */
export const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
/** RFC 8693 section 2.1. */
export const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
/** RFC 7522 section 2.1. */
export const SAML2_BEARER = 'urn:ietf:params:oauth:grant-type:saml2-bearer';
/** No OAuth: the JWT that is signed here is the access token, and nobody is asked. */
export const SELF_SIGNED = 'self_signed';

/** All of the above. */
export const GRANT_TYPES: readonly string[] = [
  CLIENT_CREDENTIALS,
  REFRESH_TOKEN,
  PASSWORD,
  AUTHORIZATION_CODE,
  DEVICE_CODE,
  JWT_BEARER,
  TOKEN_EXCHANGE,
  SAML2_BEARER,
  SELF_SIGNED,
];
