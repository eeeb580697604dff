import { describe, expect, test } from 'vitest';
import { EVENT_SOURCE } from '../../functions/aws/events.ts';
import { METRIC_NAMESPACE as WRITTEN_NAMESPACE } from '../../functions/aws/metrics.ts';
import { readConfig } from '../../functions/handlers/config.ts';
import { readRefreshNowEvent } from '../../functions/handlers/read-event.ts';
import type { Count, EventDetailType, Gauge } from '../../functions/refresh/ports/outside.ts';
import { COUNTS, GAUGES, METRIC_NAMESPACE } from '../../infra/constructs/deployment-metrics.ts';
import { readRepositoryFile } from '../support/source-files.ts';
import { type Resource, resourceOf, resourcesOf, synthesise } from '../support/synthesised.ts';

const EMAIL = 'on-call@example.com';
const TOKEN_KEY = 'arn:aws:kms:eu-central-1:111122223333:key/4e5f6a7b';
const RESCUE_KEY = 'arn:aws:kms:eu-central-1:111122223333:key/0a1b2c3d';
const { refresh } = synthesise({
  connections: { crm: { provider: 'kajabi', credentials: 'kajabi-main' } },
  context: {
    alarmEmail: EMAIL,
    allowedTokenOrigins: 'https://idp.internal:8443 https://other.internal',
    secretWritesPerSecond: '5',
  },
});
const { refresh: plain } = synthesise();

const propertiesOf = (type: string, idPrefix?: string) => resourceOf(refresh, type, idPrefix).Properties;
const all = (type: string) => Object.values(resourcesOf(refresh, type)).map(({ Properties }) => Properties);

describe('functions', () => {
  const functions = all('AWS::Lambda::Function');

  test('are three, and two for the dashboard, named for the namespace', () => {
    expect(functions.map(({ FunctionName }) => FunctionName).sort()).toEqual([
      'evertoken-reconcile',
      'evertoken-refresh-due',
      'evertoken-refresh-now',
      'evertoken-status-action',
      'evertoken-status-widget',
    ]);
  });

  test.each(functions.map((properties) => [properties['FunctionName'], properties]))(
    '%s',
    (_, properties) => {
      expect(properties).toMatchObject({
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        Handler: 'index.handler',
        // Parameter Store's pace decides how long a listing takes.
        Timeout: properties['FunctionName'] === 'evertoken-reconcile' ? 900 : 300,
        LoggingConfig: { LogFormat: 'JSON', LogGroup: { Ref: expect.any(String) } },
      });
      // An account may have ten concurrent executions, of which nothing may be reserved.
      expect(properties).not.toHaveProperty('ReservedConcurrentExecutions');
    },
  );

  test('have a role each', () => {
    const roles = functions.map(({ Role }) => JSON.stringify(Role));
    expect(new Set(roles).size).toBe(5);
  });

  test('get an environment that they accept', () => {
    for (const { Environment, FunctionName } of functions) {
      const { Variables } = Environment as { Variables: Record<string, string> };
      const fromStorage = {
        EVERTOKEN_STATE_TABLE: 'evertoken-state',
        EVERTOKEN_RESCUE_KEY: RESCUE_KEY,
        EVERTOKEN_TOKEN_KEY: TOKEN_KEY,
      };
      expect(readConfig({ ...Variables, ...fromStorage })).toEqual({
        namespace: 'evertoken',
        stateTable: 'evertoken-state',
        rescueKey: RESCUE_KEY,
        secretWritesPerSecond: 5,
        parameterWritesPerSecond: 3,
        tokenKey: TOKEN_KEY,
        allowedTokenOrigins: ['https://idp.internal:8443', 'https://other.internal'],
        timeScale: 1,
        ...(FunctionName === 'evertoken-status-widget' && { statusButtons: true }),
      });
      // Node would read the source maps at the first stack trace: a third of a cold start.
      expect(Variables).not.toHaveProperty('NODE_OPTIONS');
    }
  });

  test('write to log groups that are kept, for a month', () => {
    const groups = Object.values(resourcesOf(refresh, 'AWS::Logs::LogGroup'));
    expect(groups).toHaveLength(5);
    for (const { DeletionPolicy, Properties } of groups) {
      expect(DeletionPolicy).toBe('Retain');
      expect(Properties['RetentionInDays']).toBe(30);
    }
  });

  test('need no function of CDK beside them', () => {
    const types = Object.values(refresh.Resources).map(({ Type }) => Type);
    expect(types.filter((type) => /^Custom::|CustomResource/.test(type))).toEqual([]);
  });

  test('are not tried again for a tick, and twice for a request, which is then kept', () => {
    const failures = (id: string) => propertiesOf('AWS::Lambda::EventInvokeConfig', `Refresher${id}`);
    expect(failures('RefreshDue')).toMatchObject({ MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 });
    expect(propertiesOf('AWS::Lambda::Function', 'RefresherRefreshDue')).not.toHaveProperty(
      'DeadLetterConfig',
    );
    for (const id of ['RefreshNow', 'Reconcile']) {
      expect(failures(id)).toMatchObject({ MaximumRetryAttempts: 2 });
      expect(propertiesOf('AWS::Lambda::Function', `Refresher${id}`)).toHaveProperty('DeadLetterConfig');
    }
  });
});

