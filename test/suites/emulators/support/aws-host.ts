import { CreateArchiveCommand, DescribeArchiveCommand } from '@aws-sdk/client-eventbridge';
import { inject } from 'vitest';
import { type AwsEndpointOptions, startAwsEndpoint } from '../../../../local/aws/endpoint.ts';
import type { LocalAwsClients } from '../../../../local/endpoint-clients.ts';
import { createAllAwsClients } from '../../../support/all-clients.ts';
import { canarySecret } from '../../../support/canary.ts';
import { startEmulator } from './emulator-process.ts';

export const REGION = 'us-east-1';

/** Something that answers as AWS does, with clients that speak to it. */
export interface AwsHost extends AsyncDisposable {
  readonly url: string;
  readonly clients: LocalAwsClients;
  /** The least time by which it tells two writes of secrets apart, milliseconds. */
  readonly tickMs: number;
  /** How many events the default bus has taken. */
  eventsTaken(): Promise<number>;
}

/** This project's own. */
export async function startLocalEndpoint(
  options: Pick<AwsEndpointOptions, 'authorize'> = {},
): Promise<AwsHost> {
  const endpoint = await startAwsEndpoint({ port: 0, ...options });
  const clients = clientsOf(endpoint.url);
  let taken = 0;
  endpoint.onEvent(() => {
    taken += 1;
  });
  return {
    url: endpoint.url,
    clients,
    tickMs: 1,
    eventsTaken: async () => {
      await endpoint.idle();
      return taken;
    },
    async [Symbol.asyncDispose]() {
      for (const client of Object.values(clients)) client.destroy();
      await endpoint.close();
    },
  };
}

/**
 * Moto judges a condition and writes in two steps, and takes each request in a thread: under load two of those
 * who ask at once are both told that the condition held, which DynamoDB never does. So it takes them in turn.
 */
const ONE_AT_A_TIME = [
  'from moto import server',
  'run = server.run_simple',
  "server.run_simple = lambda *given, **named: run(*given, **{**named, 'threaded': False})",
  'server.main()',
].join('\n');

/** Moto's server, which shares no code with the endpoint. */
export async function startMoto(): Promise<AwsHost> {
  const moto = await startEmulator({
    file: `${inject('commands')}/python`,
    parameters: (port) => ['-c', ONE_AT_A_TIME, '--host', '127.0.0.1', '--port', String(port)],
    environment: () => ({}),
  });
  const clients = clientsOf(moto.url);
  // The only way to see from outside what the bus has taken.
  const ArchiveName = 'all';
  const EventSourceArn = `arn:aws:events:${REGION}:123456789012:event-bus/default`;
  await clients.eventBridge.send(new CreateArchiveCommand({ ArchiveName, EventSourceArn }));
  return {
    url: moto.url,
    clients,
    tickMs: 1_000,
    eventsTaken: async () => {
      const { EventCount } = await clients.eventBridge.send(new DescribeArchiveCommand({ ArchiveName }));
      return EventCount ?? 0;
    },
    async [Symbol.asyncDispose]() {
      for (const client of Object.values(clients)) client.destroy();
      await moto[Symbol.asyncDispose]();
    },
  };
}

function clientsOf(endpoint: string): LocalAwsClients {
  process.env['AWS_ACCESS_KEY_ID'] = 'fake-access-key';
  process.env['AWS_SECRET_ACCESS_KEY'] = canarySecret('aws-secret-access-key');
  return createAllAwsClients({ region: REGION, endpoint });
}
