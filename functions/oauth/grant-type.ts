/** The grant types that have rules of their own here; any other is sent by name with its parameters. */
export const CLIENT_CREDENTIALS = 'client_credentials';
export const REFRESH_TOKEN = 'refresh_token';
export const PASSWORD = 'password';
export const AUTHORIZATION_CODE = 'authorization_code';
/** RFC 8628 section 3.4. */
export const DEVICE_CODE = 'urn:ietf:params:oauth:grant-type:device_code';
