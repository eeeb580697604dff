import { createHash, verify } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { KmsCalls } from '../../../functions/aws/kms-calls.ts';
import { createKmsSigner } from '../../../functions/aws/kms-signer.ts';
import { SIGNATURE_ALGORITHMS, type SignatureAlgorithm } from '../../../functions/oauth/assertion-rules.ts';
import type { KeySpec, SigningKey } from '../../../local/aws/kms/signing-keys.ts';
import { AwsError } from '../../../local/aws/wire/error-answer.ts';
import { TestAws } from '../../support/aws.ts';
import { canarySecret } from '../../support/canary.ts';
import { tokenErrorOf } from '../../support/token-input.ts';

const DATA = Buffer.from('header.payload');
const SPECS = {
  RS: 'RSA_2048',
  PS: 'RSA_2048',
  ES256: 'ECC_NIST_P256',
  ES384: 'ECC_NIST_P384',
  ES512: 'ECC_NIST_P521',
  Ed: 'ECC_NIST_EDWARDS25519',
} as const;

let aws: TestAws;
const keys = new Map<KeySpec, SigningKey>();

beforeAll(async () => {
  aws = await TestAws.start();
});
afterAll(() => aws[Symbol.asyncDispose]());
afterEach(() => {
  aws.endpoint.inject = undefined;
});

function keyFor(algorithm: SignatureAlgorithm): SigningKey {
  const [, spec] = Object.entries(SPECS).find(([start]) => algorithm.startsWith(start)) ?? [];
  if (spec === undefined) throw new Error(`no key for ${algorithm}`);
  const key = keys.get(spec) ?? aws.endpoint.signingKeys.create(spec);
  keys.set(spec, key);
  return key;
}

const signerOf = ({ arn }: Pick<SigningKey, 'arn'>, signal?: AbortSignal) =>
  createKmsSigner(aws.hastyClients.onDemand)({ kmsKeyArn: arn }, signal);

/** A signature as RFC 7518 section 3 has it. */
function isValid(algorithm: SignatureAlgorithm, key: SigningKey, signature: Uint8Array): boolean {
  const hash = algorithm.startsWith('Ed') ? null : `sha${algorithm.slice(2)}`;
  const size = Number(algorithm.slice(2)) / 8;
  const how = algorithm.startsWith('PS') ? { padding: 6, saltLength: size } : {};
  return verify(hash, DATA, { key: key.publicKey, dsaEncoding: 'ieee-p1363', ...how }, signature);
}

describe('a signature by KMS', () => {
  it.each(SIGNATURE_ALGORITHMS)('is one of a JWS, by %s', async (algorithm) => {
    const key = keyFor(algorithm);
    const signer = await signerOf(key);
    expect(isValid(algorithm, key, await signer.sign(algorithm, DATA))).toBe(true);
  });

  it('of ECDSA is r and s of one length each, whatever the number of bytes that DER spends on them', async () => {
    const key = keyFor('ES256');
    const signer = await signerOf(key);
    const signatures = await Promise.all(Array.from({ length: 40 }, () => signer.sign('ES256', DATA)));
    expect(new Set(signatures.map(({ byteLength }) => byteLength))).toEqual(new Set([64]));
    expect(signatures.every((signature) => isValid('ES256', key, signature))).toBe(true);
  });

  it('tells the public key, for templates that name its thumbprint', async () => {
    const key = keyFor('RS256');
    const der = await (await signerOf(key)).publicKey?.();
    expect(Buffer.from(der ?? [])).toEqual(key.publicKey.export({ type: 'spki', format: 'der' }));
  });

  it('is asked for in the Region of the key, and of what is too long the digest is signed', async () => {
    const asked: unknown[] = [];
    const calls: Partial<KmsCalls> = {
      sign: async (input) => {
        asked.push(input);
        return { Signature: Buffer.from('signature') };
      },
    };
    const regions: string[] = [];
    const kms = async (region: string) => {
      regions.push(region);
      return calls as KmsCalls;
    };
    const kmsKeyArn = 'arn:aws-cn:kms:cn-north-1:111122223333:key/1';
    const signer = await createKmsSigner({ kms })({ kmsKeyArn });
    const long = Buffer.alloc(4097, 1);
    await signer.sign('PS384', DATA);
    await signer.sign('PS384', long);
    expect(regions).toEqual(['cn-north-1', 'cn-north-1']);
    expect(asked).toEqual([
      { KeyId: kmsKeyArn, Message: DATA, MessageType: 'RAW', SigningAlgorithm: 'RSASSA_PSS_SHA_384' },
      {
        KeyId: kmsKeyArn,
        Message: createHash('sha384').update(long).digest(),
        MessageType: 'DIGEST',
        SigningAlgorithm: 'RSASSA_PSS_SHA_384',
      },
    ]);
    expect(await tokenErrorOf(async () => signer.sign('EdDSA', long))).toMatchObject({
      kind: 'configuration',
      code: 'signing_key_unfit',
    });
  });
});

describe('where KMS does not sign', () => {
  it.each([
    ['AccessDeniedException', 'configuration', 'signing_denied', /allow kms:Sign on it to the roles/],
    ['NotFoundException', 'configuration', 'signing_key_missing', /does not exist: make one/],
    ['DisabledException', 'configuration', 'signing_key_unusable', /enable it \(aws kms enable-key\)/],
    ['KMSInvalidStateException', 'configuration', 'signing_key_unusable', /cancel-key-deletion/],
    ['InvalidKeyUsageException', 'configuration', 'signing_key_unfit', /cannot sign with RS256: name what/],
    ['UnrecognizedClientException', 'configuration', 'signing_refused', /was refused \(Unrecognized/],
    ['ThrottlingException', 'never-sent', 'signing_unavailable', /not possible at this moment/],
    ['KMSInternalException', 'never-sent', 'signing_unavailable', /nothing was sent/],
    ['SomethingNewException', 'never-sent', 'signing_unavailable', /nothing was sent/],
  ])('%s is %s, and says what to do', async (name, kind, code, message) => {
    const key = keyFor('RS256');
    const status = /New|Internal/.test(name) ? 500 : 400;
    aws.endpoint.inject = () => ({ before: new AwsError(name, canarySecret('words of AWS'), status) });
    const error = await tokenErrorOf(async () => (await signerOf(key)).sign('RS256', DATA));
    expect(error).toMatchObject({ kind, code, status: undefined, mayHaveSpent: false });
    expect(error.message).toMatch(message);
    expect(error.message).toContain(key.arn);
    expect(error.message).not.toContain('CANARY');
  });

  it('because the refresh has ended, nothing is wrong with the key', async () => {
    const error = await tokenErrorOf(async () =>
      (await signerOf(keyFor('RS256'), AbortSignal.abort())).sign('RS256', DATA),
    );
    expect(error).toMatchObject({ kind: 'never-sent', code: 'signing_unavailable' });
  });

  it('or its connection is cut, it is tried again later', async () => {
    aws.endpoint.inject = () => ({ before: 'reset' });
    const error = await tokenErrorOf(async () => (await signerOf(keyFor('RS256'))).sign('RS256', DATA));
    expect(error).toMatchObject({ kind: 'never-sent', code: 'signing_unavailable' });
  });
});
