import {
  createHash,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  X509Certificate,
} from 'node:crypto';
import { CREDENTIAL_FIELDS } from '../../functions/connections/needed-credentials.ts';
import type { SignatureAlgorithm } from '../../functions/oauth/assertion-rules.ts';
import { exampleCertificate } from './example-certificate.ts';
import type { ExampleValues } from './example-values.ts';

/** Makes a value that is obviously nobody's secret out of a label. */
export type FakeSecret = (label: string) => string;

/** A label that shares no word with what a provider says of the field: that would be covered as if it were the secret. */
const labelOf = (field: string) => createHash('sha256').update(field).digest('hex').slice(0, 16);

/** The fresh id of an assertion or a header. */
export const EXAMPLE_UUID = '00000000-0000-4000-8000-000000000000';

/** Who asks while an example is replayed. */
export interface ExampleIdentity {
  /** As an operator stores them. */
  readonly credentials: Readonly<Record<string, string>>;
  readonly values: ExampleValues;
}

const TOKENS = ['access_token', 'refresh_token', 'id_token', 'code', 'code_verifier', 'device_code'] as const;

/** Within a secret, so that what is not encoded, or is twice, differs. */
const TELLTALE = ' a+b/c=d&e%20f"g';
/** A token is base64 at the most. */
const TOKEN_TELLTALE = '+/=';

/**
 * An identity with a value for every field of credentials, and for those that are named beside them.
 * @param algorithm decides about the kind of the private key
 */
export function exampleIdentity(
  fake: FakeSecret,
  algorithm: SignatureAlgorithm,
  otherFields: readonly string[] = [],
): ExampleIdentity {
  const labelled: FakeSecret = (field) => fake(labelOf(field));
  const fields = [...new Set<string>([...CREDENTIAL_FIELDS, ...otherFields])];
  const pair = pairFor(algorithm);
  const credentials = Object.fromEntries(fields.map((field) => [field, credential(field, labelled, pair)]));
  const tokens = TOKENS.map((name) => [name, `${labelled(name)}${TOKEN_TELLTALE}`] as const);
  const fixed = ['client_id', 'client_secret', 'username', 'password'].flatMap((name) =>
    credentials[name] === undefined ? [] : [[name, credentials[name]] as const],
  );
  return {
    credentials,
    values: {
      ...Object.fromEntries([...tokens, ...fixed]),
      uuid: EXAMPLE_UUID,
      redirect_uri: 'http://127.0.0.1:8080/callback',
      ...thumbprints(pair),
      ...Object.fromEntries(
        Object.entries(credentials).map(([name, value]) => [`credential.${name}`, value]),
      ),
    },
  };
}

/** A key, and the certificate of it in PEM. */
interface KeyPair {
  readonly key: KeyObject;
  readonly certificate: string;
}

function credential(field: string, fake: FakeSecret, { key, certificate }: KeyPair): string {
  switch (field) {
    case 'private_key':
      return key.export({ type: 'pkcs8', format: 'pem' }).toString();
    case 'certificate':
      return certificate;
    case 'client_secret':
    case 'password':
      return fake(field) + TELLTALE;
    default:
      return fake(field);
  }
}

const pairs = new Map<string, KeyPair>();

/** Making one takes a moment; nothing depends on which it is. */
function pairFor(algorithm: SignatureAlgorithm): KeyPair {
  const kind = KINDS[algorithm] ?? 'rsa';
  const known = pairs.get(kind);
  if (known !== undefined) return known;
  const key = generate(kind);
  const pair = { key, certificate: exampleCertificate(key) };
  pairs.set(kind, pair);
  return pair;
}

const KINDS: Readonly<Partial<Record<SignatureAlgorithm, string>>> = {
  ES256: 'P-256',
  ES384: 'P-384',
  ES512: 'P-521',
  EdDSA: 'ed25519',
  Ed25519: 'ed25519',
};

function generate(kind: string): KeyObject {
  if (kind === 'rsa') return generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  if (kind === 'ed25519') return generateKeyPairSync('ed25519').privateKey;
  return generateKeyPairSync('ec', { namedCurve: kind }).privateKey;
}

/** What the templates of assertions say of key and certificate. */
function thumbprints({ key, certificate }: KeyPair): ExampleValues {
  const { raw } = new X509Certificate(certificate);
  const publicKey = createPublicKey(key).export({ type: 'spki', format: 'der' });
  return {
    'certificate.x5t': createHash('sha1').update(raw).digest('base64url'),
    'certificate.x5t#S256': createHash('sha256').update(raw).digest('base64url'),
    'key.sha256': createHash('sha256').update(publicKey).digest('base64'),
  };
}
