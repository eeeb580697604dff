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
import { EVENT_SOURCE } from '../../functions/aws/events.ts';
import {
  createApp,
  resourceOf,
  resourcesOf,
  type Template,
  templateOf,
  templatesOf,
} from '../support/synthesised.ts';

/** The statements of all policies of identities that name Secrets Manager or KMS. */
const readStatements = (template: Template) =>
  Object.values(resourcesOf(template, 'AWS::IAM::Policy'))
    .flatMap(
      ({ Properties }) =>
        (Properties['PolicyDocument'] as { Statement: Record<string, unknown>[] }).Statement,
    )
    .filter(({ Action }) => /secretsmanager|kms/.test(JSON.stringify(Action)));

const READ = ['secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue'];

/** What the role of something may do, by the beginning of its policy's id. */
function allowedTo(template: Template, id: string): readonly Record<string, unknown>[] {
  const { PolicyDocument } = resourceOf(template, 'AWS::IAM::Policy', id).Properties as {
    PolicyDocument: { Statement: Record<string, unknown>[] };
  };
  return PolicyDocument.Statement;
}

/** Expects a role to read the token of "crm" by its name, and to do nothing else. */
function expectReaderOfCrm(statements: readonly Record<string, unknown>[]): void {
  expect(statements.map(({ Action }) => Action)).toEqual([READ, 'ssm:GetParameter', 'kms:Decrypt']);
  const [secret, parameter, key] = statements.map((statement) => JSON.stringify(statement));
  expect(secret).toContain(':secret:evertoken/tokens/crm-??????');
  expect(parameter).toContain(':parameter/evertoken/tokens/crm"');
  expect(key).toContain('kms:EncryptionContext:PARAMETER_ARN');
}

test('a consumer function may read one token, in either place', () => {
  const example = createApp();
  addConsumer(example);
  const templates = templatesOf(example);
  const tokens = templates.get('tokens') as Template;
  expect(Object.keys(resourcesOf(tokens, 'AWS::SecretsManager::Secret'))).toHaveLength(3);
  const consumer = templates.get('consumer') as Template;
  const { PolicyDocument } = resourceOf(consumer, 'AWS::IAM::Policy', 'Consumer').Properties as {
    PolicyDocument: { Statement: object[] };
  };
  expect(PolicyDocument.Statement).toEqual([
    {
      Effect: 'Allow',
      Action: READ,
      Resource: expect.objectContaining({ 'Fn::ImportValue': expect.any(String) }),
    },
    expect.objectContaining({ Action: 'kms:Decrypt' }),
    expect.objectContaining({ Action: 'ssm:GetParameter' }),
    expect.objectContaining({ Action: 'kms:Decrypt' }),
  ]);
});

describe('ECS with the agent', () => {
  const template = templateOf(addService(createApp()));

  test('lets the task read the token by its name', () => {
    const { PolicyDocument } = resourceOf(template, 'AWS::IAM::Policy', 'TaskTaskRole').Properties as {
      PolicyDocument: { Statement: { Action: string[]; Resource: unknown }[] };
    };
    const [statement, ...others] = PolicyDocument.Statement;
    expect(others.map(({ Action }) => Action)).toEqual(['ssm:GetParameter', 'kms:Decrypt']);
    expect(statement?.Action).toEqual(READ);
    expect(JSON.stringify(statement?.Resource)).toContain(':secret:evertoken/tokens/crm-??????');
  });

  test('injects no access token', () => {
    const { ContainerDefinitions } = resourceOf(template, 'AWS::ECS::TaskDefinition').Properties as {
      ContainerDefinitions: { Secrets: { Name: string; ValueFrom: unknown }[] }[];
    };
    const injected = ContainerDefinitions.flatMap(({ Secrets }) => Secrets);
    expect(injected.map(({ Name }) => Name)).toEqual(['AWS_TOKEN', 'AWS_TOKEN']);
    expect(JSON.stringify(injected)).not.toContain('tokens/crm');
  });

  test('asks the agent for it', () => {
    expect(JSON.stringify(resourceOf(template, 'AWS::ECS::TaskDefinition'))).toContain(
      'http://localhost:2773/secretsmanager/get?secretId=evertoken/tokens/crm',
    );
  });
});

