import { statusOf } from '../cli/connections/connection-status.ts';
import { troublesOf } from '../cli/text/trouble-groups.ts';
import { stateTableName } from '../functions/aws/resource-names.ts';
import { presetOf } from '../functions/connections/preset-of.ts';
import { RFC_PRESET } from '../functions/connections/resolve-connection.ts';
import { nextDueAt } from '../functions/refresh/connection-state.ts';
import type { Clock } from '../functions/refresh/ports/outside.ts';
import { health } from '../functions/refresh/rules/health.ts';
import { openDataDirectory } from './aws/data-directory.ts';
import { type AwsEndpoint, startAwsEndpoint } from './aws/endpoint.ts';
import { demoSetup, type LocalSetup } from './connections.ts';
import { type Consumer, startConsumer } from './demo/consumer.ts';
import { type DemoProviders, startDemoProviders } from './demo/demo-providers.ts';
import { typeOfDetail } from './demo/json-lines.ts';
import type { Reporter } from './demo/reporter.ts';
import type { ConnectionSummary } from './demo/summary.ts';
import type { Row } from './demo/view.ts';
import { createLocalAwsClients, LOCAL_REGION } from './endpoint-clients.ts';
import { inProcess } from './in-process-deployment.ts';
import type { DeployedFunctions, Deployment } from './local-deployment.ts';
import { type LocalOptions, timeScaleOf } from './options.ts';
import { startQueuePoller } from './queue-poller.ts';
import { makeSigningKeys } from './signing-keys.ts';
import { type StatusServer, startStatusServer } from './status-page/status-server.ts';
import { startTicker } from './ticker.ts';

const NAMESPACE = 'evertoken';
const STATE_TABLE = stateTableName(NAMESPACE);
const DAY_MS = 86_400_000;

export interface LocalSystemOptions
  extends Pick<LocalOptions, 'port' | 'tickSeconds' | 'lifetimeSeconds' | 'dataDirectory'> {
  /** By how much waits and quotas shrink. Default: an hour lasts one token lifetime. */
  readonly timeScale?: number;
  readonly clock: Clock;
  readonly reporter: Reporter;
  /** What to run, once the providers are known. Default: the demo. */
  readonly setupFor?: (providers: DemoProviders) => LocalSetup | Promise<LocalSetup>;
  /** Where the functions come from. Default: this process. */
  readonly deployment?: Deployment;
  /** Time between two reads of the consumer, by the clock. Default 1,000. */
  readonly readsEveryMs?: number;
  /** Text that every token of the local providers contains. Default none. */
  readonly mark?: string;
}

/** The whole of Evertoken, running on this machine. */
export interface LocalSystem {
  readonly namespace: string;
  readonly endpoint: AwsEndpoint;
  readonly providers: DemoProviders;
  readonly functions: DeployedFunctions;
  readonly statusPage: Pick<StatusServer, 'url'>;
  /** How every connection stands. */
  rows(): Promise<readonly Row[]>;
  /** Ends every part, lets what is under way finish, and says what the run came to. */
  stop(): Promise<readonly ConnectionSummary[]>;
}

/**
 * Starts the AWS endpoint, the providers, the functions, their ticks, and the consumer.
 * @throws Error when the port is taken or the data directory cannot be used
 */
