import { Logger } from '@aws-lambda-powertools/logger';
import type { ConstructorOptions } from '@aws-lambda-powertools/logger/types';
import { type AwsClients, createAwsClients } from '../aws/clients.ts';
import { countSecretCalls } from '../aws/count-calls.ts';
import { createEvents } from '../aws/events.ts';
import { createIdentityTokens } from '../aws/identity-token.ts';
import { createKmsSigner } from '../aws/kms-signer.ts';
import { type BufferedMetrics, createMetrics } from '../aws/metrics.ts';
import { parametersOnDemand } from '../aws/parameters/parameters-on-demand.ts';
import { createRefreshRequests } from '../aws/refresh-requests.ts';
import { createCredentialsStore } from '../aws/secrets/credentials-store.ts';
import { createRefreshTokenStore } from '../aws/secrets/refresh-token-store.ts';
import { createRotationSecrets, createTokenStore } from '../aws/secrets/token-store.ts';
import { createWritePace } from '../aws/secrets/write-pace.ts';
import { createStateTable } from '../aws/state-table/create-state-table.ts';
import { createHistory } from '../aws/state-table/history-items.ts';
import { createWakeUps } from '../aws/wake-ups.ts';
import { createTokenEndpoint, type TokenEndpointOptions } from '../oauth/transport/token-endpoint.ts';
import { loadPreset } from '../providers/load-preset.ts';
import { Cooldowns } from '../refresh/cooldowns.ts';
import { FairLimit } from '../refresh/fair-limit.ts';
import type { Clock, Log, Random } from '../refresh/ports/outside.ts';
import type { RefreshRequests } from '../refresh/ports/refresh-requests.ts';
import type { DeclaredConnections } from '../refresh/ports/stores.ts';
import { RequestGate } from '../refresh/request-gate.ts';
import type { RotationPorts } from '../refresh/rotate-secret.ts';
import { scaleTiming, TIMING } from '../refresh/rules/timing.ts';
import { inertValue } from '../text/inert.ts';
import { type Config, readConfig } from './config.ts';
import { systemClock, systemRandom } from './system-clock.ts';

/** Exchanges that spend a refresh token in flight at once in one process: what a kill could cost. */
const SPENDING = { overall: 8, perKey: 6 };

/** Reads of Parameter Store that reconciling makes, of the account's 40: readers of tokens need some, too. */
export const PARAMETER_READS_PER_SECOND = 36;

/** A process's adapters, wired. They live as long as the process, so that clients and caches stay warm. */
export interface Composition {
  readonly config: Config;
  readonly ports: RotationPorts &
    ReconcilePorts & { readonly requests: RequestGate; readonly refreshRequests: RefreshRequests };
  readonly metrics: BufferedMetrics;
  readonly logger: Logger;
}

type ReconcilePorts = {
  readonly declared: DeclaredConnections;
  readonly readPace: ReturnType<typeof createWritePace>;
  readonly secretWritesPerSecond: number;
};

export interface CompositionProps {
  readonly clock?: Clock;
  readonly random?: Random;
  readonly clients?: AwsClients;
  readonly logger?: Logger;
  /** How the token endpoint is reached. Default: the limits, name service and authorities of production. */
  readonly tokenEndpoint?: Pick<TokenEndpointOptions, 'limits' | 'lookup' | 'ca'>;
}

/** Wires the adapters of one process. */
export function compose(config: Config, props: CompositionProps = {}): Composition {
  const { clock = systemClock, random = systemRandom } = props;
  const { clients = createAwsClients(), logger = createLogger() } = props;
  const { namespace } = config;
  const log = logOf(logger);
  const timing = scaleTiming(TIMING, config.timeScale);
  const table = { client: clients.dynamodb, tableName: config.stateTable };
  const state = createStateTable(table);
  const pace = createWritePace({ perSecond: config.secretWritesPerSecond, clock });
  const secrets = { client: clients.secretsManager, namespace, pace };
  const metrics = createMetrics({ namespace });
  countSecretCalls(clients.secretsManager, metrics);
  const parameters = parametersOnDemand({
    clients: clients.onDemand,
    namespace,
    clock,
    metrics,
    pace: createWritePace({ perSecond: config.parameterWritesPerSecond, clock }),
    tokenKey: config.tokenKey,
    rescueKey: config.rescueKey,
  });
  const ports = {
    namespace,
    clock,
    random,
    timing,
    state,
    credentials: createCredentialsStore({
      ...secrets,
      clock,
      cacheMs: timing.credentialsCacheMs,
      knownMs: timing.credentialsKnownMs,
    }),
    refreshTokens: createRefreshTokenStore(secrets),
    tokens: createTokenStore({ ...secrets, parameters: parameters.tokens }),
    rotation: createRotationSecrets(secrets),
    rescues: parameters.rescues,
    declared: parameters.declared,
    readPace: createWritePace({ perSecond: PARAMETER_READS_PER_SECOND, clock }),
    secretWritesPerSecond: config.secretWritesPerSecond,
    presets: loadPreset,
    tokenEndpoint: createTokenEndpoint({
      ...props.tokenEndpoint,
      now: () => clock.now(),
      uuid: () => random.uuid(),
      allowedOrigins: config.allowedTokenOrigins,
      signer: createKmsSigner(clients.onDemand),
      identityToken: createIdentityTokens(clients.onDemand),
    }),
    cooldowns: new Cooldowns(state, clock, timing),
    spending: new FairLimit(SPENDING),
    requests: new RequestGate(),
    refreshRequests: createRefreshRequests({ clients: clients.onDemand, namespace }),
    wakeUps: createWakeUps({ clients: clients.onDemand, queueUrl: config.wakeUpQueue, clock }),
    history: createHistory({ ...table, log }),
    events: createEvents({
      ...{ clients: clients.onDemand, namespace, clock, random, metrics, log },
      tokenRefreshed: config.tokenRefreshedEvents ?? true,
    }),
    metrics,
    log,
  };
  return { config, ports, metrics, logger };
}

let ofThisProcess: Composition | undefined;

/** The composition that this process's environment asks for. @throws ConfigError */
export function composeFromEnvironment(): Composition {
  ofThisProcess ??= compose(readConfig(process.env));
  return ofThisProcess;
}

/** A logger in whose lines nothing acts and nothing hides, whoever said it. Default level: the environment's. */
export function createLogger(options: Pick<ConstructorOptions, 'logLevel'> = {}): Logger {
  return new Logger({ ...options, serviceName: 'evertoken', jsonReplacerFn: inertValue });
}

function logOf(logger: Logger): Log {
  return {
    info: (message, details = {}) => logger.info(message, details),
    warn: (message, details = {}) => logger.warn(message, details),
    error: (message, details = {}) => logger.error(message, details),
  };
}
