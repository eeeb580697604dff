import { describe, expect, test } from 'vitest';
import { readSettings } from '../../../infra/settings/read-settings.ts';
import { problemOf } from '../../support/synth-problem.ts';
import { writeSettings } from '../../support/synthesised.ts';

/** As the context names the file, so that nothing of this checkout counts. */
const read = (file: unknown, context: Record<string, unknown> = {}) =>
  readSettings({ settings: writeSettings(file), ...context });

const FULL = {
  $schema: './deployment.schema.json',
  namespace: 'crm',
  connections: 'crm/connections.json',
  encryption: 'customer-managed',
  keyArn: 'arn:aws:kms:eu-central-1:111122223333:key/0a1b2c3d-0000-4000-8000-000000000000',
  alarmTopicArn: 'arn:aws:sns:eu-central-1:111122223333:on-call',
  allowedTokenOrigins: ['https://idp.internal:8443'],
  secretWritesPerSecond: 48,
  parameterWritesPerSecond: 10,
  statusWidget: 'read-only',
  tokenRefreshedEvents: false,
  logRetentionDays: 90,
  network: { vpcId: 'vpc-0a1b2c3d', subnetIds: ['subnet-0a1b2c3d'], securityGroupIds: ['sg-0a1b2c3d'] },
  permissionsBoundaryArn: 'arn:aws:iam::111122223333:policy/boundary',
  tags: { team: 'crm' },
};

describe('the file of settings', () => {
  test('may be left out, and then nothing is said', () => {
    const read = readSettings({ namespace: '', alarmEmail: '' });
    expect(read).toMatchObject({ file: 'deployment.json', namespace: 'evertoken', mayChange: [] });
  });

  test('says all that a deployment is like', () => {
    const { $schema: _, ...said } = FULL;
    const settings = read(FULL);
    expect(settings.said).toEqual(said);
    expect(settings.namespace).toBe('crm');
    expect(settings.connections).toMatch(/\/crm\/connections\.json$/);
    expect(settings.connections.startsWith(settings.file.replace('deployment.json', ''))).toBe(true);
    expect(settings.onlyByContext).toEqual([]);
  });

  test('that is named must be there', () => {
    expect(problemOf(() => readSettings({ settings: 'staging.json' }))).toBe(
      'staging.json: cannot be read (ENOENT); the context "settings" names the file of settings',
    );
  });

  test.each([
    ['{', /deployment\.json:1:2 this is not JSON/],
    [
      { alarmMail: 'a@example.com' },
      /:1:14 alarmMail: is no known key; did you mean "alarmEmail"\?; allowed are/,
    ],
    [{ encryption: 'none' }, /encryption: expected one of "customer-managed", "aws-managed", found "none"/],
    [{ alarmEmail: 'me' }, /alarmEmail: expected an e-mail address, found "me"/],
    [{ secretWritesPerSecond: 51 }, /secretWritesPerSecond: expected a number from 1 to 50, found 51/],
    [{ secretWritesPerSecond: '48' }, /secretWritesPerSecond: expected a number from 1 to 50, found "48"/],
    [{ parameterWritesPerSecond: 0.09 }, /expected a number from 0\.1 to 40, found 0\.09/],
    [{ tokenRefreshedEvents: 'false' }, /tokenRefreshedEvents: expected true or false, found "false"/],
    [
      { allowedTokenOrigins: ['https://a/x'] },
      /allowedTokenOrigins\[0\]: expected scheme, host and port alone/,
    ],
    [{ logRetentionDays: 31 }, /logRetentionDays: expected one of 1, 3, 5, .*found 31/],
    [{ namespace: 'AWS-x' }, /namespace: "AWS-x" begins with "aws" or "ssm", which Parameter Store reserves/],
    [{ namespace: 'a_b' }, /namespace: "a_b" must be 1 to 32 characters/],
    [{ namespace: '1st' }, /namespace: "1st" must begin with a letter: the stacks are named after it/],
    [{ keyArn: 'alias/mine' }, /keyArn: expected the ARN of a KMS key, such as/],
    [{ alarmTopicArn: 'on-call' }, /alarmTopicArn: expected the ARN of an SNS topic, such as/],
    [{ network: { vpcId: 'mine' } }, /network\.vpcId: expected an id such as "vpc-0a1b2c3d", found "mine"/],
    [{ network: { ...FULL.network, subnetIds: [] } }, /network\.subnetIds: expected ids such as/],
    [
      { encryption: 'aws-managed', keyArn: FULL.keyArn },
      /keyArn: cannot be given where encryption is "aws-managed": leave one of them out/,
    ],
    [
      { alarmEmail: 'on-call@example.com', alarmTopicArn: FULL.alarmTopicArn },
      /alarmTopicArn: stands beside alarmEmail: subscribe the address to the topic/,
    ],
  ])('%j is refused at its place, with what is allowed', (file, message) => {
    expect(problemOf(() => read(file))).toMatch(message);
  });
});

