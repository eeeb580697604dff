import { stateTableName } from '../functions/aws/resource-names.ts';
import type { WritePace } from '../functions/aws/secrets/write-pace.ts';
import type { Clock } from '../functions/refresh/ports/outside.ts';
import type { StateTable } from '../functions/refresh/ports/state-table.ts';
import type {
  CredentialsStore,
  DeclaredConnections,
  RefreshTokenStore,
  RescueStore,
} from '../functions/refresh/ports/stores.ts';
import type { CliClients } from './aws/cli-clients.ts';
import type { Declarations } from './aws/declarations.ts';
import type { FunctionLogs } from './aws/function-logs.ts';
import type { OperatorSecrets } from './aws/operator-secrets.ts';
import type { RefreshFunction } from './aws/refresh-function.ts';
import { late, once } from './late.ts';

/** What a deployment keeps in AWS. */
export interface LateStores {
  readonly state: StateTable;
  readonly declared: DeclaredConnections;
  readonly declarations: Declarations;
  readonly credentials: CredentialsStore;
  readonly refreshTokens: RefreshTokenStore;
  readonly rescues: RescueStore;
  readonly secrets: OperatorSecrets;
  readonly refreshFunction: RefreshFunction;
  readonly functionLogs: FunctionLogs;
}

export interface LateStoresProps {
  readonly namespace: string;
  readonly clients: CliClients;
  readonly pace: WritePace;
  readonly clock: Clock;
  /** Of new secrets; `undefined` for the account's own. */
  readonly encryptionKey: () => Promise<string | undefined>;
}

/** Each is loaded, with the client that it takes, when it is asked for something. */
export function lateStores({ namespace, clients, pace, clock, encryptionKey }: LateStoresProps): LateStores {
  const state = once(async () => {
    const { createStateTable } = await import('../functions/aws/state-table/create-state-table.ts');
    return createStateTable({ client: await clients.dynamodb(), tableName: stateTableName(namespace) });
  });
  const declared = once(async () => {
    const { createDeclaredConnections } = await import(
      '../functions/aws/parameters/parameter-declarations.ts'
    );
    return createDeclaredConnections({ client: await clients.ssm(), namespace });
  });
  const secretsOptions = async () => ({ client: await clients.secretsManager(), namespace, pace });
  return {
    state: late(state, {
      async *list(...call) {
        yield* (await state()).list(...call);
      },
      async *due(...call) {
        yield* (await state()).due(...call);
      },
      async *registered(...call) {
        yield* (await state()).registered(...call);
      },
    }),
    declared: late(declared, {
      async *list(...call) {
        yield* (await declared()).list(...call);
      },
    }),
    declarations: late(async () => {
      const { createDeclarations } = await import('./aws/declarations.ts');
      return createDeclarations({ client: await clients.ssm(), namespace });
    }),
    credentials: late(async () => {
      const { createCredentialsStore } = await import('../functions/aws/secrets/credentials-store.ts');
      return createCredentialsStore({ ...(await secretsOptions()), clock, cacheMs: 0 });
    }),
    refreshTokens: late(async () => {
      const { createRefreshTokenStore } = await import('../functions/aws/secrets/refresh-token-store.ts');
      return createRefreshTokenStore(await secretsOptions());
    }),
    rescues: late(async () => {
      const { createRescueStore } = await import('../functions/aws/parameters/rescue-store.ts');
      return createRescueStore({ client: await clients.ssm(), namespace, clock });
    }),
    secrets: late(async () => {
      const { createOperatorSecrets } = await import('./aws/operator-secrets.ts');
      return createOperatorSecrets({ client: await clients.secretsManager(), pace, encryptionKey });
    }),
    refreshFunction: late(async () => {
      const { createRefreshFunction } = await import('./aws/refresh-function.ts');
      return createRefreshFunction({ client: await clients.lambda(), namespace });
    }),
    functionLogs: late(async () => {
      const { createFunctionLogs } = await import('./aws/function-logs.ts');
      return createFunctionLogs({ lambda: await clients.lambda(), logs: clients.logs, namespace });
    }),
  };
}
