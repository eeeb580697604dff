import {
  GetWebIdentityTokenCommand,
  type GetWebIdentityTokenCommandInput,
  STSClient,
  type STSClientConfig,
} from '@aws-sdk/client-sts';

/** What is called of STS. @throws the SDK's errors */
export interface StsCalls {
  getWebIdentityToken(
    input: GetWebIdentityTokenCommandInput,
    options?: { readonly abortSignal?: AbortSignal },
  ): Promise<{ readonly WebIdentityToken?: string | undefined }>;
  destroy(): void;
}

/**
 * STS, as far as it is called. A module of its own, so that it is loaded when an identity is first proved, and no more
 * of the SDK is bundled.
 */
export function createStsCalls(config: STSClientConfig): StsCalls {
  const client = new STSClient(config);
  return {
    getWebIdentityToken: (input, options) => client.send(new GetWebIdentityTokenCommand(input), options),
    destroy: () => client.destroy(),
  };
}
