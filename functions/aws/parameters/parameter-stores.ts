import type { SSMClient } from '@aws-sdk/client-ssm';
import type { Clock } from '../../refresh/ports/outside.ts';
import type { DeclaredConnections, RescueStore } from '../../refresh/ports/stores.ts';
import type { WritePace } from '../secrets/write-pace.ts';
import { createDeclaredConnections } from './parameter-declarations.ts';
import { createRescueStore } from './rescue-store.ts';
import { createTokenParameters, type TokenParameters } from './token-parameters.ts';

export interface ParameterStoresProps {
  readonly client: SSMClient;
  readonly namespace: string;
  readonly clock: Pick<Clock, 'now'>;
  /** Of tokens. */
  readonly pace: WritePace;
  /** The key that tokens are written under. Default: the account's `aws/ssm`. */
  readonly tokenKey: string | undefined;
  /** The same of rescues. */
  readonly rescueKey: string | undefined;
}

/** All that is kept in Parameter Store. */
export interface ParameterStores {
  readonly tokens: TokenParameters;
  readonly rescues: RescueStore;
  readonly declared: DeclaredConnections;
}

/** What is loaded together when a parameter is first asked for. */
export function createParameterStores(props: ParameterStoresProps): ParameterStores {
  const { client, namespace, clock, pace, tokenKey, rescueKey } = props;
  return {
    tokens: createTokenParameters({ client, namespace, keyId: tokenKey, pace }),
    rescues: createRescueStore({ client, namespace, clock, keyId: rescueKey }),
    declared: createDeclaredConnections({ client, namespace }),
  };
}
