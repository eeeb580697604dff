import { createHash, type KeyObject, X509Certificate } from 'node:crypto';
import type { Credentials } from '../credentials.ts';
import { Secret } from '../secret.ts';
import { TokenError } from '../token-error.ts';
import { required } from './missing-field.ts';
import { readPrivateKey } from './private-key-signer.ts';

/** What a TLS handshake shows of the client, RFC 8705 section 2. Both in PEM. */
export interface ClientCertificate {
  readonly certificate: Secret;
  readonly privateKey: Secret;
}

/**
 * The certificate that a request is to be sent with, and its key.
 * @throws TokenError `configuration`: one is missing, code `missing_<field>`, or they do not belong together, code
 *   `invalid_certificate`
 */
export function clientCertificate(credentials: Credentials, wantedBy: string): ClientCertificate {
  const { unread } = credentials;
  const pem = required(credentials.certificate, 'certificate', wantedBy, unread);
  const { key } = readPrivateKey(required(credentials.private_key, 'private_key', wantedBy, unread));
  if (!readCertificate(pem).checkPrivateKey(key)) {
    throw invalid('The "certificate" of the credentials belongs to another key than their "private_key".');
  }
  return { certificate: new Secret(pem), privateKey: inPem(key) };
}

/**
 * `x5t` (SHA-1) and `x5t#S256` of a certificate, RFC 7515 sections 4.1.7 and 4.1.8.
 * @throws TokenError `configuration`, code `missing_certificate` or `invalid_certificate`
 */
export function certificateThumbprint(
  { certificate, unread }: Credentials,
  hash: 'sha1' | 'sha256',
  wantedBy: string,
): string {
  const { raw } = readCertificate(required(certificate, 'certificate', wantedBy, unread));
  return createHash(hash).update(raw).digest('base64url');
}

function readCertificate(pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch {
    throw invalid('The "certificate" of the credentials is no X.509 certificate in PEM.');
  }
}

/** TLS knows no JWK. */
function inPem(key: KeyObject): Secret {
  return new Secret(key.export({ type: 'pkcs8', format: 'pem' }).toString());
}

function invalid(message: string): TokenError {
  return new TokenError('configuration', 'invalid_certificate', message);
}
