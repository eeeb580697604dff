/** The code of docs/constructs.md: a region for each block. */
import { type App, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { GraphWidget } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { type IVpc, SubnetType } from 'aws-cdk-lib/aws-ec2';
import type { IRuleTarget } from 'aws-cdk-lib/aws-events';
import { ManagedPolicy, PermissionsBoundary } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
// #region imports
import { Connection, Connections, presets, TokenRefresher, TokenStorage } from '../../infra/index.ts';

// #endregion

/** What the snippets find around them. */
export interface Surroundings {
  readonly app: App;
  readonly stack: Stack;
  readonly service: IFunction;
  readonly vpc: IVpc;
  readonly keyArn: string;
  readonly ordersArn: string;
}

export function oneStack({ stack, service }: Surroundings): void {
  // #region one stack
  const storage = new TokenStorage(stack, 'Storage');
  const crm = new Connection(stack, 'Crm', {
    storage,
    connectionName: 'crm',
    provider: presets.kajabi,
    credentials: 'kajabi-main',
  });
  new TokenRefresher(stack, 'Refresher', { storage, alarmEmail: 'on-call@example.com' });
  crm.grantRead(service);
  // #endregion
}

export function twoStacks({ app }: Surroundings): void {
  // #region two stacks
  const tokens = new Stack(app, 'tokens', { terminationProtection: true });
  const storage = new TokenStorage(tokens, 'Storage');
  new TokenRefresher(new Stack(app, 'refresh'), 'Refresher', { storage });
  // #endregion
  // #region upgrade
  Template.fromStack(tokens).allResources('AWS::DynamoDB::Table', { DeletionPolicy: 'Retain' });
  // #endregion
}

export function existingPlatform({ stack, vpc, keyArn }: Surroundings): void {
  // #region key, network, boundary
  const storage = new TokenStorage(stack, 'Storage', { key: Key.fromKeyArn(stack, 'Key', keyArn) });
  new TokenRefresher(stack, 'Refresher', {
    storage,
    network: { vpc, vpcSubnets: { subnetType: SubnetType.PRIVATE_WITH_EGRESS } },
    allowedTokenOrigins: ['https://idp.corp.example.com'],
  });
  PermissionsBoundary.of(stack).apply(ManagedPolicy.fromManagedPolicyName(stack, 'Boundary', 'boundary'));
  // #endregion
}

export function alarmTopic({ stack }: Surroundings): void {
  // #region alarm topic
  const onCall = new Topic(stack, 'OnCall', { masterKey: new Key(stack, 'OnCallKey') });
  new TokenRefresher(stack, 'Refresher', { alarmTopic: onCall });
  // #endregion
}

export function twoNamespaces({ stack }: Surroundings, onCall: ITopic): void {
  // #region two namespaces
  for (const namespace of ['sales', 'billing']) {
    const storage = new TokenStorage(stack, `${namespace}-storage`, { namespace });
    new TokenRefresher(stack, `${namespace}-refresher`, { storage, alarmTopic: onCall });
  }
  // #endregion
}

export function existingSecrets({ stack, ordersArn }: Surroundings): void {
  const storage = new TokenStorage(stack, 'Storage');
  // #region existing secrets
  new Connection(stack, 'Orders', {
    storage,
    connectionName: 'orders',
    tokenUrl: 'https://idp.example.com/oauth2/token',
    credentials: { secretArn: ordersArn, fields: { client_id: 'id', client_secret: 'secret' } },
    token: new Secret(stack, 'OrdersToken'),
  });
  // #endregion
}

export function fromFile({ stack, service }: Surroundings): void {
  const storage = new TokenStorage(stack, 'Storage');
  // #region file
  const connections = Connections.fromFile(stack, 'Connections', { storage, file: 'connections.json' });
  connections.get('crm').grantRead(service);
  // #endregion
}

export function ownProvider({ stack }: Surroundings): void {
  const storage = new TokenStorage(stack, 'Storage');
  // #region own provider
  new Connection(stack, 'Lab', {
    storage,
    connectionName: 'lab',
    tokenUrl: 'https://lab.example.com/token',
    credentials: 'lab',
    grants: ['refresh_token'],
    rules: {
      request: { bodyFormat: 'json' },
      response: { path: ['data'], expiresInUnit: 'milliseconds' },
      errors: { invalidGrant: ['SESSION_GONE'] },
      refreshToken: { rotates: 'always' },
    },
    margin: Duration.minutes(15),
  });
  // #endregion
}

export function grantsAndEvents({ stack, service }: Surroundings, onCall: ITopic, target: IRuleTarget): void {
  const storage = new TokenStorage(stack, 'Storage');
  const crm = new Connection(stack, 'Crm', {
    storage,
    connectionName: 'crm',
    provider: presets.kajabi,
    credentials: 'kajabi-main',
  });
  const refresher = new TokenRefresher(stack, 'Refresher', { storage });
  // #region grants
  crm.grantRead(service);
  refresher.grantRefresh(service, crm);
  // #endregion
  // #region events
  refresher.onTokenRefreshed('Restart', { target, connectionNames: ['crm'] });
  refresher.onConnectionNeedsAttention('SignIn', {
    target,
    eventPattern: { detail: { health: ['needs-reauthorization'] } },
  });
  // #endregion
  // #region metrics
  refresher.alarms.get('NoTicks')?.addOkAction(new SnsAction(onCall));
  const slow = refresher.metricExchangeMilliseconds({ statistic: 'p99' });
  slow.createAlarm(stack, 'SlowProvider', { threshold: 10_000, evaluationPeriods: 3 });
  refresher.dashboard?.addWidgets(new GraphWidget({ title: 'Slow providers', left: [slow] }));
  // #endregion
}

export function elsewhere({ stack, service }: Surroundings): void {
  // #region elsewhere
  const crm = Connection.fromConnectionName(stack, 'Crm', 'crm', { namespace: 'sales' });
  crm.grantRead(service);
  // #endregion
}

export function removal({ stack }: Surroundings): void {
  // #region removal policy and tags
  const tags = { team: 'crm' };
  const storage = new TokenStorage(stack, 'Storage', { tags, removalPolicy: RemovalPolicy.DESTROY });
  new TokenRefresher(stack, 'Refresher', { storage, tags, logRetention: RetentionDays.ONE_YEAR });
  // #endregion
}