describe('the context', () => {
  test('goes over the file for one run, and says so', () => {
    const { said, onlyByContext } = read(
      { alarmEmail: 'a@example.com', secretWritesPerSecond: 48 },
      { alarmEmail: 'b@example.com', statusWidget: 'none', secretWritesPerSecond: '48' },
    );
    expect(said).toEqual({ alarmEmail: 'b@example.com', statusWidget: 'none', secretWritesPerSecond: 48 });
    expect(onlyByContext.map((note) => note.replace(/\S*deployment\.json/g, 'deployment.json'))).toEqual([
      '"alarmEmail" is "b@example.com" by the context of this run, and deployment.json says "a@example.com": a run without it takes it back. To keep it, write it there.',
      '"statusWidget" is "none" by the context of this run, and deployment.json says nothing: a run without it takes it back. To keep it, write it there.',
    ]);
  });

  test('comes as strings from the command line', () => {
    const context = {
      namespace: 'payments',
      connections: 'payments.json',
      encryption: 'aws-managed',
      alarmEmail: 'on-call@example.com',
      allowedTokenOrigins: 'https://a.internal, https://b.internal',
      secretWritesPerSecond: '7.5',
      parameterWritesPerSecond: '10',
      statusWidget: 'read-only',
      tokenRefreshedEvents: 'false',
      logRetentionDays: '90',
    };
    const settings = read({}, context);
    expect(settings.said).toEqual({
      ...context,
      allowedTokenOrigins: ['https://a.internal', 'https://b.internal'],
      secretWritesPerSecond: 7.5,
      parameterWritesPerSecond: 10,
      tokenRefreshedEvents: false,
      logRetentionDays: 90,
    });
    // As a shell completes it: from where one is.
    expect(settings).toMatchObject({ namespace: 'payments', connections: 'payments.json' });
  });

  test('comes as JSON from cdk.json', () => {
    const json = {
      allowedTokenOrigins: ['https://a.internal'],
      secretWritesPerSecond: 7,
      tokenRefreshedEvents: true,
    };
    expect(read({}, json).said).toEqual(json);
  });

  test.each([
    [
      { encryption: 'none' },
      'context "encryption": expected one of "customer-managed", "aws-managed", found "none"',
    ],
    [{ alarmEmail: 'me' }, 'context "alarmEmail": expected an e-mail address, found "me"'],
    [
      { parameterWritesPerSecond: [3] },
      'context "parameterWritesPerSecond": expected a number from 0.1 to 40, found an array',
    ],
    [
      { secretWritesPerSecond: 'fast' },
      'context "secretWritesPerSecond": expected a number from 1 to 50, found "fast"',
    ],
    [{ tokenRefreshedEvents: 'no' }, 'context "tokenRefreshedEvents": expected true or false, found "no"'],
    [{ namespace: 7 }, 'context "namespace": expected a string, found 7'],
    [{ settings: 7 }, 'context "settings": expected a string, found 7'],
    [{ allowedTokenOrigins: [7] }, 'context "allowedTokenOrigins": [0]: expected a string, found 7'],
    [{ network: '{}' }, 'context "network": is kept in the file of settings alone: write it there'],
    [
      { change: 'encription' },
      'context "change": there is no setting "encription"; did you mean "encryption"?',
    ],
  ])('%j is refused with what is allowed', (context, message) => {
    expect(problemOf(() => readSettings({ settings: writeSettings({}), ...context }))).toBe(message);
  });

  test.each(['alarmMail', 'alarm-email', 'ALARMEMAIL', 'nmaespace'])(
    'with an unknown key, "%s", is refused with what was meant',
    (key) => {
      expect(problemOf(() => read({}, { [key]: 'x' }))).toMatch(
        /^context "\S+": is no setting; did you mean "(alarmEmail|namespace)"\?; there are namespace, /,
      );
    },
  );

  test('may hold what CDK keeps there', () => {
    const context = {
      '@aws-cdk/core:enablePartitionLiterals': true,
      'aws:cdk:bundling-stacks': [],
      'availability-zones:account=111122223333:region=eu-west-1': ['a'],
      'cli-telemetry': false,
      'acknowledged-issue-numbers': [1],
    };
    expect(read({}, context).said).toEqual({});
  });
});
