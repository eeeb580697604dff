import { SSMClient, type SSMClientConfig } from '@aws-sdk/client-ssm';

/** A module of its own, so that it is loaded when a parameter is first asked for: most refreshes need none. */
export function createSsmClient(config: SSMClientConfig): SSMClient {
  return new SSMClient(config);
}