describe('a reader in another account', () => {
  const example = createApp();
  addOwnerAndReader(example);
  const templates = templatesOf(example);
  const owner = templates.get('token-owner') as Template;
  const reader = templates.get('token-reader') as Template;
  const root = { AWS: 'arn:aws:iam::444455556666:root' };

  test('is let in by the secret', () => {
    expect(resourceOf(owner, 'AWS::SecretsManager::ResourcePolicy').Properties).toMatchObject({
      BlockPublicPolicy: true,
      ResourcePolicy: { Statement: [{ Effect: 'Allow', Action: READ, Principal: root }] },
    });
  });

  test('is let in by the key, for that secret and through Secrets Manager', () => {
    const { KeyPolicy } = resourceOf(owner, 'AWS::KMS::Key', 'StorageKey').Properties as {
      KeyPolicy: { Statement: { Principal: unknown; Condition?: Record<string, Record<string, unknown>> }[] };
    };
    const statements = KeyPolicy.Statement.filter(({ Principal }) =>
      JSON.stringify(Principal).includes('4444'),
    );
    expect(statements).toHaveLength(1);
    expect(JSON.stringify(statements)).toContain(':secret:evertoken/tokens/crm-??????');
    expect(statements[0]).toMatchObject({
      Action: 'kms:Decrypt',
      Condition: {
        StringEquals: { 'kms:ViaService': expect.anything() },
        StringLike: {
          'kms:EncryptionContext:SecretARN': expect.anything(),
        },
      },
    });
  });

  test('is granted the secret and its key where it is', () => {
    const text = JSON.stringify(readStatements(reader));
    expect(text).toContain(':secretsmanager:eu-central-1:111122223333:secret:evertoken/tokens/crm-??????');
    expect(text).toContain(':kms:eu-central-1:111122223333:key/*');
    expect(text).toContain('kms:EncryptionContext:SecretARN');
  });

  test('finds the secret by its ARN', () => {
    const { Environment } = resourceOf(reader, 'AWS::Lambda::Function', 'Consumer').Properties as {
      Environment: { Variables: Record<string, unknown> };
    };
    expect(JSON.stringify(Environment.Variables['CRM_TOKEN_SECRET'])).toContain(
      ':secretsmanager:eu-central-1:111122223333:secret:evertoken/tokens/crm',
    );
  });
});

describe('alarms in chat', () => {
  const template = templateOf(addChat(createApp()));
  const topics = Object.keys(resourcesOf(template, 'AWS::SNS::Topic'));

  test('are shown in the channel, and what a connection needs is too', () => {
    const { SnsTopicArns } = resourceOf(template, 'AWS::Chatbot::SlackChannelConfiguration').Properties;
    expect(SnsTopicArns).toEqual(topics.map((Ref) => ({ Ref })));
    for (const { Properties } of Object.values(resourcesOf(template, 'AWS::CloudWatch::Alarm'))) {
      expect(Properties['AlarmActions']).toEqual([{ Ref: expect.stringMatching(/^Alarms/) }]);
    }
    const rule = resourceOf(template, 'AWS::Events::Rule', 'NeedsAttention').Properties;
    expect(rule['EventPattern']).toMatchObject({
      source: [EVENT_SOURCE],
      detail: { namespace: ['evertoken'] },
    });
    expect(JSON.stringify(rule['Targets'])).toContain('client-markdown');
  });

  test('may be published by who publishes them', () => {
    const policies = JSON.stringify(resourcesOf(template, 'AWS::SNS::TopicPolicy'));
    for (const service of ['cloudwatch', 'events']) expect(policies).toContain(`${service}.amazonaws.com`);
  });
});

describe('a service that is started anew with each token', () => {
  const template = templateOf(addRedeployment(createApp()));

  test('is so by the event of its own connection, and of no other', () => {
    expect(resourceOf(template, 'AWS::Events::Rule').Properties['EventPattern']).toEqual({
      source: [EVENT_SOURCE],
      'detail-type': ['Token Refreshed'],
      detail: { namespace: ['evertoken'], connection: ['crm'] },
    });
  });

  test('is deployed by who may update that service alone', () => {
    const definition = JSON.stringify(resourceOf(template, 'AWS::StepFunctions::StateMachine').Properties);
    expect(definition).toContain('aws-sdk:ecs:updateService');
    expect(definition).toContain('\\"ForceNewDeployment\\":true');
    const policy = JSON.stringify(resourceOf(template, 'AWS::IAM::Policy', 'RedeploymentRole').Properties);
    expect(policy).toContain('"Action":"ecs:updateService"');
    expect(policy).toContain(':service/services/legacy');
    expect(policy).not.toContain('"Resource":"*"');
  });
});

