import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { SSMClient } from '@aws-sdk/client-ssm';

/** Reads the value of a parameter, decrypted. It rejects as the SDK does. */
export type ParameterRead = (name: string, abortSignal: AbortSignal) => Promise<string | undefined>;

/**
 * The SDK's client is loaded when the first token lies in a parameter: most consumers have none that does.
 * @param ssm by default one that reaches AWS as `client` does, but for its endpoint, which is another service's
 */
export function createParameterRead(client: SecretsManagerClient, ssm?: SSMClient): ParameterRead {
  let used = ssm;
  return async (Name, abortSignal) => {
    const { GetParameterCommand, SSMClient } = await import('@aws-sdk/client-ssm');
    const { region, credentials, requestHandler } = client.config;
    used ??= new SSMClient({ region, credentials, requestHandler });
    const command = new GetParameterCommand({ Name, WithDecryption: true });
    return (await used.send(command, { abortSignal })).Parameter?.Value;
  };
}