export async function startLocalSystem(options: LocalSystemOptions): Promise<LocalSystem> {
  const { clock, reporter, lifetimeSeconds, setupFor = demoSetup, deployment = inProcess } = options;
  const { timeScale = timeScaleOf(lifetimeSeconds) } = options;
  const startedAt = clock.now();
  await using parts = new AsyncDisposableStack();

  const providers = await startDemoProviders(options);
  parts.defer(() => providers.close());
  const setup = await setupFor(providers);
  const endpoint = await startAwsEndpoint({
    port: options.port,
    clock,
    region: LOCAL_REGION,
    versionDayMs: DAY_MS / timeScale,
    ...(deployment.authorize && { authorize: deployment.authorize }),
    ...(deployment.roleOf && { roleOf: deployment.roleOf }),
    ...(options.dataDirectory !== undefined && {
      dataDirectory: await openDataDirectory(options.dataDirectory),
    }),
  });
  parts.defer(() => endpoint.close());
  await makeSigningKeys(setup.connections, endpoint.signingKeys);
  const clients = createLocalAwsClients(endpoint.url);
  parts.defer(() => {
    for (const client of Object.values(clients)) client.destroy();
  });

  endpoint.onEvent(({ source, 'detail-type': detailType, detail }) => {
    const type = source === NAMESPACE ? typeOfDetail(detailType) : undefined;
    if (type)
      reporter.event({ type, connection: String(detail['connection']), ...reported(detail) }, clock.now());
  });

  const functions = await deployment.deploy({
    endpoint,
    clients,
    clock,
    setup,
    tickSeconds: options.tickSeconds,
    config: {
      namespace: NAMESPACE,
      stateTable: STATE_TABLE,
      parameterWritesPerSecond: 40,
      secretWritesPerSecond: 20,
      allowedTokenOrigins: setup.allowedTokenOrigins,
      timeScale,
    },
  });
  parts.defer(() => functions.close());
  await endpoint.idle();
  const statusPage = await startStatusServer({
    ...functions.composition.ports,
    // Beside the endpoint; wherever there is room where that is taken, or the endpoint may be anywhere.
    ports: options.port === 0 ? [0] : [options.port + 1, 0],
  });
  parts.defer(() => statusPage.close());
  const state = functions.composition.ports.state;
  const generations = new Map<string, number>();
  for (const { name, isRemote = false } of setup.connections) {
    // The providers of this machine have forgotten what they issued in an earlier run.
    if (!isRemote) await state.wake(name, startedAt);
    generations.set(name, (await state.get(name))?.generation ?? 0);
  }

  reporter.started(
    {
      endpointUrl: endpoint.url,
      statusUrl: statusPage.url,
      namespace: NAMESPACE,
      connections: setup.connections.map(({ name }) => name),
      tickSeconds: options.tickSeconds,
      lifetimeSeconds,
      timeScale,
    },
    clock.now(),
  );
  const onError = (error: unknown) => {
    const detail = error instanceof Error ? `${error.name}: ${error.message}` : 'unknown';
    reporter.event({ type: 'tick-failed', detail }, clock.now());
  };
  const tick = { clock, onError };
  const tickers = functions.schedules.map(({ everyMs, run }) => startTicker({ ...tick, everyMs, work: run }));
  const pollers = functions.deliveries.map((delivery) => startQueuePoller({ ...tick, delivery }));
  const consumer = startConsumer({
    tokens: setup.connections.map(({ name, protectedUrl, isRemote = false }) => ({
      connection: name,
      secretId: `${NAMESPACE}/tokens/${name}`,
      protectedUrl,
      ...(!isRemote && { obtainedFrom: startedAt }),
    })),
    secretsManager: clients.secretsManager,
    ssm: clients.ssm,
    clock,
    ...(options.readsEveryMs !== undefined && { everyMs: options.readsEveryMs }),
    onEvent: (event) => reporter.event({ ...event }, clock.now()),
  });

  const rows = () => readRows(functions, consumer, generations, clock.now());
  const running = parts.move();
  return {
    namespace: NAMESPACE,
    endpoint,
    providers,
    functions,
    statusPage,
    rows,
    stop: async () => {
      try {
        await Promise.all([...tickers, ...pollers, consumer].map((part) => part.stop()));
        await endpoint.idle();
        return (await rows()).map(({ connection, health, refreshes }) => ({
          connection,
          health,
          refreshes,
          ...countsOf(consumer, connection),
        }));
      } finally {
        await running.disposeAsync();
      }
    },
  };
}

/** Whatever is registered: also what somebody has declared at the endpoint meanwhile. */
async function readRows(
  { composition }: DeployedFunctions,
  consumer: Consumer,
  generations: ReadonlyMap<string, number>,
  now: number,
): Promise<Row[]> {
  const { state, presets } = composition.ports;
  const states = await Array.fromAsync(state.list());
  const order = [...generations.keys()];
  const place = (name: string) => (order.includes(name) ? order.indexOf(name) : order.length);
  states.sort((one, other) => place(one.name) - place(other.name) || (one.name < other.name ? -1 : 1));
  return Promise.all(
    states.map(async (connection) => {
      const { definition } = connection;
      const preset = await presetOf(definition, presets).catch(() => RFC_PRESET);
      const { reads, rejected } = countsOf(consumer, connection.name);
      return {
        connection: connection.name,
        grants: definition.grants ?? preset.grants,
        health: health(connection, now),
        expiresAt: connection.expiresAt,
        nextRefreshAt: connection.paused ? undefined : nextDueAt(connection),
        refreshes: connection.generation - (generations.get(connection.name) ?? 0),
        reads,
        rejected,
        troubles: troublesOf(statusOf(connection, now, NAMESPACE)),
      };
    }),
  );
}

function countsOf(consumer: Consumer, connection: string) {
  return consumer.counts.get(connection) ?? { reads: 0, rejected: 0, expired: 0, missing: 0, failed: 0 };
}

/** What an event of Evertoken's says, beside the connection. */
function reported({ outcome, health, code, expiresAt }: Readonly<Record<string, unknown>>) {
  return { outcome, health, code, expiresAt };
}
