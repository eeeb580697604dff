import { type App, CfnResource, Stack, Validations } from 'aws-cdk-lib';
import { ManagedPolicy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { CfnSecret } from 'aws-cdk-lib/aws-secretsmanager';
import { AwsSolutionsChecks } from 'cdk-nag';
import { describe, expect, test } from 'vitest';
import { addChat } from '../../examples/cdk/alarms-in-chat.ts';
import { addConsumer } from '../../examples/cdk/consumer-function.ts';
import { addService } from '../../examples/cdk/ecs-with-agent.ts';
import { addExternalSecrets } from '../../examples/cdk/external-secrets.ts';
import { addContactsApi } from '../../examples/cdk/http-api.ts';
import { addPlatform } from '../../examples/cdk/platform.ts';
import { addOwnerAndReader } from '../../examples/cdk/reader-in-another-account.ts';
import { addRedeployment } from '../../examples/cdk/redeploy-on-refresh.ts';
import { addSync } from '../../examples/cdk/state-machine.ts';
import { createApp, synthesise } from '../support/synthesised.ts';

// CloudFormation's own rules look at what is written, too. They are read anew for each type of resource that an app
// before had none of: what has the most types comes first.
delete process.env['CDK_VALIDATION'];

test('CloudFormation finds nothing in the examples', { timeout: 60_000 }, () => {
  const app = createApp();
  const examples = [addChat, addService, addOwnerAndReader, addRedeployment, addSync, addContactsApi];
  for (const add of [...examples, addPlatform, addExternalSecrets]) add(app);
  expect(() => app.synth()).not.toThrow();
  // Its tokens are in a stack of the same name as those of another.
  const consumer = createApp();
  addConsumer(consumer);
  expect(() => consumer.synth()).not.toThrow();
});

const check = (app: App) => Validations.of(app).addPlugins(new AwsSolutionsChecks(app));

const connections = {
  crm: { provider: 'kajabi', credentials: 'kajabi-main' },
  'books/acme': { provider: 'kajabi', credentials: 'kajabi-main', consoleRotate: true },
  legacy: {
    tokenUrl: 'https://idp.example.com/token',
    credentials: { secretArn: 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:legacy-AbCdEf' },
  },
  signed: {
    tokenUrl: 'https://idp.example.com/token',
    credentials: 'signed',
    clientAuthentication: 'private_key_jwt',
    signingKey: { kmsKeyArn: 'arn:aws:kms:eu-central-1:111122223333:key/signing' },
  },
  minutes: { tokenUrl: 'https://idp.example.com/token', credentials: 'signed', publishTo: 'parameter' },
  trusted: {
    tokenUrl: 'https://idp.example.com/token',
    identity: 'aws',
    rules: { identity: { use: 'client', audience: 'https://idp.example.com' } },
    consoleRotate: true,
  },
};

// The first one loads all rules.
describe('AwsSolutions', { timeout: 60_000 }, () => {
  test.each([
    ['with defaults', {}],
    ['with mail', { alarmEmail: 'on-call@example.com' }],
    ['in another namespace, with keys of AWS', { namespace: 'payments', encryption: 'aws-managed' }],
    ['with a widget that only reads', { statusWidget: 'read-only' }],
    ['with all that may be limited', { secretWritesPerSecond: 7, allowedTokenOrigins: 'https://a.internal' }],
  ])('finds nothing that is not mended or explained, nor does CloudFormation: %s', (_, context) => {
    expect(() => synthesise({ connections, context, prepare: check })).not.toThrow();
  });

  test("CloudFormation's rules look at what is written, so that the above means something", () => {
    const app = createApp();
    const properties = { VisibilityTimeout: 'long' };
    new CfnResource(new Stack(app, 'wrong'), 'Queue', { type: 'AWS::SQS::Queue', properties });
    expect(() => app.synth()).toThrow(/VisibilityTimeout/);
  });

  test('looks at secrets and policies, so that the above means something', () => {
    const app = createApp();
    check(app);
    const stack = new Stack(app, 'unexplained');
    new CfnSecret(stack, 'Secret');
    const statement = new PolicyStatement({ actions: ['s3:GetObject'], resources: ['arn:aws:s3:::a/*'] });
    new ManagedPolicy(stack, 'Policy', { statements: [statement] });
    expect(() => app.synth()).toThrow(/AwsSolutions-SMG4[\s\S]*AwsSolutions-IAM5/);
  });
});
