import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { publicKeyOf } from '../../../cli/connections/public-keys.ts';

const KEY_ARN = 'arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d';
const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const PublicKey = pair.publicKey.export({ type: 'spki', format: 'der' });

/** The key of a connection whose key is in KMS, which answers so. */
function ofKms(getPublicKey: () => Promise<{ PublicKey?: Uint8Array }>) {
  const asked: string[] = [];
  const kms = async (region: string) => {
    asked.push(region);
    return { getPublicKey, sign: async () => ({}), destroy: () => undefined };
  };
  const read = async () => ({ value: { client_id: 'me', key_id: 'key-1' } });
  const definition = { credentials: 'epic', signingKey: { kmsKeyArn: KEY_ARN } };
  const deployment = { clients: { kms }, credentials: { read } };
  return { asked, key: publicKeyOf({ name: 'epic', definition }, deployment as never) };
}

describe('the public half of a key in KMS', () => {
  it('is asked of the Region of the key, and has the id that stands beside it', async () => {
    const { asked, key } = ofKms(async () => ({ PublicKey }));
    expect(await key).toEqual({ ...pair.publicKey.export({ format: 'jwk' }), kid: 'key-1', use: 'sig' });
    expect(asked).toEqual(['eu-west-1']);
  });

  it('that may not be had is an error that the command explains', async () => {
    const denied = Object.assign(new Error('no'), { name: 'AccessDeniedException', $metadata: {} });
    const { key } = ofKms(async () => {
      throw denied;
    });
    await expect(key).rejects.toMatchObject({ name: 'StoreError', kind: 'denied' });
  });
});