describe('schedules', () => {
  const schedules = all('AWS::Scheduler::Schedule');
  const named = (name: string) => schedules.find(({ Name }) => Name === name);

  test('tick every minute, and never late or twice', () => {
    expect(named('evertoken-refresh-due')).toMatchObject({
      ScheduleExpression: 'rate(1 minute)',
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: { RetryPolicy: { MaximumEventAgeInSeconds: 60, MaximumRetryAttempts: 0 } },
    });
  });

  test('reconcile every hour, from the moment of the deployment on', () => {
    const schedule = named('evertoken-reconcile');
    expect(schedule?.['ScheduleExpression']).toBe('rate(1 hour)');
    // Without a start a rate begins at once.
    expect(schedule).not.toHaveProperty('StartDate');
  });

  test('are in a group of their own', () => {
    const [group] = Object.keys(resourcesOf(refresh, 'AWS::Scheduler::ScheduleGroup'));
    expect(schedules.map(({ GroupName }) => GroupName)).toEqual([{ Ref: group }, { Ref: group }]);
  });
});

/** What CloudFormation puts in for the account of the stack, and another one. */
const ACCOUNT = '111122223333';
const OTHER_ACCOUNT = '999988887777';

interface Pattern {
  account: string[];
  source?: string[];
  'detail-type': string[];
  detail: Record<string, (string | { prefix: string })[]>;
}

/** Whether a rule's pattern matches an event, for the kinds of pattern that are used here. */
function matches(
  pattern: Pattern,
  event: { account?: string; source: string; 'detail-type': string; detail: Record<string, unknown> },
) {
  const one = (allowed: (string | { prefix: string })[] | undefined, value: unknown) =>
    allowed?.some((want) =>
      typeof want === 'string' ? want === value : String(value).startsWith(want.prefix),
    ) ?? true;
  return (
    one(pattern.account, event.account ?? ACCOUNT) &&
    one(pattern.source, event.source) &&
    one(pattern['detail-type'], event['detail-type']) &&
    Object.entries(pattern.detail).every(([key, allowed]) => one(allowed, event.detail[key]))
  );
}

