import { Stack } from 'aws-cdk-lib';
import { type IVpc, Vpc } from 'aws-cdk-lib/aws-ec2';
import type { IRuleTarget } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { expect, test } from 'vitest';
import * as guide from '../../examples/cdk/constructs-guide.ts';
import { readRepositoryFile, repositoryFiles } from '../support/source-files.ts';
import { createApp, type Template, templatesOf } from '../support/synthesised.ts';

const ACCOUNT = 'eu-central-1:111122223333';

/** The regions of a file, without what they are indented by, as somebody writes it who has the package. */
function regionsOf(path: string): readonly string[] {
  const regions = readRepositoryFile(path).matchAll(/^( *)\/\/ #region .*\n([\s\S]*?)^ *\/\/ #endregion$/gm);
  return [...regions].map(([, indent = '', code = '']) =>
    code
      .replace(new RegExp(`^${indent}`, 'gm'), '')
      .replace('../../infra/index.ts', 'evertoken')
      .trim(),
  );
}

test('the guide shows the code that is synthesised here, and all of it', () => {
  const blocks = [...readRepositoryFile('docs/constructs.md').matchAll(/^```ts\n([\s\S]*?)^```/gm)];
  expect(blocks.length).toBeGreaterThan(12);
  expect(blocks.map(([, code = '']) => code.trim()).sort()).toEqual(
    regionsOf('examples/cdk/constructs-guide.ts').toSorted(),
  );
});

test('the guide leads to every example that is an app', () => {
  const apps = repositoryFiles().filter(
    (path) => path.startsWith('examples/cdk/') && readRepositoryFile(path).includes('import.meta.main'),
  );
  expect(apps.length).toBeGreaterThan(8);
  const page = readRepositoryFile('docs/constructs.md');
  expect(apps.filter((path) => !page.includes(`\n| [${path.split('/').at(-1)}](../${path}) | `))).toEqual([]);
});

test('the guide is read in one sitting', () => {
  expect(readRepositoryFile('docs/constructs.md').split('\n').length - 1).toBeLessThan(200);
});

/** Synthesises a part of the guide. @returns how many resources of each type there are */
function synthesise(
  show: (around: guide.Surroundings, onCall: Topic, target: IRuleTarget) => void,
): Readonly<Record<string, number>> {
  const app = createApp();
  const stack = new Stack(app, 'app');
  // CDK's own types do not agree with each other where a property may not be undefined.
  const vpc = new Vpc(stack, 'Vpc') as IVpc;
  const service = new LambdaFunction(stack, 'Service', {
    runtime: Runtime.NODEJS_22_X,
    handler: 'index.handler',
    code: Code.fromInline('exports.handler = async () => {};'),
  });
  const around = {
    app,
    stack,
    service,
    vpc,
    keyArn: `arn:aws:kms:${ACCOUNT}:key/0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f`,
    ordersArn: `arn:aws:secretsmanager:${ACCOUNT}:secret:orders-AbCdEf`,
  };
  show(around, new Topic(stack, 'People'), new SqsQueue(new Queue(stack, 'Heard')));
  const counts: Record<string, number> = {};
  for (const template of templatesOf(app).values() as Iterable<Template>) {
    for (const { Type } of Object.values(template.Resources)) counts[Type] = (counts[Type] ?? 0) + 1;
  }
  return counts;
}

/** Each part, with something that it makes. */
const PARTS: readonly (readonly [keyof typeof guide, Readonly<Record<string, number>>])[] = [
  ['oneStack', { 'AWS::DynamoDB::Table': 1, 'AWS::SNS::Subscription': 1 }],
  ['twoStacks', { 'AWS::DynamoDB::Table': 1, 'AWS::Scheduler::Schedule': 2 }],
  ['existingPlatform', { 'AWS::DynamoDB::Table': 1, 'AWS::KMS::Key': 1 }],
  ['alarmTopic', { 'AWS::SNS::TopicPolicy': 1, 'AWS::KMS::Key': 3 }],
  ['twoNamespaces', { 'AWS::DynamoDB::Table': 2, 'AWS::Scheduler::Schedule': 4 }],
  ['existingSecrets', { 'AWS::SecretsManager::Secret': 1, 'AWS::SSM::Parameter': 1 }],
  ['fromFile', { 'AWS::SecretsManager::Secret': 3, 'AWS::SSM::Parameter': 1 }],
  ['ownProvider', { 'AWS::SecretsManager::Secret': 3, 'AWS::SSM::Parameter': 1 }],
  ['grantsAndEvents', { 'AWS::CloudWatch::Alarm': 10, 'AWS::CloudWatch::Dashboard': 1 }],
  ['elsewhere', { 'AWS::IAM::Policy': 1 }],
  ['removal', { 'AWS::DynamoDB::Table': 1 }],
];

const parts = new Map(Object.entries(guide));

test('each part of the guide is tried', () => {
  expect(PARTS.map(([name]) => name).sort()).toEqual([...parts.keys()].sort());
});

test.each(PARTS)('%s synthesises', (name, expected) => {
  const show = parts.get(name);
  expect(show && synthesise(show)).toMatchObject(expected);
});
