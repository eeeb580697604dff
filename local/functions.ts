import { Logger } from '@aws-lambda-powertools/logger';
import type { Context } from 'aws-lambda';
import type { AwsClients } from '../functions/aws/clients.ts';
import type { BufferedMetrics } from '../functions/aws/metrics.ts';
import { functionName } from '../functions/aws/resource-names.ts';
import { type Composition, compose } from '../functions/handlers/composition.ts';
import type { Config } from '../functions/handlers/config.ts';
import { reconcileHandler } from '../functions/handlers/reconcile.ts';
import { refreshDueHandler } from '../functions/handlers/refresh-due.ts';
import { refreshNowHandler } from '../functions/handlers/refresh-now.ts';
import { rotateSecretHandler } from '../functions/handlers/rotate-secret.ts';
import type { Clock } from '../functions/refresh/clock.ts';
import type { AwsEndpoint } from './aws/endpoint.ts';
import type { FunctionHandler } from './aws/functions.ts';

/** The functions of a deployment, in this process. */
export interface DeployedFunctions {
  readonly composition: Composition;
  /** One scheduled run. @throws FunctionFailed */
  refreshDue(): Promise<void>;
  /** One scheduled run. @throws FunctionFailed */
  reconcile(): Promise<void>;
}

/** A function threw. The message is the class of what it threw. */
export class FunctionFailed extends Error {
  override readonly name = 'FunctionFailed';
}

export interface DeployOptions {
  readonly endpoint: AwsEndpoint;
  readonly clients: AwsClients;
  readonly config: Config;
  readonly clock: Clock;
}

/**
 * Registers the functions at the endpoint, where they can be invoked by name, and connects the events
 * that the rules of a deployment would bring them.
 */
export function deployFunctions({ endpoint, clients, config, clock }: DeployOptions): DeployedFunctions {
  const { functions } = endpoint;
  const name = (handler: string) => functionName(config.namespace, handler);
  const composition = quiet(
    compose(config, { clock, clients, logger: new Logger({ serviceName: 'evertoken', logLevel: 'SILENT' }) }),
  );
  functions.set(name('refresh-due'), deployed(refreshDueHandler(() => composition)));
  functions.set(name('refresh-now'), deployed(refreshNowHandler(() => composition)));
  functions.set(name('rotate-secret'), deployed(rotateSecretHandler(() => composition)));
  functions.set(name('reconcile'), deployed(reconcileHandler(() => composition)));

  endpoint.onParameterChange((event) => functions.run(name('refresh-now'), event));
  endpoint.onEvent(async (event) => {
    if (event['detail-type'] === 'Refresh Requested') await functions.run(name('refresh-now'), event);
  });

  async function scheduled(handler: string): Promise<void> {
    const { payload, failed } = await functions.run(name(handler), {});
    if (failed) throw new FunctionFailed(`${handler}: ${JSON.parse(payload).errorType}`);
  }
  return {
    composition,
    refreshDue: () => scheduled('refresh-due'),
    reconcile: () => scheduled('reconcile'),
  };
}

/** Lambda's context has callbacks of old beside what the endpoint brings; nothing here calls them. */
function deployed(handler: (event: unknown, context: Context) => unknown): FunctionHandler {
  return (event, context) => handler(event, context as unknown as Context);
}

/** Metrics are lines on standard output, which belongs to the view. */
function quiet(composition: Composition): Composition {
  const metrics: BufferedMetrics = { count: () => {}, gauge: () => {}, flush: () => {} };
  return { ...composition, metrics, ports: { ...composition.ports, metrics } };
}
