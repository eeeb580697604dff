import { randomUUID } from 'node:crypto';
import type { Context } from 'aws-lambda';
import type { AwsClients } from '../../functions/aws/clients.ts';
import { type Composition, compose, createLogger } from '../../functions/handlers/composition.ts';
import type { LeanCloud } from './start-lean-cloud.ts';

/** The functions as they are deployed, but that no write waits for its turn. */
export function unpaced({ origins }: Pick<LeanCloud, 'origins'>, clients: AwsClients): Composition {
  const config = {
    namespace: 'evertoken',
    stateTable: 'evertoken-state',
    secretWritesPerSecond: 1e9,
    parameterWritesPerSecond: 1e9,
    allowedTokenOrigins: origins,
    timeScale: 1,
  };
  return compose(config, { clients, logger: createLogger() });
}

/** Metrics are lines of the output, which Lambda takes and nobody wants to read here. */
export async function silently<T>(work: () => Promise<T>): Promise<T> {
  const { write } = process.stdout;
  process.stdout.write = () => true;
  try {
    return await work();
  } finally {
    process.stdout.write = write;
  }
}

/**
 * What Lambda tells a function, as far as a handler looks at it.
 * @param remainingMs until it is killed. Default: 14 minutes
 */
export function context(remainingMs = 840_000): Context {
  return {
    awsRequestId: randomUUID(),
    functionName: 'refresh-due',
    invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:refresh-due',
    memoryLimitInMB: '512',
    getRemainingTimeInMillis: () => remainingMs,
  } as Context;
}
