import { Duration, Tags } from 'aws-cdk-lib';
import type { Alarm, Dashboard } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { Grant, IGrantable, ManagedPolicy } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { type IQueue, Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { tooManyParameterWrites } from '../../functions/connections/parameter-writes.ts';
import { SynthProblem } from '../synth-problem.ts';
import { acknowledge } from './acknowledge.ts';
import { letAlarmsPublish } from './alarm-topic-policy.ts';
import { Alarms } from './alarms.ts';
import { grantConnection } from './connection-permissions.ts';
import { ConsoleRotation } from './console-rotation.ts';
import { createDashboard } from './dashboard.ts';
import { deploymentArns } from './deployment-arns.ts';
import { createDeploymentParameter } from './deployment-parameter.ts';
import { type FunctionSettings, functionEnvironment } from './function-environment.ts';
import {
  declarationStatement,
  dueStatement,
  reconcileStatements,
  refreshStatements,
} from './function-permissions.ts';
import { LogQueries } from './log-queries.ts';
import { createAlarmTopic, createAttentionRule } from './notifications.ts';
import { ObservableDeployment } from './observable-deployment.ts';
import { createOperatorPolicy } from './operator-policy.ts';
import type { IConnection } from './readable-connection.ts';
import {
  type FunctionNetwork,
  RefresherFunction,
  type RefresherFunctionProps,
} from './refresher-function.ts';
import { RequestRules } from './request-rules.ts';
import { RequestedRefresh } from './requested-refresh.ts';
import { Schedules } from './schedules.ts';
import { StatusWidget, type StatusWidgetKind } from './status-widget.ts';
import { TokenStorage } from './token-storage.ts';
import { WakeUpQueue } from './wake-up-queue.ts';

export interface TokenRefresherProps extends FunctionSettings {
  /**
   * Where connections are declared and tokens live. In a stack of its own it outlives this one.
   * @default - a new one within, of namespace `evertoken`, with a key of its own
   */
  readonly storage?: TokenStorage;
  /**
   * Address that alarms, and connections that need a person, are mailed to.
   * @default - nobody
   */
  readonly alarmEmail?: string;
  /**
   * An existing topic for the same. What it needs in its policy, and in that of its key, is added where that can be
   * done; else synthesis says which statement.
   * @default - a new one where there is an `alarmEmail`
   */
  readonly alarmTopic?: ITopic;
  /**
   * Network that the functions run in, for providers that only it leads to.
   * @default - none
   */
  readonly network?: FunctionNetwork;
  /**
   * What the dashboard shows of connections. A dashboard invokes the functions behind it with the credentials of whoever
   * looks: to see connections takes `lambda:InvokeFunction` on `<namespace>-status-widget`, to press a button the same on
   * `<namespace>-status-action`. `read-only` deploys the first alone, `none` neither.
   * @default 'with-buttons'
   */
  readonly statusWidget?: StatusWidgetKind;
  /**
   * How long the logs of functions are kept.
   * @default RetentionDays.ONE_MONTH
   */
  readonly logRetention?: RetentionDays;
  /**
   * Whether there are alarms. Without them the metrics are there for alarms of one's own.
   * @default true
   */
  readonly alarms?: boolean;
  /**
   * Whether there is a dashboard.
   * @default true
   */
  readonly dashboard?: boolean;
  /**
   * Tags of all that it consists of.
   * @default - none
   */
  readonly tags?: Readonly<Record<string, string>>;
}

/**
 * What keeps the tokens of a storage fresh: the functions with their schedules and rules, alarms, a dashboard, saved
 * queries of the logs, and the policy for the people who operate it. Where a connection of the storage has `consoleRotate`, it also
 * lets the console rotate the token's secret; where one lies in a parameter, a queue wakes it in time. It holds no state.
 */
export class TokenRefresher extends ObservableDeployment {
  /** Where connections are declared and tokens live. */
  readonly storage: TokenStorage;
  readonly namespace: string;
  /** Refreshes connections on demand: invoke it with `{"connections": ["crm"]}`. */
  readonly refreshNow: IFunction;
  /** What was asked for or scheduled, and given up. */
  readonly deadLetterQueue: IQueue;
  /** For the people who run the `evertoken` command. */
  readonly operatorPolicy: ManagedPolicy;
  /** Absent where there is to be none. */
  readonly dashboard: Dashboard | undefined;
  /** That of the console's rotation comes with the first connection that allows it. */
  readonly #functions: RefresherFunction[] = [];
  readonly #requests: RequestedRefresh;
  readonly #alarms: readonly Alarm[];

  /** @throws SynthProblem for settings that cannot be */
  constructor(scope: Construct, id: string, props: TokenRefresherProps = {}) {
    super(scope, id);
    this.storage = props.storage ?? new TokenStorage(this, 'Storage');
    const { storage } = this;
    const { namespace } = storage;
    this.namespace = namespace;
    storage.keepFreshBy(this);
    for (const [key, value] of Object.entries(props.tags ?? {})) Tags.of(this).add(key, value);
    storage.forEachConnection(() => refuseTooManyWrites(storage, props));
    this.deadLetterQueue = this.#createDeadLetterQueue();
    const wakeUps = new WakeUpQueue(this, 'WakeUps', storage);
    const { refreshDue, refreshNow, reconcile, createFunction } = this.#createFunctions(props, wakeUps);
    const functions = {
      namespace,
      refreshDue: refreshDue.function,
      refreshNow: refreshNow.function,
      reconcile: reconcile.function,
      deadLetterQueue: this.deadLetterQueue,
    };
    this.refreshNow = refreshNow.function;
    const schedules = new Schedules(this, 'Schedules', functions);
    const rules = new RequestRules(this, 'Rules', functions);
    const deployment = createDeploymentParameter(this, storage, props);
    deployment.node.addDependency(refreshDue, refreshNow, reconcile, schedules, rules, wakeUps);
    this.#requests = new RequestedRefresh(this, 'Requests', functions);
    const topic = this.#topicOf(props);
    const alarms =
      props.alarms === false
        ? undefined
        : new Alarms(this, 'Alarms', { ...functions, action: topic && new SnsAction(topic) });
    if (alarms) wakeUps.whenNeeded((queue) => alarms.watchWakeUps(queue));
    this.#alarms = alarms?.all ?? [];
    if (topic) createAttentionRule(this, { namespace, topic, deadLetterQueue: this.deadLetterQueue });
    const watched = [refreshDue.function, refreshNow.function, reconcile.function];
    const status = new StatusWidget(this, 'Status', {
      storage,
      kind: props.statusWidget ?? 'with-buttons',
      refreshNow: refreshNow.function,
      createFunction,
    });
    if (props.dashboard !== false) {
      this.dashboard = createDashboard(this, {
        namespace,
        alarms: alarms?.all ?? [],
        statusWidget: status.widget,
        functions: watched,
      });
    }
    new LogQueries(this, 'Queries', { namespace, functions: watched });
    this.operatorPolicy = createOperatorPolicy(this, {
      storage,
      refreshNow: refreshNow.function,
      logging: this.#functions,
      status: status.functions,
    });
  }

  /** Each alarm by its name, such as `NoTicks`; none where there are to be none. */
  get alarms(): ReadonlyMap<string, Alarm> {
    return new Map(this.#alarms.map((alarm) => [alarm.node.id, alarm]));
  }

  /**
   * Lets a principal ask for a refresh of one connection, and of no other: by an event on the account's default bus whose
   * source is `evertoken.refresh/<namespace>/<connection>`, of any detail type, with any detail. The refresh is forced, which is
   * heeded once a minute.
   */
  grantRefresh(grantee: IGrantable, connection: Pick<IConnection, 'connectionName'>): Grant {
    return this.#requests.grant(grantee, connection.connectionName);
  }

  /** Lets a principal invoke `refreshNow`, for any connection, with the outcome in its answer. */
  grantRefreshOfAll(grantee: IGrantable): Grant {
    return this.refreshNow.grantInvoke(grantee);
  }

  #topicOf({ alarmTopic, alarmEmail }: TokenRefresherProps): ITopic | undefined {
    const created =
      alarmTopic || alarmEmail === undefined ? undefined : createAlarmTopic(this, this.namespace, alarmEmail);
    const topic = alarmTopic ?? created;
    if (topic) letAlarmsPublish(this, topic);
    return topic;
  }

  #createFunctions(props: TokenRefresherProps, wakeUps: WakeUpQueue) {
    const { storage, deadLetterQueue } = this;
    const arns = deploymentArns(this, storage.namespace);
    const shared = {
      namespace: storage.namespace,
      environment: functionEnvironment(storage, props),
      logRetention: props.logRetention,
      network: props.network,
    };
    const { credentials, refreshTokens, furtherRefreshTokens, tokens, tokenParameters, rescues } = arns;
    const refreshing = [
      ...[credentials, refreshTokens, furtherRefreshTokens, tokens],
      ...[tokenParameters, rescues],
    ];
    const create = (id: string, own: Omit<RefresherFunctionProps, keyof typeof shared>) => {
      const created = new RefresherFunction(this, id, { ...shared, ...own });
      this.#functions.push(created);
      return created;
    };
    // What was given up is tried again by nobody but a person, so it is kept for one; a tick is not worth it.
    const kept = { retryAttempts: 2, maxEventAge: Duration.hours(1), deadLetterQueue };
    const refreshDue = create('RefreshDue', {
      handler: 'refresh-due',
      description: 'Refreshes the tokens that are due, every minute',
      statements: [...refreshStatements(this, storage), dueStatement(storage)],
      wildcards: refreshing,
      asynchronous: { retryAttempts: 0, maxEventAge: Duration.seconds(60) },
    });
    const refreshNow = create('RefreshNow', {
      handler: 'refresh-now',
      description: 'Refreshes connections on demand and answers with outcomes, never with a token',
      statements: [...refreshStatements(this, storage), declarationStatement(this, storage)],
      wildcards: [...refreshing, arns.connections],
      asynchronous: kept,
    });
    const reconcile = create('Reconcile', {
      handler: 'reconcile',
      description: 'Brings what is registered in line with what is declared; reads no secret',
      statements: reconcileStatements(this, storage),
      wildcards: [arns.connections],
      asynchronous: kept,
      // The pace of Parameter Store decides how long a listing takes: that of 100,000 declarations some five minutes.
      timeout: Duration.minutes(15),
    });
    new ConsoleRotation(this, 'ConsoleRotation', {
      storage,
      createFunction: () => {
        const rotateSecret = create('RotateSecret', {
          handler: 'rotate-secret',
          description: 'Refreshes a connection when its secret is rotated in the console',
          statements: [...refreshStatements(this, storage), declarationStatement(this, storage)],
          wildcards: [...refreshing, arns.connections],
          // Secrets Manager repeats a rotation that failed, from its first step.
          asynchronous: { retryAttempts: 0, maxEventAge: Duration.minutes(5) },
        });
        wakeUps.takeFrom(rotateSecret);
        return rotateSecret;
      },
    });
    storage.forEachConnection((connection) => {
      for (const { role } of [refreshDue, refreshNow]) grantConnection(role, connection);
    });
    for (const one of [refreshDue, refreshNow]) wakeUps.takeFrom(one);
    wakeUps.deliverTo(refreshNow);
    return { refreshDue, refreshNow, reconcile, createFunction: create };
  }

  #createDeadLetterQueue(): Queue {
    const queue = new Queue(this, 'DeadLetterQueue', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    acknowledge(queue, 'AwsSolutions-SQS3', 'It is the dead-letter queue.');
    return queue;
  }
}

/** @throws SynthProblem when the connections so far would write more parameters a second than may be counted on */
function refuseTooManyWrites(
  { connections }: TokenStorage,
  { parameterWritesPerSecond }: FunctionSettings,
): void {
  const writes = connections.map(({ parameterWrites }) => parameterWrites);
  const problem = tooManyParameterWrites(writes, parameterWritesPerSecond);
  if (problem) throw new SynthProblem(`connections: ${problem.message}: ${problem.remedy}`);
}
