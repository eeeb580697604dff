import { Stack } from 'aws-cdk-lib';
import { describe, expect, test } from 'vitest';
import { readConfig } from '../../functions/handlers/config.ts';
import { readRefreshNowEvent } from '../../functions/handlers/read-event.ts';
import { Connection, TokenRefresher, TokenStorage } from '../../infra/index.ts';
import { createApp, resourceOf, resourcesOf, synthesise, templateOf } from '../support/synthesised.ts';

const crm = { provider: 'kajabi', credentials: 'kajabi-main', consoleRotate: true };
const idp = {
  tokenUrl: 'https://idp.example.com/token',
  credentials: 'idp',
  defaultLifetimeSeconds: 300,
  readerCacheSeconds: 30,
};
const { refresh } = synthesise({ connections: { crm, idp } });
const { refresh: plain } = synthesise({ connections: { crm } });

const ids = ({ Resources }: typeof refresh) => Object.keys(Resources);
const queueId = ids(refresh).find((id) => id.startsWith('RefresherWakeUpsQueue')) as string;
const variablesOf = (template: typeof refresh) =>
  Object.values(resourcesOf(template, 'AWS::Lambda::Function')).map(({ Properties }) => {
    const { Variables } = Properties['Environment'] as { Variables: Record<string, unknown> };
    return [String(Properties['FunctionName']), Variables] as const;
  });

describe('a deployment without tokens of minutes', () => {
  test('has nothing of what wakes them, and all else that the other has', () => {
    const added = ids(refresh).filter((id) => !ids(plain).includes(id));
    expect(added.map((id) => id.replace(/[0-9A-F]{8}$/, '')).sort()).toEqual([
      'RefresherAlarmsWakeUpsWait',
      'RefresherWakeUpsDelivery',
      'RefresherWakeUpsQueue',
      'RefresherWakeUpsQueuePolicy',
    ]);
    expect(ids(plain).filter((id) => !ids(refresh).includes(id))).toEqual([]);
    expect(JSON.stringify(plain)).not.toMatch(
      /WakeUp|WAKE_UP|sqs:(Receive|Delete)Message|EventSourceMapping/,
    );
  });

  test('is what it is also where a token was put into its secret, or its refresh token rotates', () => {
    const { refresh: others } = synthesise({
      connections: { crm, idp: { ...idp, defaultLifetimeSeconds: 3600 } },
    });
    expect(ids(others)).toEqual(ids(plain));
  });
});

