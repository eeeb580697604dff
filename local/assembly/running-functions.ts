import type { BusEvent } from '../aws/event-bus.ts';
import type { LocalFunctions } from '../aws/function-registry.ts';
import type { LocalQueue, QueueMessage } from '../aws/sqs/queues.ts';
import type { Authorizer, JudgedPermission } from '../iam/authorizer.ts';
import { decide, matches } from '../iam/policy-evaluator.ts';
import type { Role } from '../iam/role.ts';
import { FunctionFailed } from '../local-deployment.ts';
import { FunctionPool } from '../process/function-pool.ts';
import { messagesEvent } from '../queue-poller.ts';
import type {
  Deployed,
  DeployedDelivery,
  DeployedFunction,
  DeployedRule,
  DeployedSchedule,
} from './deployed.ts';
import { AssemblyError } from './template.ts';

export interface RunningFunctionsOptions {
  readonly deployed: Deployed;
  readonly authorizer: Authorizer;
  /** Where functions can be invoked by name. */
  readonly functions: LocalFunctions;
  /** What a function finds in its environment beside what was synthesised. */
  readonly environmentOf: (deployed: DeployedFunction) => Readonly<Record<string, string>>;
  readonly onRefused: (refused: JudgedPermission) => void;
  /** Names that functions may look up beside this machine's own. */
  readonly lookups: readonly string[];
  readonly onRefusedLookup?: ((hostname: string) => void) | undefined;
}

const EVENTS = 'events.amazonaws.com';

/** The functions of a deployment in processes of their own, and what makes them run. */
export class RunningFunctions {
  readonly #options: RunningFunctionsOptions;
  readonly #pools: FunctionPool[] = [];

  /** @throws AssemblyError when Lambda or Scheduler could not assume a role that it is to use */
  constructor(options: RunningFunctionsOptions) {
    this.#options = options;
    const { deployed, authorizer } = options;
    for (const one of deployed.functions.values()) {
      requireTrust(one.role, 'lambda.amazonaws.com', {});
      this.#start(one);
    }
    for (const { role, groupArn } of deployed.schedules) {
      const [, , , , account = ''] = groupArn.split(':');
      requireTrust(role, 'scheduler.amazonaws.com', {
        'aws:SourceAccount': account,
        'aws:SourceArn': groupArn,
      });
      authorizer.addRole(role);
    }
  }

  /** One run of a schedule, in the name of its role. @throws FunctionFailed */
  async runSchedule({ name, functionArn, role }: DeployedSchedule): Promise<void> {
    const { authorizer, deployed } = this.#options;
    if (!authorizer.isAllowed(role, { action: 'lambda:InvokeFunction', resource: functionArn })) {
      throw new FunctionFailed(`${name}: AccessDeniedException`);
    }
    const target = functionOf(deployed, functionArn);
    const failure = await this.#run(target, { source: 'aws.scheduler', 'detail-type': 'Scheduled Event' });
    if (failure !== undefined) throw new FunctionFailed(`${name}: ${failure}`);
  }

  /** Runs what rules send an event to. Resolves when all of it has ended. */
  async deliver(rules: readonly DeployedRule[], event: BusEvent): Promise<void> {
    await Promise.all(
      rules.flatMap(({ arn, targets }) => targets.map((target) => this.#deliverTo(target, arn, event))),
    );
  }

  /** One run of what a queue's messages are brought to, which Lambda takes in the name of its role. @throws FunctionFailed */
  async deliverMessages(
    { functionArn }: DeployedDelivery,
    queue: LocalQueue,
    messages: readonly QueueMessage[],
  ): Promise<void> {
    const { authorizer, deployed } = this.#options;
    const target = functionOf(deployed, functionArn);
    // It deletes what was handled, and looks at how much is left.
    const isRefused = ['ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes'].find(
      (name) => !authorizer.isAllowed(target.role, { action: `sqs:${name}`, resource: queue.arn }),
    );
    if (isRefused !== undefined) throw new FunctionFailed(`${target.name}: AccessDeniedException`);
    const failure = await this.#run(target, messagesEvent(queue, messages));
    if (failure !== undefined) throw new FunctionFailed(`${target.name}: ${failure}`);
  }

  /** Kills what still runs. */
  close(): void {
    for (const pool of this.#pools) pool.close();
  }

  #start(one: DeployedFunction): void {
    const { authorizer, functions, environmentOf, lookups, onRefusedLookup } = this.#options;
    const stream = `${one.logGroupArn.replace(/\*$/, '')}log-stream:local`;
    let hasStream = false;
    const pool = new FunctionPool({
      folder: one.code,
      handler: one.handler,
      timeoutMs: one.timeoutMs,
      environment: { ...one.environment, ...environmentOf(one) },
      lookups,
      onRefusedLookup,
      // Lambda writes the log in the name of the function's role. Nobody reads it here.
      onOutput: () => {
        hasStream ||= authorizer.isAllowed(one.role, { action: 'logs:CreateLogStream', resource: stream });
        if (hasStream) authorizer.isAllowed(one.role, { action: 'logs:PutLogEvents', resource: stream });
      },
    });
    this.#pools.push(pool);
    functions.set(one.name, (event, context) => pool.invoke(event, context), {
      timeoutMs: one.timeoutMs,
      memoryLimitInMB: one.memoryMb,
    });
  }

  /** Whether a function's own policy lets a service invoke it for this source; noted where it does not. */
  mayInvoke(service: string, sourceArn: string, functionArn: string): boolean {
    const { deployed, onRefused } = this.#options;
    const may = deployed.invokePermissions.some(
      (one) =>
        one.functionArn === functionArn &&
        one.service === service &&
        (one.sourceArn === undefined || matches(one.sourceArn, sourceArn)),
    );
    if (!may) {
      const call = { action: 'lambda:InvokeFunction', resource: functionArn };
      onRefused({ kind: 'action', role: service, call, allowed: false });
    }
    return may;
  }

  async #deliverTo(functionArn: string, ruleArn: string, event: BusEvent): Promise<void> {
    const { deployed, authorizer } = this.#options;
    if (!this.mayInvoke(EVENTS, ruleArn, functionArn)) return;
    const target = functionOf(deployed, functionArn);
    const attempts = 1 + (deployed.retryAttempts.get(target.name) ?? 2);
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      if ((await this.#run(target, event)) === undefined) return;
    }
    if (target.deadLetterArn === undefined) return;
    authorizer.isAllowed(target.role, { action: 'sqs:SendMessage', resource: target.deadLetterArn });
  }

  /** @returns the class of what the function threw, if it did */
  async #run({ name }: DeployedFunction, event: unknown): Promise<string | undefined> {
    const { payload, failed } = await this.#options.functions.run(name, event);
    return failed ? String((JSON.parse(payload) as { errorType?: unknown }).errorType) : undefined;
  }
}

function functionOf({ functions }: Deployed, arn: string): DeployedFunction {
  const found = functions.get(arn);
  if (found === undefined) throw new AssemblyError(`there is no function ${arn}`);
  return found;
}

/** A service takes on a role only if the role trusts it. */
function requireTrust(role: Role, service: string, context: Readonly<Record<string, string>>): void {
  const trusting = role.trust.filter(
    ({ Principal }) => (Principal as { Service?: unknown } | undefined)?.Service === service,
  );
  const call = { action: 'sts:AssumeRole', resource: role.arn, context };
  if (decide(trusting, call) !== 'allowed') {
    throw new AssemblyError(`${service} cannot assume the role ${role.name}`);
  }
}
