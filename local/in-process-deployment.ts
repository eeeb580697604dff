import type { Context } from 'aws-lambda';
import type { BufferedMetrics } from '../functions/aws/metrics.ts';
import { functionName } from '../functions/aws/resource-names.ts';
import { declaredPlace } from '../functions/connections/check-connection.ts';
import { presetOf } from '../functions/connections/preset-of.ts';
import { type Composition, compose, createLogger } from '../functions/handlers/composition.ts';
import { reconcileHandler } from '../functions/handlers/reconcile.ts';
import { refreshDueHandler } from '../functions/handlers/refresh-due.ts';
import { refreshNowHandler } from '../functions/handlers/refresh-now.ts';
import { rotateSecretHandler } from '../functions/handlers/rotate-secret.ts';
import { statusActionHandler } from '../functions/handlers/status-action.ts';
import { statusWidgetHandler } from '../functions/handlers/status-widget.ts';
import { loadPreset } from '../functions/providers/load-preset.ts';
import type { FunctionHandler } from './aws/function-registry.ts';
import type { LocalQueue } from './aws/sqs/queues.ts';
import {
  type DeployedFunctions,
  type Deployment,
  type DeployProps,
  FunctionFailed,
} from './local-deployment.ts';
import { messagesEvent } from './queue-poller.ts';
import { seed } from './seed.ts';

const HOUR_MS = 3_600_000;

/** The functions in this process, from their sources: for tests, which move the clock. Nothing is refused. */
export const inProcess: Deployment = {
  deploy: async (props) => {
    const { config, clients, clock, setup } = props;
    const queue = await wakeUpQueue(props);
    const functions = deployFunctions(props, queue);
    const { namespace, stateTable } = config;
    await seed(setup, { clients, namespace, stateTable, now: clock.now() });
    return functions;
  },
};

/**
 * Registers the functions at the endpoint, where they can be invoked by name, and connects the events
 * that the rules of a deployment would bring them.
 */
function deployFunctions(
  { endpoint, clients, config, clock, tickSeconds }: DeployProps,
  queue: LocalQueue | undefined,
): DeployedFunctions {
  const { functions } = endpoint;
  const name = (handler: string) => functionName(config.namespace, handler);
  const composition = quiet(
    compose(
      { ...config, statusButtons: true, ...(queue && { wakeUpQueue: queue.url }) },
      { clock, clients, logger: createLogger({ logLevel: 'SILENT' }) },
    ),
  );
  functions.set(name('refresh-due'), deployed(refreshDueHandler(() => composition)));
  functions.set(name('refresh-now'), deployed(refreshNowHandler(() => composition)));
  functions.set(name('rotate-secret'), deployed(rotateSecretHandler(() => composition)));
  functions.set(name('reconcile'), deployed(reconcileHandler(() => composition)));
  functions.set(name('status-widget'), deployed(statusWidgetHandler(() => composition)));
  functions.set(name('status-action'), deployed(statusActionHandler(() => composition)));

  endpoint.onParameterChange((event) => functions.run(name('refresh-now'), event));
  endpoint.onEvent(async (event) => {
    if (event['detail-type'] === 'Refresh Requested') await functions.run(name('refresh-now'), event);
  });

  async function scheduled(handler: string, event: object = {}): Promise<void> {
    const { payload, failed } = await functions.run(name(handler), event);
    if (failed) throw new FunctionFailed(`${handler}: ${JSON.parse(payload).errorType}`);
  }
  const refreshDue = () => scheduled('refresh-due');
  const reconcile = () => scheduled('reconcile');
  return {
    composition,
    refreshDue,
    reconcile,
    deliveries: queue
      ? [
          {
            queue,
            batchSize: 8,
            run: (messages) => scheduled('refresh-now', messagesEvent(queue, messages)),
          },
        ]
      : [],
    schedules: [
      { everyMs: tickSeconds * 1000, run: refreshDue },
      { everyMs: HOUR_MS / config.timeScale, run: reconcile },
    ],
    close: () => {},
  };
}

/** As a deployment has it: only where a declared connection lies in a parameter. */
async function wakeUpQueue({ endpoint, config, setup }: DeployProps): Promise<LocalQueue | undefined> {
  for (const { definition } of setup.connections) {
    if (declaredPlace(definition, await presetOf(definition, loadPreset)) !== 'parameter') continue;
    return endpoint.queues.create(`${config.namespace}-wake-ups`, { visibilityTimeoutMs: 300_000 });
  }
  return undefined;
}

/** Lambda's context has callbacks of old beside what the endpoint brings; nothing here calls them. */
function deployed(handler: (event: unknown, context: Context) => unknown): FunctionHandler {
  return (event, context) => handler(event, context as unknown as Context);
}

/** Metrics are lines on standard output, which belongs to the view. */
export function quiet(composition: Composition): Composition {
  const metrics: BufferedMetrics = { count: () => {}, gauge: () => {}, flush: () => {} };
  return { ...composition, metrics, ports: { ...composition.ports, metrics } };
}
