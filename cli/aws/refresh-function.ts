import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { storeCall } from '../../functions/aws/aws-error.ts';
import { functionName } from '../../functions/aws/resource-names.ts';
import type { CallOptions } from '../../functions/refresh/ports/outside.ts';
import type { RefreshResult } from '../../functions/refresh/refresh-result.ts';
import { CommandFailed } from '../command-failed.ts';

/** The deployed `refresh-now`. */
export interface RefreshFunction {
  /** At most 100 connections. @throws StoreError, CommandFailed when the function itself failed */
  refresh(connections: readonly string[], force: boolean, options?: CallOptions): Promise<RefreshResult[]>;
  /** Asks Lambda whether the function is there and may be invoked; runs nothing. @throws StoreError */
  dryRun(): Promise<void>;
}

export function createRefreshFunction({
  client,
  namespace,
}: {
  readonly client: LambdaClient;
  readonly namespace: string;
}): RefreshFunction {
  const name = functionName(namespace, 'refresh-now');
  return {
    async refresh(connections, force, { signal } = {}) {
      const command = new InvokeCommand({
        FunctionName: name,
        Payload: JSON.stringify({ connections, force }),
      });
      const { FunctionError, Payload } = await storeCall(`Invoke ${name}`, () =>
        client.send(command, signal && { abortSignal: signal }),
      );
      const answer = readAnswer(Payload?.transformToString() ?? '');
      if (FunctionError === undefined && answer?.results !== undefined) return answer.results;
      const reason = answer?.errorType === undefined ? '' : ` (${answer.errorType})`;
      throw new CommandFailed(`The function ${name} failed${reason}: look into its log.`);
    },
    async dryRun() {
      const command = new InvokeCommand({ FunctionName: name, InvocationType: 'DryRun' });
      await storeCall(`Invoke ${name}`, () => client.send(command));
    },
  };
}

interface Answer {
  readonly results?: RefreshResult[];
  readonly errorType?: string;
}

function readAnswer(payload: string): Answer | undefined {
  try {
    return JSON.parse(payload) as Answer;
  } catch {
    return undefined;
  }
}
