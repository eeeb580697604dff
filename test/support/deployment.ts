import { GetSecretValueCommand, PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import type { RefreshResult } from '../../functions/refresh/refresh-result.ts';
import { createLocalAwsClients } from '../../local/endpoint-clients.ts';
import { inProcess } from '../../local/in-process-deployment.ts';
import { type LocalSystem, type LocalSystemOptions, startLocalSystem } from '../../local/system.ts';
import { canarySecret } from './canary.ts';
import { callDirectly } from './direct-calls.ts';
import { SteppingClock } from './stepping-clock.ts';

/** So long that only the test itself ticks after the first. */
const NEVER_SECONDS = 1_000_000;

/** Nobody waits for a turn to write: the pace takes real time, and has tests of its own. */
const AT_ONCE = { parameterWritesPerSecond: 10_000, secretWritesPerSecond: 10_000 };

/** The local system with a clock that the test moves, and ticks that the test makes. */
export interface Deployment extends AsyncDisposable {
  readonly system: LocalSystem;
  readonly clock: SteppingClock;
  /** Every event that was told, as text. */
  readonly told: readonly string[];
  tick(): Promise<void>;
  /** Invokes `refresh-now` as Lambda does. */
  refreshNow(connections: readonly string[], force?: boolean): Promise<RefreshResult[]>;
  /** The JSON of a secret's current value. */
  read(secretId: string): Promise<Record<string, unknown>>;
  write(secretId: string, value: object): Promise<void>;
}

export interface DeploymentOptions {
  /** By how much time runs faster than real time. Default 1. */
  readonly speed?: number;
  /** In place of one of that speed. */
  readonly clock?: SteppingClock;
  /** Default: the demo's three connections. */
  readonly setupFor?: LocalSystemOptions['setupFor'];
}

/** Starts what `setupFor` says; the first tick has refreshed it. */
export async function startDeployment(options: DeploymentOptions = {}): Promise<Deployment> {
  const { speed = 1, clock = new SteppingClock(speed), setupFor } = options;
  const told: string[] = [];
  const system = await startLocalSystem({
    port: 0,
    tickSeconds: NEVER_SECONDS,
    // However fast the clock runs, not more often than the machine can bear.
    readsEveryMs: 1000 * Math.max(1, speed),
    lifetimeSeconds: 3600,
    mark: canarySecret('local'),
    clock,
    reporter: {
      started: () => undefined,
      event: (event) => told.push(JSON.stringify(event)),
      show: () => undefined,
      ended: () => undefined,
    },
    dataDirectory: undefined,
    deployment: {
      deploy: async (props) => {
        await callDirectly(props.endpoint);
        return inProcess.deploy({ ...props, config: { ...props.config, ...AT_ONCE } });
      },
    },
    ...(setupFor && { setupFor }),
  });
  await system.endpoint.idle();
  const { secretsManager } = createLocalAwsClients(system.endpoint.url);
  return {
    system,
    clock,
    told,
    tick: () => system.functions.refreshDue(),
    refreshNow: async (connections, force = true) => {
      const { payload } = await system.endpoint.functions.run('evertoken-refresh-now', {
        connections,
        force,
      });
      return (JSON.parse(payload) as { results: RefreshResult[] }).results;
    },
    read: async (secretId) => {
      const { SecretString } = await secretsManager.send(new GetSecretValueCommand({ SecretId: secretId }));
      return JSON.parse(SecretString ?? '{}') as Record<string, unknown>;
    },
    write: async (secretId, value) => {
      const SecretString = JSON.stringify(value);
      await secretsManager.send(new PutSecretValueCommand({ SecretId: secretId, SecretString }));
    },
    async [Symbol.asyncDispose]() {
      secretsManager.destroy();
      await system.stop();
    },
  };
}
