import { createPublicKey, verify } from 'node:crypto';
import { DecryptCommand, GetPublicKeyCommand, KMSClient, SignCommand } from '@aws-sdk/client-kms';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { KeySpec } from '../../../local/aws/kms/signing-keys.ts';
import { clientSettings, runningEndpoint } from './support/running-endpoint.ts';

const MESSAGE = Buffer.from('header.payload');

async function running() {
  const { endpoint } = await runningEndpoint();
  const client = new KMSClient(clientSettings(endpoint));
  onTestFinished(() => client.destroy());
  const sign = (KeyId: string, SigningAlgorithm: string, over: object = {}) =>
    client.send(
      new SignCommand({ KeyId, Message: MESSAGE, SigningAlgorithm, ...over } as SignCommand['input']),
    );
  return { endpoint, client, sign };
}

describe('Sign', () => {
  it.each<[KeySpec, string, object]>([
    ['RSA_2048', 'RSASSA_PKCS1_V1_5_SHA_256', {}],
    ['RSA_2048', 'RSASSA_PSS_SHA_384', { padding: 6, saltLength: 48 }],
    ['ECC_NIST_P256', 'ECDSA_SHA_256', { dsaEncoding: 'der' }],
    ['ECC_NIST_P521', 'ECDSA_SHA_512', { dsaEncoding: 'der' }],
    ['ECC_NIST_EDWARDS25519', 'ED25519_SHA_512', {}],
  ])('with a key of %s by %s can be verified with what GetPublicKey gives', async (spec, algorithm, how) => {
    const { endpoint, client, sign } = await running();
    const { arn, keyId } = endpoint.signingKeys.create(spec);
    const { Signature = new Uint8Array(), KeyId } = await sign(arn, algorithm);
    expect(KeyId).toBe(arn);
    const { PublicKey = new Uint8Array(), SigningAlgorithms } = await client.send(
      new GetPublicKeyCommand({ KeyId: keyId }),
    );
    expect(SigningAlgorithms).toContain(algorithm);
    const key = createPublicKey({ key: Buffer.from(PublicKey), format: 'der', type: 'spki' });
    const hash = algorithm.startsWith('ED') ? null : `sha${algorithm.slice(-3)}`;
    expect(verify(hash, MESSAGE, { key, ...how }, Signature)).toBe(true);
    expect(verify(hash, Buffer.from('other'), { key, ...how }, Signature)).toBe(false);
    expect(endpoint.calls.count({ service: 'kms', operation: 'Sign', resource: arn })).toBe(1);
  });

  it('is refused as AWS refuses it', async () => {
    const { endpoint, sign } = await running();
    const key = endpoint.signingKeys.create('ECC_NIST_P256');
    const name = async (call: Promise<unknown>) => call.then(String, (error: Error) => error.name);
    const unknown = key.arn.replace(key.keyId, 'unknown');
    expect(await name(sign(unknown, 'ECDSA_SHA_256'))).toBe('NotFoundException');
    expect(await name(sign(key.arn.replace('000000000000', '111122223333'), 'ECDSA_SHA_256'))).toBe(
      'NotFoundException',
    );
    expect(await name(sign(key.arn, 'RSASSA_PKCS1_V1_5_SHA_256'))).toBe('InvalidKeyUsageException');
    expect(await name(sign(key.arn, 'SM2DSA'))).toBe('ValidationException');
    expect(await name(sign(key.arn, 'ECDSA_SHA_256', { Message: Buffer.alloc(4097) }))).toBe(
      'ValidationException',
    );
    key.enabled = false;
    expect(await name(sign(key.arn, 'ECDSA_SHA_256'))).toBe('DisabledException');
  });

  it('of what is not served is refused by name', async () => {
    const { endpoint, client, sign } = await running();
    const { arn } = endpoint.signingKeys.create('ECC_NIST_P256');
    await expect(
      sign(arn, 'ECDSA_SHA_256', { MessageType: 'DIGEST', Message: Buffer.alloc(32) }),
    ).rejects.toThrow('does not serve the message type DIGEST of kms');
    await expect(sign(arn, 'ECDSA_SHA_256', { DryRun: true })).rejects.toThrow(
      'Members that this local endpoint does not serve: DryRun',
    );
    const decrypt = new DecryptCommand({ KeyId: arn, CiphertextBlob: MESSAGE });
    await expect(client.send(decrypt)).rejects.toThrow('does not serve the operation Decrypt of kms');
  });
});
