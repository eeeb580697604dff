import { createPublicKey, type KeyObject } from 'node:crypto';
import { storeCall } from '../../functions/aws/aws-error.ts';
import { readPrivateKey } from '../../functions/oauth/request/private-key-signer.ts';
import type { ConnectionState } from '../../functions/refresh/connection-state.ts';
import { CommandFailed } from '../command-failed.ts';
import type { Deployment } from '../deployment.ts';

/** A public key as a server that checks assertions reads it, RFC 7517 section 4. */
export type PublicJwk = Readonly<Record<string, string>>;

/**
 * The public half of what a connection signs its assertions with, under the `kid` that stands in them.
 * @throws CommandFailed where it signs with nothing, StoreError, TokenError
 */
export async function publicKeyOf(
  { name, definition }: Pick<ConnectionState, 'name' | 'definition'>,
  { clients, credentials: store }: Pick<Deployment, 'clients' | 'credentials'>,
): Promise<PublicJwk> {
  const { credentials: reference, signingKey } = definition;
  const credentials = reference === undefined ? undefined : (await store.read(reference))?.value;
  const kid = credentials?.key_id;
  if (signingKey !== undefined) {
    const [, , , region = ''] = signingKey.kmsKeyArn.split(':');
    const kms = await clients.kms(region);
    const { kmsKeyArn: KeyId } = signingKey;
    const { PublicKey } = await storeCall(`GetPublicKey ${KeyId}`, () => kms.getPublicKey({ KeyId }));
    const der = Buffer.from(PublicKey ?? new Uint8Array());
    return publicJwk(createPublicKey({ key: der, format: 'der', type: 'spki' }), { kid });
  }
  if (credentials?.private_key === undefined) {
    throw new CommandFailed(
      `"${name}" signs nothing: its credentials have no "private_key", and it has no "signingKey". Store a key with: evertoken credentials set`,
    );
  }
  const { key, kid: ofKey, alg } = readPrivateKey(credentials.private_key);
  return publicJwk(createPublicKey(key), { kid: kid ?? ofKey, alg });
}

function publicJwk(
  key: KeyObject,
  { kid, alg }: { readonly kid: string | undefined; readonly alg?: string | undefined },
): PublicJwk {
  return {
    ...(key.export({ format: 'jwk' }) as Record<string, string>),
    ...(kid !== undefined && { kid }),
    ...(alg !== undefined && { alg }),
    use: 'sig',
  };
}
