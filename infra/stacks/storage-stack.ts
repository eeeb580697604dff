import { Stack, type StackProps } from 'aws-cdk-lib';
import { Key } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import type { Connection as Definition } from '../../functions/connections/connection.ts';
import { declareConnections } from '../constructs/connections.ts';
import { TokenStorage, type TokenStorageProps } from '../constructs/token-storage.ts';

export interface StorageStackProps extends StackProps, Pick<TokenStorageProps, 'namespace' | 'encryption'> {
  /**
   * Of an existing key, as `key` of `TokenStorage`.
   * @default - a new one, unless `encryption` is `aws-managed`
   */
  readonly keyArn?: string | undefined;
  readonly connections: ReadonlyMap<string, Definition>;
}

/**
 * What must not be lost: key, state table, and the secrets of declared connections. Protected from deletion,
 * and all but the declarations kept when the stack is deleted nonetheless.
 */
export class StorageStack extends Stack {
  readonly storage: TokenStorage;

  constructor(scope: Construct, id: string, props: StorageStackProps) {
    super(scope, id, { terminationProtection: true, ...props });
    const { keyArn, namespace, encryption } = props;
    this.storage = new TokenStorage(this, 'Storage', {
      ...(namespace !== undefined && { namespace }),
      ...(encryption !== undefined && { encryption }),
      ...(keyArn !== undefined && { key: Key.fromKeyArn(this, 'ExistingKey', keyArn) }),
    });
    declareConnections(this, this.storage, props.connections);
  }
}