describe('rules', () => {
  const rules = all('AWS::Events::Rule').map(({ EventPattern, Targets }) => ({
    pattern: JSON.parse(
      JSON.stringify(EventPattern).replace('{"Ref":"AWS::AccountId"}', `"${ACCOUNT}"`),
    ) as Pattern,
    target: JSON.stringify((Targets as { Arn: unknown }[])[0]?.Arn).match(
      /(RefreshNow|Reconcile|AlarmTopic)/,
    )?.[0],
  }));
  const parameterChange = (name: string, operation: string) => ({
    account: ACCOUNT,
    source: 'aws.ssm',
    'detail-type': 'Parameter Store Change',
    detail: { name, operation, type: 'String' },
  });
  const requested = (namespace: string, account = ACCOUNT) => ({
    account,
    source: 'anything',
    'detail-type': 'Refresh Requested',
    detail: { namespace, connections: ['crm'] },
  });
  const told = (detailType: EventDetailType, namespace = 'evertoken') => ({
    source: EVENT_SOURCE,
    'detail-type': detailType,
    detail: { schema: 1, namespace, connection: 'crm' },
  });

  test.each([
    ['a request', requested('evertoken'), 'RefreshNow'],
    ['a request to another namespace', requested('other'), undefined],
    ['a request of another account', requested('evertoken', OTHER_ACCOUNT), undefined],
    ['a new declaration', parameterChange('/evertoken/connections/crm', 'Create'), 'RefreshNow'],
    ['a changed declaration', parameterChange('/evertoken/connections/books/acme', 'Update'), 'RefreshNow'],
    ['a deleted declaration', parameterChange('/evertoken/connections/crm', 'Delete'), undefined],
    [
      'a declaration of another namespace',
      parameterChange('/evertoken2/connections/crm', 'Create'),
      undefined,
    ],
    ['a rescue', parameterChange('/evertoken/rescue/crm', 'Create'), undefined],
    ['a deployment', parameterChange('/evertoken/deployment', 'Create'), 'Reconcile'],
    ['a further deployment', parameterChange('/evertoken/deployment', 'Update'), 'Reconcile'],
    ['a connection that needs a person', told('Connection Needs Attention'), 'AlarmTopic'],
    ['a refresh token that ends', told('Refresh Token Expiring'), 'AlarmTopic'],
    ['the same in another namespace', told('Connection Needs Attention', 'other'), undefined],
    ['a refresh', told('Token Refreshed'), undefined],
    [
      'a declaration in another account',
      { ...parameterChange('/evertoken/connections/crm', 'Create'), account: OTHER_ACCOUNT },
      undefined,
    ],
    [
      'a connection of another account that needs a person',
      { ...told('Connection Needs Attention'), account: OTHER_ACCOUNT },
      undefined,
    ],
  ])('%s', (_, event, target) => {
    expect(rules.filter(({ pattern }) => matches(pattern, event)).map((rule) => rule.target)).toEqual(
      target === undefined ? [] : [target],
    );
  });

  test('bring refresh-now only events that it understands', () => {
    for (const event of [requested('evertoken'), parameterChange('/evertoken/connections/crm', 'Create')]) {
      expect(readRefreshNowEvent(event, 'evertoken', ACCOUNT).kind).toMatch(/^(requested|register)$/);
    }
  });

  test('keep what cannot be delivered', () => {
    for (const { Targets } of all('AWS::Events::Rule')) {
      expect((Targets as object[]).every((target) => 'DeadLetterConfig' in target)).toBe(true);
    }
  });
});

describe('what a deployment writes last', () => {
  const dependenciesOf = ({ DependsOn = [] }: Resource) => DependsOn;

  test('is a parameter whose change makes reconcile run, when all that runs is there', () => {
    const dependencies = dependenciesOf(resourceOf(refresh, 'AWS::SSM::Parameter'));
    const needed = Object.entries(refresh.Resources)
      .filter(([, { Type }]) => /::(Function|Permission|Rule|Schedule|Policy)$/.test(Type))
      .map(([id]) => id)
      .filter((id) => /^Refresher(RefreshDue|RefreshNow|Reconcile|Rules|Schedules)/.test(id));
    expect(needed.length).toBeGreaterThan(12);
    expect(needed.filter((id) => !dependencies.includes(id))).toEqual([]);
  });

  test('says what was deployed', () => {
    const value = (settings: Record<string, unknown>) =>
      resourceOf(synthesise({ settings }).refresh, 'AWS::SSM::Parameter').Properties['Value'];
    const said = {
      encryption: 'aws-managed',
      alarmEmail: EMAIL,
      allowedTokenOrigins: ['https://idp.internal'],
      secretWritesPerSecond: 48,
      parameterWritesPerSecond: 10,
      statusWidget: 'none',
      tokenRefreshedEvents: false,
      logRetentionDays: 90,
    };
    expect(JSON.parse(value(said) as string)).toMatchObject({ schema: 1, settings: said });
    expect(JSON.parse(value({}) as string)).toMatchObject({ settings: { encryption: 'customer-managed' } });
    const existing = {
      alarmTopicArn: 'arn:aws:sns:eu-central-1:111122223333:on-call',
      keyArn: 'arn:aws:kms:eu-central-1:111122223333:key/0a1b2c3d-0000-4000-8000-000000000000',
    };
    expect(JSON.parse(value(existing) as string)).toMatchObject({ settings: existing });
  });

  test('changes with what is declared or deployed otherwise, and with nothing else', () => {
    const value = (connections: Record<string, unknown>, settings = {}) =>
      resourceOf(synthesise({ connections, settings }).refresh, 'AWS::SSM::Parameter').Properties['Value'];
    const one = { tokenUrl: 'https://idp.example.com/token', credentials: 'a' };
    const two = { tokenUrl: 'https://idp.example.com/token', credentials: 'b' };
    const both = value({ one, two });
    expect(value({ two, one })).toBe(both);
    expect(value({ one, two }, { tags: { team: 'crm' } })).toBe(both);
    expect(value({ one, two }, { alarmEmail: EMAIL })).not.toBe(both);
    expect(value({ one })).not.toBe(both);
    expect(value({ one, two: { ...two, scope: 'read' } })).not.toBe(both);
  });
});

