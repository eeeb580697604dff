import type { SignatureAlgorithm } from '../assertion-rules.ts';
import { Secret } from '../secret.ts';
import { TokenError } from '../token-error.ts';
import type { Signer } from './signer.ts';

export interface JwtInput {
  /** Beside `alg`, which stands first. */
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
  readonly signer: Signer;
  /** What the reader accepts: what the key is meant for, else the first that it can do. Default: the key's usual one. */
  readonly algorithms?: readonly SignatureAlgorithm[] | undefined;
}

/**
 * A JWT in the compact form of RFC 7515 section 3.1.
 * @throws TokenError `configuration`, code `unsupported_algorithm`, and what the signer throws
 */
export async function signJwt({ header, claims, signer, algorithms }: JwtInput): Promise<Secret> {
  const alg = chooseAlgorithm(signer, algorithms);
  const signed = `${encode({ alg, ...header })}.${encode(claims)}`;
  const signature = await signer.sign(alg, Buffer.from(signed));
  return new Secret(`${signed}.${Buffer.from(signature).toString('base64url')}`);
}

function chooseAlgorithm(
  { algorithms: possible, intended, name = 'The signing key' }: Signer,
  accepted: readonly SignatureAlgorithm[] | undefined,
): SignatureAlgorithm {
  if (accepted === undefined) return intended ?? possible?.[0] ?? 'RS256';
  const usable = accepted.filter((each) => possible?.includes(each) ?? true);
  const chosen = usable.find((each) => each === intended) ?? usable[0];
  if (chosen !== undefined) return chosen;
  throw new TokenError(
    'configuration',
    'unsupported_algorithm',
    `${name} can sign with ${possible?.join(', ')}, and the provider takes ${accepted.join(', ')}: use another key.`,
  );
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}
