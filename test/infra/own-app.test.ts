import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import type { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Alias, Key } from 'aws-cdk-lib/aws-kms';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { describe, expect, onTestFinished, test } from 'vitest';
import { COUNTS, GAUGES } from '../../infra/constructs/deployment-metrics.ts';
import { Connection, Connections, presets, TokenRefresher, TokenStorage } from '../../infra/index.ts';
import { problemOf } from '../support/synth-problem.ts';
import { createApp, resourceOf, resourcesOf, type Template, templateOf } from '../support/synthesised.ts';

const createStack = () => new Stack(createApp(), 'app');
const KAJABI = { provider: presets.kajabi, credentials: 'kajabi-main' };

const warningsOf = ({ node }: TokenRefresher) =>
  node.metadata.filter(({ type }) => type === 'aws:cdk:warning').map(({ data }) => String(data));

type Statement = Readonly<Record<string, unknown>>;

function statementsIn(template: Template, type: string, property: string): readonly Statement[] {
  return Object.values(resourcesOf(template, type)).flatMap(({ Properties }) => {
    const { Statement } = Properties[property] as { Statement: Statement[] };
    return Statement;
  });
}

describe('a topic that was brought', () => {
  const refresherWith = (topicOf: (stack: Stack) => ITopic) => {
    const stack = createStack();
    const refresher = new TokenRefresher(stack, 'Refresher', { alarmTopic: topicOf(stack) });
    return { warnings: warningsOf(refresher), template: templateOf(stack) };
  };
  const CONDITION = { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } };
  const [ALARMS, EVENTS] = ['cloudwatch.amazonaws.com', 'events.amazonaws.com'].map((Service) => ({
    Service,
  }));
  const PUBLISH = {
    Effect: 'Allow',
    Action: 'sns:Publish',
    Resource: { Ref: expect.stringMatching(/^OnCall/) },
  };
  const USE = { Effect: 'Allow', Action: ['kms:Decrypt', 'kms:GenerateDataKey*'], Resource: '*' };
  /** The statements in a warning, without what CDK puts behind it. */
  const neededBy = (warning = '') => JSON.parse(/ statements: (\[.*\]) \[ack:/.exec(warning)?.[1] ?? 'null');

  test('hears alarms of its account and events, though nobody wrote a policy for it', () => {
    const { template, warnings } = refresherWith((stack) => new Topic(stack, 'OnCall'));
    expect(statementsIn(template, 'AWS::SNS::TopicPolicy', 'PolicyDocument')).toEqual([
      { ...PUBLISH, Sid: 'EvertokenAlarms', Principal: ALARMS, Condition: CONDITION },
      { ...PUBLISH, Sid: '1', Principal: EVENTS },
    ]);
    expect(warnings).toEqual([]);
  });

  test('keeps what its policy says already', () => {
    const { template } = refresherWith((stack) => new Topic(stack, 'OnCall', { enforceSSL: true }));
    const statements = statementsIn(template, 'AWS::SNS::TopicPolicy', 'PolicyDocument');
    expect(statements).toHaveLength(3);
    expect(statements[0]).toMatchObject({ Sid: 'AllowPublishThroughSSLOnly', Effect: 'Deny' });
  });

  test('is heard through the key that encrypts it', () => {
    const { template, warnings } = refresherWith((stack) => {
      return new Topic(stack, 'OnCall', { masterKey: new Key(stack, 'Mine') });
    });
    const statements = statementsIn(template, 'AWS::KMS::Key', 'KeyPolicy');
    expect(statements).toContainEqual({
      ...USE,
      Sid: 'EvertokenAlarms',
      Principal: ALARMS,
      Condition: CONDITION,
    });
    expect(statements).toContainEqual({ ...USE, Principal: EVENTS });
    expect(warnings).toEqual([]);
  });

  test('of elsewhere is told of with the statements that it needs, of which that for events has no condition', () => {
    const arn = 'arn:aws:sns:eu-central-1:111122223333:on-call';
    const { warnings } = refresherWith((stack) => Topic.fromTopicArn(stack, 'OnCall', arn));
    expect(warnings).toEqual([
      expect.stringMatching(
        /^the policy of the topic app\/OnCall is kept elsewhere: .* these statements: \[/,
      ),
    ]);
    expect(neededBy(warnings[0])).toEqual([
      { ...PUBLISH, Sid: 'EvertokenAlarms', Principal: ALARMS, Condition: CONDITION, Resource: arn },
      { ...PUBLISH, Sid: 'EvertokenEvents', Principal: EVENTS, Resource: arn },
    ]);
  });

  test('whose key is kept elsewhere is told of with the statements that the key needs', () => {
    const { warnings } = refresherWith((stack) => {
      const masterKey = Alias.fromAliasName(stack, 'Theirs', 'alias/aws/sns');
      return new Topic(stack, 'OnCall', { masterKey });
    });
    expect(warnings).toHaveLength(1);
    expect(neededBy(warnings[0])).toEqual([
      { ...USE, Sid: 'EvertokenAlarms', Principal: ALARMS, Condition: CONDITION },
      { ...USE, Sid: 'EvertokenEvents', Principal: EVENTS },
    ]);
  });

  test('may be shared by two deployments', () => {
    const stack = createStack();
    const alarmTopic = new Topic(stack, 'OnCall');
    for (const namespace of ['evertoken', 'billing']) {
      const storage = new TokenStorage(stack, `${namespace}Storage`, { namespace });
      new TokenRefresher(stack, namespace, { storage, alarmTopic });
    }
    const sids = statementsIn(templateOf(stack), 'AWS::SNS::TopicPolicy', 'PolicyDocument').map(
      ({ Sid }) => Sid,
    );
    expect(sids.filter((sid) => sid === 'EvertokenAlarms')).toHaveLength(1);
  });
});

test('two namespaces synthesise in one stack, and share no name', () => {
  const stack = createStack();
  for (const namespace of ['evertoken', 'billing']) {
    const storage = new TokenStorage(stack, `${namespace}Storage`, { namespace });
    new Connection(stack, `${namespace}Crm`, { storage, connectionName: 'crm', ...KAJABI });
    new TokenRefresher(stack, namespace, { storage, alarmEmail: 'on-call@example.com' });
  }
  const names = Object.values(templateOf(stack).Resources).flatMap(({ Type, Properties = {} }) =>
    ['FunctionName', 'RoleName', 'TableName', 'Name', 'AlarmName', 'DashboardName', 'AliasName']
      .filter((property) => typeof Properties[property] === 'string')
      .map((property) => `${Type} ${Properties[property]}`),
  );
  expect(names.length).toBeGreaterThan(30);
  expect(new Set(names).size).toBe(names.length);
});

describe('a refresher', () => {
  test('is the only one of its storage', () => {
    const stack = createStack();
    const storage = new TokenStorage(stack, 'Storage');
    new TokenRefresher(stack, 'One', { storage });
    expect(problemOf(() => new TokenRefresher(stack, 'Two', { storage }))).toBe(
      'storage: "evertoken" is kept fresh by app/One already, and a second refresher would race with it: give each a storage and a namespace of its own',
    );
  });

  test('gives its alarms and its dashboard, or goes without', () => {
    const stack = createStack();
    const refresher = new TokenRefresher(stack, 'Refresher');
    expect([...refresher.alarms.keys()]).toEqual([
      'NoTicks',
      'ConnectionsNeedAttention',
      'TokenExpires',
      'RefreshTokenEnds',
      'RefreshTokenRescued',
      'UndeliveredEvents',
      'RefreshDueFails',
      'RefreshNowFails',
      'ReconcileFails',
    ]);
    expect(refresher.dashboard?.dashboardName).toBeDefined();
    const other = createStack();
    const plain = new TokenRefresher(other, 'Refresher', { alarms: false, dashboard: false });
    expect([plain.alarms.size, plain.dashboard]).toEqual([0, undefined]);
    const template = templateOf(other);
    expect(resourcesOf(template, 'AWS::CloudWatch::Alarm')).toEqual({});
    expect(resourcesOf(template, 'AWS::CloudWatch::Dashboard')).toEqual({});
  });

  test('has a dashboard without alarms, too', () => {
    const stack = createStack();
    new TokenRefresher(stack, 'Refresher', { alarms: false });
    const { Properties } = resourceOf(templateOf(stack), 'AWS::CloudWatch::Dashboard');
    expect(JSON.stringify(Properties)).not.toContain('"title\\":\\"Alarms');
  });

  test('names its metrics', () => {
    const refresher = new TokenRefresher(createStack(), 'Refresher');
    const metrics = [
      refresher.metricSoonestExpiry(),
      refresher.metricTokensRefreshed({ label: 'refreshed' }),
      refresher.metricExchangeMilliseconds({ statistic: 'p99' }),
      refresher.metric('SecretThrottles'),
    ].map(({ metricName, statistic, dimensions }) => [metricName, statistic, dimensions]);
    const dimensions = { namespace: 'evertoken' };
    expect(metrics).toEqual([
      ['SoonestExpirySeconds', 'Minimum', dimensions],
      ['TokensRefreshed', 'Sum', dimensions],
      ['ExchangeMilliseconds', 'p99', dimensions],
      ['SecretThrottles', 'Sum', dimensions],
    ]);
  });

  test('has a method for each metric that the functions write', () => {
    const refresher = new TokenRefresher(createStack(), 'Refresher') as unknown as Record<
      string,
      () => Metric
    >;
    for (const name of [...COUNTS, ...GAUGES]) {
      const method = name === 'SoonestExpirySeconds' ? 'metricSoonestExpiry' : `metric${name}`;
      expect(refresher[method]?.().metricName).toBe(name);
    }
  });

  test('gives rules for its events, of all connections or some', () => {
    const stack = createStack();
    const refresher = new TokenRefresher(stack, 'Refresher');
    const target = new SqsQueue(new Queue(stack, 'Queue'));
    refresher.onRefreshFailed('Failed', { target });
    refresher.onConnectionNeedsAttention('Needed', {
      target,
      connectionNames: ['crm'],
      eventPattern: { detail: { health: ['misconfigured'] } },
    });
    const template = templateOf(stack);
    const patternOf = (id: string) =>
      resourceOf(template, 'AWS::Events::Rule', id).Properties['EventPattern'];
    const account = [{ Ref: 'AWS::AccountId' }];
    expect(patternOf('RefresherFailed')).toEqual({
      account,
      source: ['evertoken'],
      'detail-type': ['Refresh Failed'],
      detail: { namespace: ['evertoken'] },
    });
    expect(patternOf('RefresherNeeded')).toEqual({
      account,
      source: ['evertoken'],
      'detail-type': ['Connection Needs Attention'],
      detail: { namespace: ['evertoken'], connection: ['crm'], health: ['misconfigured'] },
    });
  });

  test('lets somebody ask for one connection, by events of a source that only that one has', () => {
    const stack = createStack();
    const storage = new TokenStorage(stack, 'Storage');
    const crm = new Connection(stack, 'Crm', { storage, connectionName: 'desk/crm', ...KAJABI });
    const refresher = new TokenRefresher(stack, 'Refresher', { storage });
    const roleOf = (id: string) =>
      new Role(stack, id, { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    refresher.grantRefresh(roleOf('One'), crm);
    refresher.grantRefresh(roleOf('Two'), crm);
    refresher.grantRefreshOfAll(roleOf('All'));
    const template = templateOf(stack);
    const source = 'evertoken.refresh/evertoken/desk/crm';
    const policyOf = (id: string) =>
      (
        resourceOf(template, 'AWS::IAM::Policy', id).Properties['PolicyDocument'] as {
          Statement: Statement[];
        }
      ).Statement;
    for (const id of ['One', 'Two']) {
      expect(policyOf(id)).toEqual([
        expect.objectContaining({
          Action: 'events:PutEvents',
          Condition: { StringEquals: { 'events:source': source } },
        }),
      ]);
    }
    expect(policyOf('All')).toEqual([expect.objectContaining({ Action: 'lambda:InvokeFunction' })]);
    const rules = Object.values(resourcesOf(template, 'AWS::Events::Rule')).filter(({ Properties }) =>
      JSON.stringify(Properties).includes(source),
    );
    expect(rules).toHaveLength(1);
    expect(rules[0]?.Properties).toMatchObject({
      EventPattern: { source: [source] },
      Targets: [expect.objectContaining({ Input: '{"connections":["desk/crm"],"force":true}' })],
    });
  });

  test('and a storage tag what they consist of', () => {
    const stack = createStack();
    const tags = { team: 'crm' };
    new TokenRefresher(stack, 'Refresher', { storage: new TokenStorage(stack, 'Storage', { tags }), tags });
    const template = templateOf(stack);
    for (const type of [
      'AWS::DynamoDB::Table',
      'AWS::KMS::Key',
      'AWS::Lambda::Function',
      'AWS::SQS::Queue',
    ]) {
      for (const { Properties } of Object.values(resourcesOf(template, type))) {
        expect(Properties['Tags']).toEqual([{ Key: 'team', Value: 'crm' }]);
      }
    }
  });
});

describe('a storage', () => {
  const policiesOf = (removalPolicy?: RemovalPolicy) => {
    const stack = createStack();
    const storage = new TokenStorage(stack, 'Storage', { ...(removalPolicy && { removalPolicy }) });
    new Connection(stack, 'Crm', { storage, connectionName: 'crm', ...KAJABI });
    const template = templateOf(stack);
    const stored = ['AWS::DynamoDB::Table', 'AWS::KMS::Key', 'AWS::SecretsManager::Secret'];
    const resources = stored.flatMap((type) => Object.values(resourcesOf(template, type)));
    const table = resourceOf(template, 'AWS::DynamoDB::Table');
    return {
      deletion: new Set(resources.map(({ DeletionPolicy }) => DeletionPolicy)),
      isProtected: table.Properties['DeletionProtectionEnabled'],
    };
  };

  test('keeps what it stores, unless it is to be thrown away', () => {
    expect(policiesOf()).toEqual({ deletion: new Set(['Retain']), isProtected: true });
    expect(policiesOf(RemovalPolicy.DESTROY)).toEqual({ deletion: new Set(['Delete']), isProtected: false });
  });
});

describe('connections of a file', () => {
  const fileOf = (connections: object) => {
    const folder = mkdtempSync(join(tmpdir(), 'evertoken-file-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'connections.json');
    writeFileSync(file, JSON.stringify({ connections }));
    return file;
  };

  test('are declared in an app of one’s own, and each can be read from', () => {
    const stack = createStack();
    const storage = new TokenStorage(stack, 'Storage');
    const file = fileOf({
      crm: { provider: 'kajabi', credentials: 'kajabi-main' },
      'desk/acme': { tokenUrl: 'https://idp.example.com/token', credentials: 'acme' },
    });
    const connections = Connections.fromFile(stack, 'Connections', { storage, file });
    expect([...connections.all.keys()]).toEqual(['crm', 'desk/acme']);
    const reader = new Role(stack, 'Reader', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    connections.get('crm').grantRead(reader);
    expect(problemOf(() => connections.get('crn'))).toBe(
      `${file}: there is no connection "crn"; there are crm, desk/acme`,
    );
    const parameters = Object.values(resourcesOf(templateOf(stack), 'AWS::SSM::Parameter'));
    expect(parameters.map(({ Properties }) => Properties['Name']).sort()).toEqual([
      '/evertoken/connections/crm',
      '/evertoken/connections/desk/acme',
    ]);
  });

  test('may need as many writes of parameters as their refresher is allowed', () => {
    const minutes = {
      tokenUrl: 'https://idp.example.com/token',
      credentials: 'a',
      defaultLifetimeSeconds: 300,
      readerCacheSeconds: 30,
    };
    const names = Array.from({ length: 70 }, (_, index) => `c${index}`);
    const file = fileOf(Object.fromEntries(names.map((name) => [name, minutes])));
    const stack = createStack();
    const storage = new TokenStorage(stack, 'Storage');
    Connections.fromFile(stack, 'Connections', { storage, file });
    const allowing = (parameterWritesPerSecond: number) => () =>
      new TokenRefresher(stack, `By${parameterWritesPerSecond}`, { storage, parameterWritesPerSecond });
    expect(problemOf(allowing(0.5))).toMatch(/would need 0\.6 writes a second/);
  });

  test('that cannot be kept fresh are refused at their place', () => {
    const file = fileOf({ crm: { provider: 'kajaby', credentials: 'a' } });
    const stack = createStack();
    const storage = new TokenStorage(stack, 'Storage');
    expect(problemOf(() => Connections.fromFile(stack, 'Connections', { storage, file }))).toMatch(
      /connections\.crm\.provider: there is no preset "kajaby"; did you mean "kajabi"\?/,
    );
  });
});

describe('a secret that is a construct', () => {
  test('is taken for credentials and for a token, with the key of each', () => {
    const stack = createStack();
    const key = new Key(stack, 'Mine');
    const storage = new TokenStorage(stack, 'Storage');
    const crm = new Connection(stack, 'Crm', {
      storage,
      connectionName: 'crm',
      tokenUrl: 'https://idp.example.com/token',
      credentials: new Secret(stack, 'Credentials', { encryptionKey: key }),
      token: new Secret(stack, 'Token'),
    });
    new TokenRefresher(stack, 'Refresher', { storage });
    const template = templateOf(stack);
    const declared = JSON.stringify(resourceOf(template, 'AWS::SSM::Parameter', 'CrmDeclaration').Properties);
    expect(declared).toMatch(/Credentials[0-9A-F]+.*Mine[0-9A-F]+.*Token[0-9A-F]+/);
    const role = statementsIn(template, 'AWS::IAM::Policy', 'PolicyDocument').map((one) =>
      JSON.stringify(one),
    );
    expect(role.some((text) => /GetSecretValue.*Credentials[0-9A-F]+/.test(text))).toBe(true);
    expect(role.some((text) => /kms:Decrypt.*Mine[0-9A-F]+/.test(text))).toBe(true);
    expect(crm.tokenSecret.node.path).toBe('app/Token');
  });
});

test('what is deployed is noted alike by each synthesis, also where only the deployment knows an ARN', () => {
  const noted = (id: string) => {
    const stack = createStack();
    const storage = new TokenStorage(stack, 'Storage');
    new Connection(stack, 'Crm', {
      storage,
      connectionName: 'crm',
      tokenUrl: 'https://idp.example.com/token',
      credentials: new Secret(stack, id),
    });
    new TokenRefresher(stack, 'Refresher', { storage });
    return resourceOf(templateOf(stack), 'AWS::SSM::Parameter', 'RefresherDeployment').Properties['Value'];
  };
  expect(noted('Credentials')).toEqual(noted('Credentials'));
  expect(noted('Credentials')).not.toEqual(noted('Others'));
});

describe('a connection of elsewhere by the ARN of its token', () => {
  const ARN = 'arn:aws:secretsmanager:eu-west-1:444455556666:secret:crm/tokens/desk/acme-AbCdEf';

  test('has its name, and can be read from', () => {
    const stack = createStack();
    const connection = Connection.fromTokenSecretArn(stack, 'Acme', ARN);
    expect(connection.connectionName).toBe('desk/acme');
    connection.grantRead(
      new Role(stack, 'Reader', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') }),
    );
    expect(JSON.stringify(statementsIn(templateOf(stack), 'AWS::IAM::Policy', 'PolicyDocument'))).toContain(
      ':secretsmanager:eu-west-1:444455556666:secret:crm/tokens/desk/acme-??????',
    );
  });

  test('is refused where it is that of another secret', () => {
    const other = ARN.replace('/tokens/', '/credentials/');
    expect(problemOf(() => Connection.fromTokenSecretArn(createStack(), 'Acme', other))).toMatch(
      /^tokenSecretArn: found ".*"; expected the ARN of a secret <namespace>\/tokens\/<connection>/,
    );
  });
});