describe('metrics', () => {
  test('are those that the functions write', () => {
    expect(METRIC_NAMESPACE).toBe(WRITTEN_NAMESPACE);
    const counts: readonly Count[] = COUNTS;
    const gauges: readonly Gauge[] = GAUGES;
    const names: Record<Count | Gauge, true> = {
      TicksEnded: true,
      TokensRefreshed: true,
      RefreshesFailed: true,
      RefreshesRetried: true,
      RefreshesAwaitingCredentials: true,
      RefreshesMisconfigured: true,
      RefreshesNeedingReauthorization: true,
      RefreshesLate: true,
      RescuesWritten: true,
      RequestsRefused: true,
      SecretWrites: true,
      SecretThrottles: true,
      ParameterWrites: true,
      ParameterThrottles: true,
      EventsDropped: true,
      ConnectionsDue: true,
      OldestDueSeconds: true,
      ConnectionsHealthy: true,
      ConnectionsNew: true,
      ConnectionsRetrying: true,
      ConnectionsFailing: true,
      ConnectionsAwaitingCredentials: true,
      ConnectionsMisconfigured: true,
      ConnectionsNeedingReauthorization: true,
      ConnectionsPaused: true,
      ConnectionsNeedingAttention: true,
      TokensEndangered: true,
      SoonestExpirySeconds: true,
      RefreshTokensEnding: true,
      RefreshLatenessSeconds: true,
      ExchangeMilliseconds: true,
      WritesLeft: true,
    };
    expect([...counts, ...gauges].sort()).toEqual(Object.keys(names).sort());
  });
});

/** The alarm that comes with the queue of wake-ups. */
function ofShortLived() {
  const minutes = { tokenUrl: 'https://idp.example.com/token', credentials: 'a', publishTo: 'parameter' };
  const { refresh: template } = synthesise({
    connections: { minutes: { ...minutes, grants: ['client_credentials'] } },
  });
  return Object.values(resourcesOf(template, 'AWS::CloudWatch::Alarm'))
    .map(({ Properties }) => Properties)
    .filter(({ AlarmName }) => AlarmName === 'evertoken-wake-ups-wait');
}

