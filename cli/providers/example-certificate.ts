import { createPublicKey, type KeyObject, sign } from 'node:crypto';

/**
 * A certificate for a key of nobody's, X.509 as RFC 5280 section 4.1 has it, signed by itself and with a name alone:
 * enough for what looks at keys and thumbprints, and for no TLS client to trust.
 * @returns PEM
 */
export function exampleCertificate(key: KeyObject): string {
  const [algorithm, digest] = signatureOf(key);
  const name = sequence(der(0x31, sequence(oid('2.5.4.3'), der(0x0c, Buffer.from('fake')))));
  const certified = sequence(
    der(0xa0, integer(2)),
    integer(1),
    algorithm,
    name,
    sequence(der(0x17, Buffer.from('260101000000Z')), der(0x17, Buffer.from('360101000000Z'))),
    name,
    createPublicKey(key).export({ type: 'spki', format: 'der' }),
  );
  const signature = der(0x03, Buffer.concat([Buffer.of(0), sign(digest, certified, key)]));
  const body = sequence(certified, algorithm, signature).toString('base64');
  const lines = body.match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}

/** The AlgorithmIdentifier of RFC 4055, RFC 5758 and RFC 8410, and what it hashes with. */
function signatureOf(key: KeyObject): readonly [algorithm: Buffer, digest: 'sha256' | null] {
  switch (key.asymmetricKeyType) {
    case 'rsa':
      return [sequence(oid('1.2.840.113549.1.1.11'), der(0x05, Buffer.alloc(0))), 'sha256'];
    case 'ec':
      return [sequence(oid('1.2.840.10045.4.3.2')), 'sha256'];
    default:
      return [sequence(oid('1.3.101.112')), null];
  }
}

function der(tag: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.of(tag), length(content.length), content]);
}

function length(size: number): Buffer {
  if (size < 0x80) return Buffer.of(size);
  const digits = size.toString(16);
  const bytes = Buffer.from(digits.padStart(digits.length + (digits.length % 2), '0'), 'hex');
  return Buffer.concat([Buffer.of(0x80 | bytes.length), bytes]);
}

const sequence = (...parts: readonly Buffer[]) => der(0x30, Buffer.concat(parts));
const integer = (value: number) => der(0x02, Buffer.of(value));

function oid(text: string): Buffer {
  const [first = 0, second = 0, ...others] = text.split('.').map(Number);
  return der(0x06, Buffer.from([first * 40 + second, ...others.flatMap(base128)]));
}

/** Seven bits a byte, all but the last with the eighth set. */
function base128(value: number): number[] {
  const septets = [value & 0x7f];
  for (let left = value >> 7; left > 0; left >>= 7) septets.unshift(0x80 | (left & 0x7f));
  return septets;
}