describe('a state machine', () => {
  const template = templateOf(addSync(createApp()));

  test('has a function read the one token', () => {
    expectReaderOfCrm(allowedTo(template, 'CallCrm'));
  });

  test('may invoke that function, and read nothing itself', () => {
    const statements = allowedTo(template, 'SyncRole');
    expect(statements.map(({ Action }) => Action)).toEqual(['lambda:InvokeFunction']);
    const resources = statements.flatMap(({ Resource }) => Resource).map((one) => JSON.stringify(one));
    expect(resources.filter((one) => !one.includes('CallCrm'))).toEqual([]);
  });

  test('has no state that takes or gives a token, and waits for one', () => {
    const { DefinitionString } = resourceOf(template, 'AWS::StepFunctions::StateMachine').Properties;
    const definition = JSON.stringify(DefinitionString);
    expect(definition).toContain('states:::lambda:invoke');
    expect(definition).toContain('TokenReaderError');
    expect(definition).not.toMatch(/secretsmanager|http:invoke/);
  });
});

describe('an HTTP API', () => {
  const template = templateOf(addContactsApi(createApp()));

  test('has a function read the one token', () => {
    expectReaderOfCrm(allowedTo(template, 'Answer'));
  });

  test('answers only those who sign their requests', () => {
    const routes = Object.values(resourcesOf(template, 'AWS::ApiGatewayV2::Route'));
    expect(
      routes.map(({ Properties: { RouteKey, AuthorizationType } }) => [RouteKey, AuthorizationType]),
    ).toEqual([['GET /contacts', 'AWS_IAM']]);
  });
});

describe('the app of a platform team', () => {
  const template = templateOf(addPlatform(createApp()));
  const all = (type: string) =>
    Object.values(resourcesOf(template, type)).map(({ Properties }) => Properties);

  test('has two deployments in one stack, under one boundary, of which one is in the VPC', () => {
    const functions = all('AWS::Lambda::Function');
    const named = (prefix: string) =>
      functions.filter(({ FunctionName }) => String(FunctionName).startsWith(prefix));
    expect([named('sales-').length, named('billing-').length]).toEqual([5, 5]);
    expect(named('sales-').every(({ VpcConfig }) => VpcConfig !== undefined)).toBe(true);
    expect(named('billing-').some(({ VpcConfig }) => VpcConfig !== undefined)).toBe(false);
    const boundaries = all('AWS::IAM::Role').map(({ PermissionsBoundary }) => PermissionsBoundary);
    expect(new Set(boundaries)).toEqual(new Set(['arn:aws:iam::111122223333:policy/boundary']));
  });

  test('has the state of one under the existing key, of the other under its own', () => {
    const keys = all('AWS::DynamoDB::Table').map(({ TableName, SSESpecification }) => {
      return [TableName, typeof (SSESpecification as { KMSMasterKeyId: unknown }).KMSMasterKeyId];
    });
    expect(keys).toEqual([
      ['sales-state', 'string'],
      ['billing-state', 'object'],
    ]);
  });

  test('hears the alarms of both in its own topic', () => {
    const policies = all('AWS::SNS::TopicPolicy').map(({ PolicyDocument }) => JSON.stringify(PolicyDocument));
    expect(policies).toHaveLength(1);
    for (const service of ['cloudwatch', 'events']) {
      expect(policies[0]).toContain(`{"Service":"${service}.amazonaws.com"}`);
    }
    const alarms = all('AWS::CloudWatch::Alarm').filter(({ AlarmActions }) => AlarmActions !== undefined);
    expect(alarms).toHaveLength(19);
  });

  test('declares its own provider, and the secrets that were there', () => {
    const declared = all('AWS::SSM::Parameter').map(({ Value }) => JSON.stringify(Value));
    expect(declared.some((text) => text.includes('SESSION_GONE') && text.includes('clientSecret'))).toBe(
      true,
    );
    expect(declared.some((text) => text.includes('LedgerCredentials'))).toBe(true);
  });
});

test('External Secrets Operator may read one token, and is told where it is', () => {
  const template = templateOf(addExternalSecrets(createApp()));
  const statements = readStatements(template);
  expect(statements.map(({ Action }) => Action)).toEqual([
    READ,
    'kms:Decrypt',
    'secretsmanager:ListSecretVersionIds',
  ]);
  const manifests = JSON.stringify(template.Outputs);
  expect(manifests).toContain('evertoken/tokens/crm');
  expect(manifests).not.toContain('refresh-tokens');
});
