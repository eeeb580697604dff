import {
  GetPublicKeyCommand,
  type GetPublicKeyCommandInput,
  KMSClient,
  type KMSClientConfig,
  SignCommand,
  type SignCommandInput,
} from '@aws-sdk/client-kms';

interface CallOptions {
  readonly abortSignal?: AbortSignal;
}

/** What is called of KMS. @throws the SDK's errors */
export interface KmsCalls {
  sign(
    input: SignCommandInput,
    options?: CallOptions,
  ): Promise<{ readonly Signature?: Uint8Array | undefined }>;
  /** Answers with SubjectPublicKeyInfo in DER. */
  getPublicKey(
    input: GetPublicKeyCommandInput,
    options?: CallOptions,
  ): Promise<{ readonly PublicKey?: Uint8Array | undefined }>;
  destroy(): void;
}

/**
 * KMS, as far as it is called. A module of its own, so that it is loaded when a key first signs, and no more of the
 * SDK is bundled.
 */
export function createKmsCalls(config: KMSClientConfig): KmsCalls {
  const client = new KMSClient(config);
  return {
    sign: (input, options) => client.send(new SignCommand(input), options),
    getPublicKey: (input, options) => client.send(new GetPublicKeyCommand(input), options),
    destroy: () => client.destroy(),
  };
}