describe('the queue', () => {
  const { Properties: queue } = resourceOf(refresh, 'AWS::SQS::Queue', 'RefresherWakeUpsQueue');

  test('is encrypted, and a standard one, which takes a delay for each message', () => {
    expect(queue['SqsManagedSseEnabled']).toBe(true);
    expect(queue).not.toHaveProperty('FifoQueue');
    expect(queue).not.toHaveProperty('RedrivePolicy');
  });

  test('keeps a message longer than it can be delayed, and hides it while it is worked on', () => {
    const { MessageRetentionPeriod, VisibilityTimeout } = queue as Record<string, number>;
    expect(MessageRetentionPeriod).toBeGreaterThan(900 + 60);
    expect(MessageRetentionPeriod).toBeLessThanOrEqual(1800);
    const { Timeout } = resourceOf(refresh, 'AWS::Lambda::Function', 'RefresherRefreshNow').Properties;
    expect(VisibilityTimeout).toBeGreaterThanOrEqual(Timeout as number);
  });

  test('takes nothing without TLS', () => {
    const policy = resourceOf(refresh, 'AWS::SQS::QueuePolicy', 'RefresherWakeUpsQueue').Properties;
    expect(policy['PolicyDocument']).toMatchObject({
      Statement: [
        { Effect: 'Deny', Action: 'sqs:*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
      ],
    });
    expect(policy['Queues']).toEqual([{ Ref: queueId }]);
  });

  test('is known to the functions that refresh, and to no other', () => {
    const knowing = variablesOf(refresh).filter(([, variables]) => 'EVERTOKEN_WAKE_UP_QUEUE' in variables);
    expect(knowing.map(([name]) => name).sort()).toEqual([
      'evertoken-refresh-due',
      'evertoken-refresh-now',
      'evertoken-rotate-secret',
    ]);
    for (const [, { EVERTOKEN_WAKE_UP_QUEUE: url }] of knowing) expect(url).toEqual({ Ref: queueId });
    const url = 'https://sqs.eu-central-1.amazonaws.com/111122223333/evertoken-wake-ups';
    expect(readConfig({ EVERTOKEN_STATE_TABLE: 'state', EVERTOKEN_WAKE_UP_QUEUE: url }).wakeUpQueue).toBe(
      url,
    );
  });
});

describe('its delivery', () => {
  const delivery = resourceOf(refresh, 'AWS::Lambda::EventSourceMapping');

  test('goes to refresh-now, eight at once, and reports no failure of one of them', () => {
    expect(delivery.Properties).toMatchObject({
      BatchSize: 8,
      EventSourceArn: { 'Fn::GetAtt': [queueId, 'Arn'] },
      FunctionName: { Ref: expect.stringMatching(/^RefresherRefreshNowFunction/) },
      ScalingConfig: { MaximumConcurrency: 5 },
    });
    expect(delivery.Properties).not.toHaveProperty('FunctionResponseTypes');
    expect(delivery.Properties).not.toHaveProperty('MaximumBatchingWindowInSeconds');
  });

  test('begins when the role may read the queue', () => {
    expect(delivery.DependsOn).toEqual(
      expect.arrayContaining([expect.stringMatching(/^RefresherRefreshNowRoleDefaultPolicy/)]),
    );
  });

  test('is there before the deployment makes reconcile run', () => {
    const [id] = Object.keys(resourcesOf(refresh, 'AWS::Lambda::EventSourceMapping'));
    expect(resourceOf(refresh, 'AWS::SSM::Parameter').DependsOn).toContain(id);
  });

  test('is of a form that refresh-now reads', () => {
    const Records = [{ eventSource: 'aws:sqs', body: '{"connection":"idp"}' }];
    expect(readRefreshNowEvent({ Records }, 'evertoken', '111122223333')).toEqual({
      kind: 'refresh',
      connections: ['idp'],
      force: false,
      trigger: 'wake-up',
    });
  });
});

test('somebody is told when messages that are due wait, and the dashboard shows it', () => {
  const [id] = ids(refresh).filter((each) => each.startsWith('RefresherAlarmsWakeUpsWait'));
  const { Properties } = resourceOf(refresh, 'AWS::CloudWatch::Alarm', 'RefresherAlarmsWakeUpsWait');
  expect(Properties).toMatchObject({
    AlarmName: 'evertoken-wake-ups-wait',
    MetricName: 'ApproximateNumberOfMessagesVisible',
    Dimensions: [{ Name: 'QueueName', Value: { 'Fn::GetAtt': [queueId, 'QueueName'] } }],
    Statistic: 'Minimum',
    Threshold: 1,
    TreatMissingData: 'notBreaching',
  });
  const dashboard = resourceOf(refresh, 'AWS::CloudWatch::Dashboard').Properties['DashboardBody'];
  expect(JSON.stringify(dashboard)).toContain(String(id));
});

test('a connection that is declared after the refresher is woken too', () => {
  const stack = new Stack(createApp(), 'late');
  const storage = new TokenStorage(stack, 'Storage');
  new TokenRefresher(stack, 'Refresher', { storage, alarmEmail: 'on-call@example.com' });
  new Connection(stack, 'Idp', {
    storage,
    connectionName: 'idp',
    tokenUrl: 'https://idp.example.com/token',
    credentials: 'idp',
    publishTo: 'parameter',
  });
  const template = templateOf(stack);
  const [alarm] = Object.keys(resourcesOf(template, 'AWS::CloudWatch::Alarm')).filter((id) =>
    id.includes('WakeUpsWait'),
  );
  expect(Object.keys(resourcesOf(template, 'AWS::Lambda::EventSourceMapping'))).toHaveLength(1);
  expect(JSON.stringify(resourceOf(template, 'AWS::CloudWatch::Dashboard'))).toContain(String(alarm));
  expect(template.Resources[String(alarm)]?.Properties['AlarmActions']).toHaveLength(1);
});