describe('alarms', () => {
  const alarms = all('AWS::CloudWatch::Alarm');
  const named = (name: string) => alarms.find(({ AlarmName }) => AlarmName === `evertoken-${name}`);
  const dimensions = [{ Name: 'namespace', Value: 'evertoken' }];

  test('watch what calls for a person', () => {
    expect(alarms.map(({ AlarmName }) => String(AlarmName).replace('evertoken-', '')).sort()).toEqual([
      'connections-need-attention',
      'no-ticks',
      'reconcile-fails',
      'refresh-due-fails',
      'refresh-now-fails',
      'refresh-token-ends',
      'refresh-token-rescued',
      'token-expires',
      'undelivered-events',
    ]);
  });

  test('go off when no tick has come to its end for five minutes, however little there is to look at', () => {
    expect(named('no-ticks')).toMatchObject({
      ComparisonOperator: 'LessThanThreshold',
      Threshold: 1,
      EvaluationPeriods: 5,
      TreatMissingData: 'breaching',
      Metrics: [
        { Expression: 'FILL(ticks, 0)' },
        {
          Id: 'ticks',
          ReturnData: false,
          MetricStat: {
            Metric: { Namespace: 'Evertoken', MetricName: 'TicksEnded', Dimensions: dimensions },
            Period: 60,
            Stat: 'Sum',
          },
        },
      ],
    });
  });

  test('follow by the minute what each tick measures, and keep their state where none does', () => {
    for (const name of ['connections-need-attention', 'token-expires', 'refresh-token-ends']) {
      const expected = {
        Dimensions: dimensions,
        Period: 60,
        EvaluationPeriods: 1,
        TreatMissingData: 'ignore',
      };
      expect(named(name)).toMatchObject(expected);
    }
  });

  test('say what they mean, what to do, and the section of the runbook, which is there', () => {
    const headings = [...readRepositoryFile('docs/runbook.md').matchAll(/^## (.+)$/gm)].map(
      ([, title]) => title,
    );
    const all = [...alarms, ...ofShortLived()];
    expect(all.length).toBe(alarms.length + 1);
    for (const { AlarmDescription, AlarmName } of all) {
      const description = String(AlarmDescription);
      const [, said = '', section] =
        /^(.{80,}) What to do: docs\/runbook\.md, "(.+)"\.$/.exec(description) ?? [];
      expect(headings, String(AlarmName)).toContain(section);
      expect(said.length + description.length).toBeLessThan(1_024);
    }
  });

  test('are mailed', () => {
    const [topic] = Object.keys(resourcesOf(refresh, 'AWS::SNS::Topic'));
    for (const { AlarmActions, OKActions } of alarms) {
      expect(AlarmActions).toEqual([{ Ref: topic }]);
      expect(OKActions).toEqual([{ Ref: topic }]);
    }
    expect(propertiesOf('AWS::SNS::Subscription')).toMatchObject({ Protocol: 'email', Endpoint: EMAIL });
    const publishers = JSON.stringify(propertiesOf('AWS::SNS::TopicPolicy'));
    expect(publishers).toContain('cloudwatch.amazonaws.com');
    expect(publishers).toContain('events.amazonaws.com');
  });

  test('are there without an address too', () => {
    expect(Object.keys(resourcesOf(plain, 'AWS::CloudWatch::Alarm'))).toHaveLength(alarms.length);
    expect(resourcesOf(plain, 'AWS::SNS::Topic')).toEqual({});
  });
});

describe('what is asked of the logs', () => {
  const queries = all('AWS::Logs::QueryDefinition');

  test('stands in a folder of the namespace, for all functions', () => {
    expect(queries.map(({ Name }) => Name).sort()).toEqual([
      'evertoken/Slowest providers',
      'evertoken/What failed last night',
      'evertoken/Who was late',
    ]);
    for (const { LogGroupNames } of queries) expect(LogGroupNames).toHaveLength(3);
  });

  test('is by the words of what logs them', () => {
    const sources = ['announce', 'remember-outcome'].map((step) =>
      readRepositoryFile(`functions/refresh/steps/${step}.ts`),
    );
    for (const { QueryString } of queries) {
      const [, message] = /message = "([^"]+)"/.exec(String(QueryString)) ?? [];
      expect(sources.join('\n')).toMatch(new RegExp(`log\\.(info|warn)\\('${message}'`));
    }
  });
});

test('the dashboard is named for namespace and Region, as its names are the account’s', () => {
  expect(propertiesOf('AWS::CloudWatch::Dashboard')['DashboardName']).toEqual({
    'Fn::Join': ['', ['evertoken-', { Ref: 'AWS::Region' }]],
  });
});

test('outputs name what to invoke, attach and look at', () => {
  expect(Object.keys(refresh.Outputs ?? {}).sort()).toEqual([
    'DashboardName',
    'OperatorPolicyArn',
    'RefreshNowFunction',
  ]);
});
