import type { Statement } from '../iam/policy-evaluator.ts';
import type { Role } from '../iam/role.ts';
import type { EventPattern } from './event-pattern.ts';

/** A function as it was deployed. */
export interface DeployedFunction {
  readonly name: string;
  readonly arn: string;
  readonly role: Role;
  /** Folder of its code. */
  readonly code: string;
  /** `<file>.<export>`. */
  readonly handler: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly memoryMb: number;
  readonly logGroupArn: string;
  /** Where an asynchronous invocation goes that was given up. */
  readonly deadLetterArn: string | undefined;
}

export interface DeployedRule {
  readonly arn: string;
  readonly pattern: EventPattern;
  readonly targets: readonly string[];
}

export interface DeployedSchedule {
  readonly name: string;
  readonly groupArn: string;
  readonly everyMs: number;
  readonly functionArn: string;
  readonly role: Role;
}

/** A queue whose messages are brought to a function. */
export interface DeployedDelivery {
  readonly queueArn: string;
  readonly functionArn: string;
  readonly batchSize: number;
}

/** Whom a function's own policy lets invoke it. */
export interface InvokePermission {
  readonly functionArn: string;
  readonly service: string;
  /** A pattern. */
  readonly sourceArn: string | undefined;
}

/** A secret that Secrets Manager rotates by a function. */
export interface DeployedRotation {
  readonly secretId: string;
  readonly functionArn: string;
}

/** What the resources of an assembly came to. Its members grow while resources are created. */
export class Deployed {
  /** By ARN. */
  readonly roles = new Map<string, Role & { readonly statements: Statement[] }>();
  /** Policies, by the ARNs of the keys. */
  readonly keyPolicies = new Map<string, readonly Statement[]>();
  /** ARNs of keys, by the names of the tables that they encrypt. */
  readonly tableKeys = new Map<string, string>();
  /** By ARN. */
  readonly functions = new Map<string, DeployedFunction>();
  /** Times that Lambda repeats an asynchronous invocation, by the name of the function. */
  readonly retryAttempts = new Map<string, number>();
  readonly rules: DeployedRule[] = [];
  readonly schedules: DeployedSchedule[] = [];
  readonly invokePermissions: InvokePermission[] = [];
  readonly rotations: DeployedRotation[] = [];
  readonly deliveries: DeployedDelivery[] = [];
}
