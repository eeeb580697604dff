import type { Connection } from '../functions/connections/connection.ts';
import { presetOf } from '../functions/connections/preset-of.ts';
import { resolveConnection } from '../functions/connections/resolve-connection.ts';
import type { SignatureAlgorithm } from '../functions/oauth/assertion-rules.ts';
import { loadPreset } from '../functions/providers/load-preset.ts';
import type { KeySpec, SigningKeys } from './aws/kms/signing-keys.ts';
import { LOCAL_REGION } from './endpoint-clients.ts';

/** The account that the endpoint plays. */
const LOCAL_ACCOUNT = '000000000000';

/** Where a key of somebody's account is found on this machine. */
export function localKeyArn(kmsKeyArn: string): string {
  return `arn:aws:kms:${LOCAL_REGION}:${LOCAL_ACCOUNT}:key/${kmsKeyArn.split('/').at(-1)}`;
}

/**
 * Makes the keys that connections sign with, each of the kind that their first algorithm needs. They are new in each
 * run; `aws kms get-public-key` shows what a provider must be told.
 */
export async function makeSigningKeys(
  connections: readonly { readonly name: string; readonly definition: Connection }[],
  keys: SigningKeys,
): Promise<void> {
  for (const { name, definition } of connections) {
    const { kmsKeyArn } = definition.signingKey ?? {};
    if (kmsKeyArn === undefined || keys.find(kmsKeyArn) !== undefined) continue;
    const preset = await presetOf(definition, loadPreset);
    const { request } = resolveConnection(name, definition, preset);
    keys.create(specFor(request.assertion?.algorithms?.[0] ?? 'RS256'), kmsKeyArn.split('/').at(-1));
  }
}

const SPECS: Readonly<Record<string, KeySpec>> = {
  ES256: 'ECC_NIST_P256',
  ES384: 'ECC_NIST_P384',
  ES512: 'ECC_NIST_P521',
  EdDSA: 'ECC_NIST_EDWARDS25519',
  Ed25519: 'ECC_NIST_EDWARDS25519',
};

function specFor(algorithm: SignatureAlgorithm): KeySpec {
  return SPECS[algorithm] ?? 'RSA_2048';
}
