import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SSMClient } from '@aws-sdk/client-ssm';
import { type AwsClientsProps, clientConfig, createAwsClients } from '../../functions/aws/clients.ts';
import type { LocalAwsClients } from '../../local/endpoint-clients.ts';

/** The functions' clients, and at once those that they load on demand, configured the same. */
export function createAllAwsClients(props: AwsClientsProps): LocalAwsClients {
  const config = clientConfig(props);
  return {
    ...createAwsClients(props),
    ssm: new SSMClient(config),
    eventBridge: new EventBridgeClient(config),
  };
}
