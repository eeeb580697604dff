import type { Composition } from '../functions/handlers/composition.ts';
import type { Config } from '../functions/handlers/config.ts';
import type { Clock } from '../functions/refresh/ports/outside.ts';
import type { AwsEndpoint, AwsEndpointOptions } from './aws/endpoint.ts';
import type { LocalSetup } from './connections.ts';
import type { LocalAwsClients } from './endpoint-clients.ts';
import type { UnusedStatement } from './iam/authorizer.ts';
import type { Delivery } from './queue-poller.ts';

/** How a deployment comes to an endpoint. */
export interface Deployment extends Pick<AwsEndpointOptions, 'authorize' | 'roleOf'> {
  /** Creates resources and functions, and stores what an operator would: credentials and refresh tokens. */
  deploy(props: DeployProps): Promise<DeployedFunctions>;
}

export interface DeployProps {
  readonly endpoint: AwsEndpoint;
  readonly clients: LocalAwsClients;
  readonly clock: Clock;
  readonly config: Config;
  readonly setup: LocalSetup;
  /** Time between two runs of what is scheduled every minute. */
  readonly tickSeconds: number;
}

/** A function threw. The message is its name and the class of what it threw. */
export class FunctionFailed extends Error {
  override readonly name = 'FunctionFailed';
}

/** The functions of a deployment. */
export interface DeployedFunctions {
  /** An operator's view: state and presets. */
  readonly composition: Composition;
  readonly schedules: readonly Schedule[];
  /** What queues bring. */
  readonly deliveries: readonly Delivery[];
  /** One scheduled run. @throws FunctionFailed */
  refreshDue(): Promise<void>;
  /** One scheduled run. @throws FunctionFailed */
  reconcile(): Promise<void>;
  /** Absent where permissions are not enforced. */
  permissions?(): PermissionReport;
  /** Ends what belongs to the functions; they run no more. */
  close(): void;
}

export interface Schedule {
  readonly everyMs: number;
  /** @throws FunctionFailed */
  run(): Promise<void>;
}

/** What a run came to as to permissions. */
export interface PermissionReport {
  readonly allowed: number;
  readonly refused: number;
  /** Statements of roles that no call needed. */
  readonly unused: readonly UnusedStatement[];
}
