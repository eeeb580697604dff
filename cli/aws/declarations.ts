import { DeleteParameterCommand, PutParameterCommand, type SSMClient } from '@aws-sdk/client-ssm';
import { storeCall } from '../../functions/aws/aws-error.ts';
import { parameterName } from '../../functions/aws/resource-names.ts';
import type { Connection } from '../../functions/connections/connection.ts';
import { StoreError } from '../../functions/refresh/ports/stores.ts';

/** Declares connections in Parameter Store, beside those that CDK declares. */
export interface Declarations {
  /** @throws StoreError */
  put(name: string, connection: Connection): Promise<void>;
  /** Does nothing where there is none. @throws StoreError */
  delete(name: string): Promise<void>;
}

export function createDeclarations({
  client,
  namespace,
}: {
  readonly client: SSMClient;
  readonly namespace: string;
}): Declarations {
  return {
    async put(name, connection) {
      const parameter = parameterName.connection(namespace, name);
      const command = new PutParameterCommand({
        Name: parameter,
        Description: `Connection "${name}" of Evertoken, declared with the evertoken command: edit it there`,
        Type: 'String',
        Tier: 'Intelligent-Tiering',
        // Two braces would be a reference, which Parameter Store refuses. In JSON they can only meet inside
        // a string, where an escape means the same.
        Value: JSON.stringify(connection).replaceAll('{{', '{\\u007b'),
        Overwrite: true,
      });
      await storeCall(`PutParameter ${parameter}`, () => client.send(command));
    },
    async delete(name) {
      const parameter = parameterName.connection(namespace, name);
      try {
        await storeCall(`DeleteParameter ${parameter}`, () =>
          client.send(new DeleteParameterCommand({ Name: parameter })),
        );
      } catch (error) {
        if (!(error instanceof StoreError && error.kind === 'missing')) throw error;
      }
    },
  };
}
