import { constants, sign } from 'node:crypto';
import { z } from 'zod';
import { AwsError, unknownOperation } from '../wire/error-answer.ts';
import { jsonOperation, jsonService } from '../wire/json-service.ts';
import type { Service } from '../wire/message.ts';
import type { KeySpec, SigningKey, SigningKeys } from './signing-keys.ts';

const SIZES = ['256', '384', '512'] as const;
const RSA_ALGORITHMS = SIZES.flatMap(
  (size) => [`RSASSA_PKCS1_V1_5_SHA_${size}`, `RSASSA_PSS_SHA_${size}`] as const,
);

/** What each kind of key can do. */
const ALGORITHMS: Readonly<Record<KeySpec, readonly string[]>> = {
  RSA_2048: RSA_ALGORITHMS,
  RSA_3072: RSA_ALGORITHMS,
  RSA_4096: RSA_ALGORITHMS,
  ECC_NIST_P256: ['ECDSA_SHA_256'],
  ECC_NIST_P384: ['ECDSA_SHA_384'],
  ECC_NIST_P521: ['ECDSA_SHA_512'],
  ECC_NIST_EDWARDS25519: ['ED25519_SHA_512'],
};

const MOST_MESSAGE_BYTES = 4096;

const keyId = z.string().min(1).max(2048);

/** Signing with keys of KMS, over `keys`. */
export function kms(keys: SigningKeys): Service {
  const Sign = jsonOperation({
    input: z.strictObject({
      KeyId: keyId,
      Message: z.base64(),
      MessageType: z.enum(['RAW', 'DIGEST']).optional(),
      SigningAlgorithm: z.enum([...new Set(Object.values(ALGORITHMS).flat())]),
    }),
    run: ({ KeyId, Message, MessageType = 'RAW', SigningAlgorithm }) => {
      if (MessageType !== 'RAW') throw unknownOperation(`the message type ${MessageType} of kms`);
      const message = Buffer.from(Message, 'base64');
      if (message.length > MOST_MESSAGE_BYTES) {
        throw new AwsError(
          'ValidationException',
          `1 validation error detected: Value at 'message' failed to satisfy constraint: Member must have length less than or equal to ${MOST_MESSAGE_BYTES}`,
        );
      }
      const key = usable(keys, KeyId);
      if (!ALGORITHMS[key.keySpec].includes(SigningAlgorithm)) {
        throw new AwsError(
          'InvalidKeyUsageException',
          `Algorithm ${SigningAlgorithm} is incompatible with key spec ${key.keySpec}.`,
        );
      }
      const signature = signed(key, SigningAlgorithm, message).toString('base64');
      return { KeyId: key.arn, Signature: signature, SigningAlgorithm };
    },
  });

  const GetPublicKey = jsonOperation({
    input: z.strictObject({ KeyId: keyId }),
    run: ({ KeyId }) => {
      const { arn, keySpec, publicKey } = usable(keys, KeyId);
      return {
        KeyId: arn,
        KeySpec: keySpec,
        CustomerMasterKeySpec: keySpec,
        KeyUsage: 'SIGN_VERIFY',
        PublicKey: publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
        SigningAlgorithms: ALGORITHMS[keySpec],
      };
    },
  });

  return jsonService({
    name: 'kms',
    targetPrefix: 'TrentService',
    messageMember: 'message',
    resourceMembers: ['KeyId'],
    // Keys live as long as the endpoint.
    save: async () => {},
    operations: { GetPublicKey, Sign },
  });
}

function usable(keys: SigningKeys, id: string): SigningKey {
  const key = keys.find(id);
  if (key === undefined) throw new AwsError('NotFoundException', 'The key does not exist.');
  if (!key.enabled) throw new AwsError('DisabledException', `${key.arn} is disabled.`);
  return key;
}

/** Of ECDSA in DER, as KMS gives it. */
function signed({ privateKey }: SigningKey, algorithm: string, message: Buffer): Buffer {
  if (algorithm === 'ED25519_SHA_512') return sign(null, message, privateKey);
  const hash = `sha${algorithm.slice(-3)}`;
  if (!algorithm.startsWith('RSASSA_PSS')) return sign(hash, message, privateKey);
  const padding = constants.RSA_PKCS1_PSS_PADDING;
  return sign(hash, message, { key: privateKey, padding, saltLength: constants.RSA_PSS_SALTLEN_DIGEST });
}
