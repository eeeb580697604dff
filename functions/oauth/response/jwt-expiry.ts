import type { Secret } from '../secret.ts';
import { asFields, field, parseJson } from './response-body.ts';

/** The last second of the year 9999: a larger `exp` is in another unit, or nonsense. */
const MAX_EXPIRY_SECONDS = 253_402_300_799;
/** A token that fits a secret. */
const MAX_BYTES = 65_536;

/**
 * The `exp` claim of a token that may be a JWT (RFC 7519 section 4.1.4). The signature is not verified: the
 * token came from its issuer over TLS, and the claim only decides when to refresh it.
 * @returns epoch seconds; `undefined` for anything but a JWT with a sensible `exp`
 */
export function jwtExpirySeconds(token: Secret): number | undefined {
  if (token.byteLength > MAX_BYTES) return undefined;
  const parts = token.reveal().split('.');
  const payload = parts[1];
  // Five parts are a JWE, whose claims only its reader can see.
  if (parts.length !== 3 || !payload || !/^[\w-]+$/.test(payload)) return undefined;
  const claims = parseJson(Buffer.from(payload, 'base64url').toString('utf8'))?.value;
  const exp = field(asFields(claims), 'exp');
  if (typeof exp !== 'number' || !(exp >= 1) || exp > MAX_EXPIRY_SECONDS) return undefined;
  return Math.floor(exp);
}
