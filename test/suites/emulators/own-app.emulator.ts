import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import type { PlatformStackProps } from '../../../examples/cdk/platform.ts';
import { systemClock } from '../../../functions/handlers/system-clock.ts';
import { type SlashIdServer, startSlashId } from '../../../local/providers/slashid.ts';
import { assertNoCanary, canarySecret } from '../../support/canary.ts';
import { resourcesOf, type Template } from '../../support/synthesised.ts';
import { type JsonProvider, startJsonProvider } from './support/json-provider.ts';
import { type Ministack, startMinistack } from './support/ministack.ts';

const STACK = 'platform';
/** For a deployment on a machine that has other work. */
const PATIENCE_MS = 180_000;
/** Ministack knows no saved query of the logs. */
const LACKING = ['AWS::Logs::QueryDefinition'];

const ORDERS = { clientId: 'orders', clientSecret: canarySecret('orders') };
const LEDGER = { clientId: 'ledger', clientSecret: canarySecret('ledger') };

describe('the app of a platform team on Ministack', () => {
  const missing = inject('missing');
  let own: JsonProvider;
  let ledger: SlashIdServer;
  let ministack: Ministack;
  let existing: PlatformStackProps;

  beforeEach((context) => {
    if (missing !== null) context.skip(missing);
  });
  beforeAll(async () => {
    if (missing !== null) return;
    own = await startJsonProvider({ ...ORDERS, mark: canarySecret('orders-token') });
    const mark = canarySecret('ledger-token');
    ledger = await startSlashId({ clock: systemClock, lifetimeSeconds: 3600, ...LEDGER, mark });
    ministack = await startMinistack({
      app: 'node test/suites/emulators/support/platform-app.ts',
      lacking: LACKING,
    });
    existing = await createWhatExists();
    await ministack.keep({}, { platform: JSON.stringify(existing) });
  });
  afterAll(async () => {
    await ministack?.[Symbol.asyncDispose]();
    await ledger?.close();
    await own?.close();
  });

  /** One value of what the AWS CLI answers, by its path. */
  async function ask(query: string, ...command: readonly string[]): Promise<string> {
    const answer = await ministack.aws(...command, '--query', `{value: ${query}}`);
    return String(answer['value']);
  }

  /** Network, key, boundary and secret, of which the app knows no more than the ids. */
  async function createWhatExists(): Promise<PlatformStackProps> {
    const vpcId = await ask('Vpc.VpcId', 'ec2', 'create-vpc', '--cidr-block', '10.0.0.0/16');
    const inVpc = ['--vpc-id', vpcId];
    const subnetOf = (block: string) =>
      ask('Subnet.SubnetId', 'ec2', 'create-subnet', ...inVpc, '--cidr-block', block);
    const routes = await ask('RouteTable.RouteTableId', 'ec2', 'create-route-table', ...inVpc);
    const group = ['--group-name', 'egress', '--description', 'what functions may reach'];
    const anything = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] };
    const boundary = ['--policy-name', 'boundary', '--policy-document', JSON.stringify(anything)];
    const secret = ['--name', 'orders-of-old', '--secret-string', JSON.stringify(ORDERS)];
    return {
      vpcId,
      privateSubnetIds: [await subnetOf('10.0.1.0/24'), await subnetOf('10.0.2.0/24')],
      privateSubnetRouteTableIds: [routes, routes],
      securityGroupId: await ask('GroupId', 'ec2', 'create-security-group', ...inVpc, ...group),
      keyArn: await ask('KeyMetadata.Arn', 'kms', 'create-key'),
      boundaryArn: await ask('Policy.Arn', 'iam', 'create-policy', ...boundary),
      credentialsArn: await ask('ARN', 'secretsmanager', 'create-secret', ...secret),
      ownTokenUrl: own.tokenUrl,
      ledgerTokenUrl: ledger.tokenUrl,
      allowedTokenOrigins: [own.origin, ledger.origin],
    };
  }

  interface StackResource {
    readonly ResourceType: string;
    readonly ResourceStatus: string;
    readonly LogicalResourceId: string;
    readonly PhysicalResourceId: string;
  }

  async function resources(): Promise<readonly StackResource[]> {
    const answer = await ministack.aws('cloudformation', 'list-stack-resources', '--stack-name', STACK);
    return answer['StackResourceSummaries'] as StackResource[];
  }

  /** The one resource of a type whose logical id begins so, by the id that it goes by. */
  async function physicalId(type: string, idPrefix: string): Promise<string> {
    const found = (await resources()).filter(
      ({ ResourceType, LogicalResourceId }) =>
        ResourceType === type && LogicalResourceId.startsWith(idPrefix),
    );
    expect(found).toHaveLength(1);
    return found[0]?.PhysicalResourceId ?? '';
  }

  /** The token of a connection, as a consumer reads it. */
  async function token(secretId: string): Promise<string> {
    const command = ['secretsmanager', 'get-secret-value', '--secret-id', secretId];
    const read = JSON.parse(await ask('SecretString', ...command)) as { access_token: string };
    return read.access_token;
  }

  async function statusAt(url: string, accessToken: string): Promise<number> {
    const response = await fetch(url, { headers: { authorization: `Bearer ${accessToken}` } });
    return response.status;
  }

  it('is deployed with every resource that Ministack knows', { timeout: PATIENCE_MS }, async () => {
    await ministack.bootstrap();
    const { leftOut } = await ministack.deploy();
    expect([...new Set(leftOut)]).toEqual(LACKING);
    const deployed = await resources();
    expect(deployed.filter(({ ResourceStatus }) => ResourceStatus !== 'CREATE_COMPLETE')).toEqual([]);
    expect(deployed.length).toBeGreaterThan(100);
  });

  it('keeps the tokens of one namespace under the key that was there, of the other under its own', async () => {
    const keyOf = (secretId: string) =>
      ask('KmsKeyId', 'secretsmanager', 'describe-secret', '--secret-id', secretId);
    expect(await keyOf('sales/tokens/orders')).toBe(existing.keyArn);
    expect(await keyOf('billing/tokens/ledger')).toMatch(/^arn:aws:kms:/);
    expect(await keyOf('billing/tokens/ledger')).not.toBe(existing.keyArn);
  });

  // Of functions that a stack makes Ministack forgets the network, and of roles the boundary.
  it('asked for the VPC of one namespace and for the boundary of every role', async () => {
    const deployed = await ministack.aws('cloudformation', 'get-template', '--stack-name', STACK);
    const body = deployed['TemplateBody'];
    const template = (typeof body === 'string' ? JSON.parse(body) : body) as Template;
    const all = (type: string) =>
      Object.values(resourcesOf(template, type)).map(({ Properties }) => Properties);
    const network = {
      SubnetIds: existing.privateSubnetIds,
      SecurityGroupIds: [existing.securityGroupId],
    };
    const inside = all('AWS::Lambda::Function').filter(({ VpcConfig }) => VpcConfig !== undefined);
    expect(inside.map(({ VpcConfig }) => VpcConfig)).toEqual(inside.map(() => network));
    const names = inside.map(({ FunctionName }) => String(FunctionName));
    expect(names.filter((name) => name.startsWith('sales-'))).toHaveLength(5);
    expect(names).toHaveLength(5);
    const boundaries = all('AWS::IAM::Role').map(({ PermissionsBoundary }) => PermissionsBoundary);
    expect(boundaries).toEqual(boundaries.map(() => existing.boundaryArn));
  });

  it('obtains a token from its own provider, with credentials that were there', async () => {
    expect(await ministack.invoke('sales-reconcile', {})).toMatchObject({ registered: ['orders'] });
    expect(await ministack.invoke('sales-refresh-now', { connections: ['orders'] })).toMatchObject({
      results: [{ connection: 'orders', health: 'healthy', error: null }],
    });
    expect(own.requests).toEqual([
      { authorization: expect.stringMatching(/^Basic /), body: { grant_type: 'client_credentials' } },
    ]);
    expect(await statusAt(own.protectedUrl, await token('sales/tokens/orders'))).toBe(200);
  });

  it('obtains one in the other namespace, once the secret that the app made has a value', async () => {
    const secretId = await physicalId('AWS::SecretsManager::Secret', 'LedgerCredentials');
    const value = JSON.stringify({ client_id: LEDGER.clientId, client_secret: LEDGER.clientSecret });
    const put = ['put-secret-value', '--secret-id', secretId, '--secret-string', value];
    await ministack.aws('secretsmanager', ...put);
    expect(await ministack.invoke('billing-reconcile', {})).toMatchObject({ registered: ['ledger'] });
    expect(await ministack.invoke('billing-refresh-now', { connections: ['ledger'] })).toMatchObject({
      results: [{ connection: 'ledger', health: 'healthy', error: null }],
    });
    expect(await statusAt(ledger.protectedUrl, await token('billing/tokens/ledger'))).toBe(200);
  });

  it('has a topic whose policy lets alarms and events publish, though it was plain', async (context) => {
    const topic = await physicalId('AWS::SNS::Topic', 'OnCall');
    const policy = await ask('Attributes.Policy', 'sns', 'get-topic-attributes', '--topic-arn', topic);
    await context.annotate(policy);
    const publish = { Effect: 'Allow', Action: 'sns:Publish', Resource: topic };
    expect(JSON.parse(policy)).toMatchObject({
      Statement: [
        {
          ...publish,
          Sid: 'EvertokenAlarms',
          Principal: { Service: 'cloudwatch.amazonaws.com' },
          Condition: { StringEquals: { 'aws:SourceAccount': '000000000000' } },
        },
        { ...publish, Principal: { Service: 'events.amazonaws.com' } },
      ],
    });
  });

  it('tells the people on call of an alarm of either namespace', async () => {
    const topic = await physicalId('AWS::SNS::Topic', 'OnCall');
    const queue = await ask('QueueUrl', 'sqs', 'create-queue', '--queue-name', 'pager');
    const attributes = ['get-queue-attributes', '--queue-url', queue, '--attribute-names', 'QueueArn'];
    const queueArn = await ask('Attributes.QueueArn', 'sqs', ...attributes);
    const endpoint = ['--protocol', 'sqs', '--notification-endpoint', queueArn];
    await ministack.aws('sns', 'subscribe', '--topic-arn', topic, ...endpoint);
    const names = [
      await physicalId('AWS::CloudWatch::Alarm', 'SalesRefresherAlarmsNoTicks'),
      await physicalId('AWS::CloudWatch::Alarm', 'LedgerInDanger'),
    ];
    for (const name of names) {
      const state = ['--alarm-name', name, '--state-value', 'ALARM', '--state-reason', 'a try'];
      await ministack.aws('cloudwatch', 'set-alarm-state', ...state);
    }
    const take = ['receive-message', '--queue-url', queue, '--max-number-of-messages', '10'];
    const { Messages } = await ministack.aws('sqs', ...take);
    const heard = (Messages as { Body: string }[]).map(({ Body }) => {
      const { Message } = JSON.parse(Body) as { Message: string };
      return (JSON.parse(Message) as { AlarmName: string }).AlarmName;
    });
    expect(heard.toSorted()).toEqual(names.toSorted());
  });

  it('changes nothing when it is deployed again, and keeps both tokens', {
    timeout: PATIENCE_MS,
  }, async () => {
    const secrets = ['sales/tokens/orders', 'billing/tokens/ledger'];
    const before = await Promise.all(secrets.map(token));
    expect((await ministack.deploy()).printed).toContain(`${STACK} (no changes)`);
    expect(await Promise.all(secrets.map(token))).toEqual(before);
  });

  it('prints nothing that is secret', () => {
    expect(ministack.printed()).toContain('token refreshed');
    assertNoCanary(ministack.printed(), 'what Ministack and the functions printed');
  });
});
