import { RotateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { Stack } from 'aws-cdk-lib';
import { describe, expect, test } from 'vitest';
import { MOST_CONNECTIONS } from '../../infra/constructs/token-storage.ts';
import { Connection, presets, TokenRefresher, TokenStorage } from '../../infra/index.ts';
import { demoSetup } from '../../local/connections.ts';
import { createLocalAwsClients } from '../../local/endpoint-clients.ts';
import { type Call, type Caller, isAllowed } from '../../local/iam/policy-evaluator.ts';
import { startDeployment } from '../support/deployment.ts';
import { ACCOUNT, REGION, ResolvedTemplates, SECRET_SUFFIX } from '../support/resolved-template.ts';
import {
  createApp,
  type Resource,
  resourceOf,
  resourcesOf,
  synthesise,
  type Template,
  templateOf,
} from '../support/synthesised.ts';

const CRM = { provider: 'kajabi', credentials: 'kajabi-main' };
const ROTATED = { ...CRM, consoleRotate: true };
const KAJABI = { provider: presets.kajabi, credentials: 'kajabi-main' };

const SCHEDULE = 'AWS::SecretsManager::RotationSchedule';
const FUNCTION = 'AWS::Lambda::Function';
const PERMISSION = 'AWS::Lambda::Permission';

const { storage, refresh } = synthesise({ connections: { crm: CRM, 'books/acme': ROTATED, desk: ROTATED } });

describe('without a connection that allows it', () => {
  const { refresh: without } = synthesise({
    connections: { crm: CRM, desk: { ...CRM, consoleRotate: false } },
  });

  test('there is nothing that rotates, and nobody who may', () => {
    expect(resourcesOf(without, SCHEDULE)).toEqual({});
    expect(JSON.stringify(without)).not.toMatch(/rotate-secret|RotateSecret|secretsmanager\.amazonaws\.com"/);
  });
});

describe('the function', () => {
  const functionOf = (id: string) => resourceOf(refresh, FUNCTION, `Refresher${id}`).Properties;

  test('is there once, and is like that which refreshes on demand', () => {
    const { Environment, Timeout, MemorySize, VpcConfig } = functionOf('RefreshNow');
    expect(functionOf('RotateSecret')).toMatchObject({
      FunctionName: 'evertoken-rotate-secret',
      Handler: 'index.handler',
      Environment,
      Timeout,
      MemorySize,
    });
    expect(functionOf('RotateSecret')['VpcConfig']).toEqual(VpcConfig);
    expect(functionOf('RotateSecret')['Role']).not.toEqual(functionOf('RefreshNow')['Role']);
  });

  test('is not tried again by Lambda, as Secrets Manager begins a rotation anew', () => {
    const { Properties } = resourceOf(refresh, 'AWS::Lambda::EventInvokeConfig', 'RefresherRotateSecret');
    expect(Properties['MaximumRetryAttempts']).toBe(0);
    expect(functionOf('RotateSecret')).not.toHaveProperty('DeadLetterConfig');
  });

  test('is invoked for tokens of this namespace in this account alone', () => {
    const { Properties } = resourceOf(refresh, PERMISSION, 'RefresherRotateSecret');
    expect(Properties).toEqual({
      Action: 'lambda:InvokeFunction',
      FunctionName: { 'Fn::GetAtt': [expect.stringMatching(/^RefresherRotateSecretFunction/), 'Arn'] },
      Principal: 'secretsmanager.amazonaws.com',
      SourceAccount: { Ref: 'AWS::AccountId' },
      SourceArn: {
        'Fn::Join': [
          '',
          [
            'arn:',
            { Ref: 'AWS::Partition' },
            ':secretsmanager:',
            { Ref: 'AWS::Region' },
            ':',
            { Ref: 'AWS::AccountId' },
            ':secret:evertoken/tokens/*',
          ],
        ],
      },
    });
  });
});

describe('the schedule', () => {
  const schedules = Object.values(resourcesOf(refresh, SCHEDULE));

  test('of each connection is the longest, and rotates nothing when it is deployed', () => {
    const properties = schedules.map(({ Properties }) => Properties);
    expect(properties).toEqual(
      ['evertoken/tokens/books/acme', 'evertoken/tokens/desk'].map((SecretId) => ({
        SecretId,
        RotationLambdaARN: {
          'Fn::GetAtt': [expect.stringMatching(/^RefresherRotateSecretFunction/), 'Arn'],
        },
        RotateImmediatelyOnUpdate: false,
        RotationRules: { AutomaticallyAfterDays: 1000 },
      })),
    );
  });

  test('comes after all that Secrets Manager needs to test the function', () => {
    const needed = Object.entries(refresh.Resources)
      .filter(([id]) => id.startsWith('RefresherRotateSecret'))
      .filter(([, { Type }]) => /::(Function|Permission|Policy|Role)$/.test(Type))
      .map(([id]) => id);
    expect(needed).toHaveLength(4);
    for (const { DependsOn } of schedules) expect(DependsOn).toEqual(expect.arrayContaining(needed));
  });

  test('leaves the storage as it would be without: it can let the connection go', () => {
    const { storage: without } = synthesise({ connections: { crm: CRM, 'books/acme': CRM, desk: CRM } });
    const ids = ({ Resources, Outputs = {} }: Template) => [Object.keys(Resources), Outputs];
    expect(ids(storage)).toEqual(ids(without));
    // The key of rescues knows the roles that there may be by their names, with and without them.
    const keys = (template: Template) => resourcesOf(template, 'AWS::KMS::Key');
    expect(keys(storage)).toEqual(keys(without));
    const others = Object.entries(storage.Resources).filter(([, { Type }]) => Type !== 'AWS::KMS::Key');
    expect(JSON.stringify(others)).not.toMatch(/RotateSecret|rotate-secret/);
  });
});

describe('in an app of one’s own', () => {
  function stackWith(declare: (scope: Stack, storage: TokenStorage) => void): Template {
    const scope = new Stack(createApp(), 'app');
    declare(scope, new TokenStorage(scope, 'Storage'));
    return templateOf(scope);
  }
  const connect = (scope: Stack, within: TokenStorage, further = {}) =>
    new Connection(scope, 'Crm', {
      storage: within,
      connectionName: 'crm',
      ...KAJABI,
      consoleRotate: true,
      ...further,
    });

  const before = stackWith((scope, within) => {
    connect(scope, within);
    new TokenRefresher(scope, 'Refresher', { storage: within });
  });

  test('it makes no difference which is declared first', () => {
    const after = stackWith((scope, within) => {
      new TokenRefresher(scope, 'Refresher', { storage: within });
      connect(scope, within);
    });
    expect(after).toEqual(before);
    expect(Object.keys(resourcesOf(after, SCHEDULE))).toHaveLength(1);
  });

  test('the schedule comes after secret and declaration in the same stack', () => {
    const [secret] = Object.keys(resourcesOf(before, 'AWS::SecretsManager::Secret')).filter((id) =>
      id.startsWith('CrmToken'),
    );
    const [declaration] = Object.keys(resourcesOf(before, 'AWS::SSM::Parameter')).filter((id) =>
      id.startsWith('CrmDeclaration'),
    );
    expect(resourceOf(before, SCHEDULE).DependsOn).toEqual(expect.arrayContaining([secret, declaration]));
  });

  test('a secret that is adopted has one too', () => {
    const template = stackWith((scope, within) => {
      new TokenRefresher(scope, 'Refresher', { storage: within });
      connect(scope, within, { adopt: true });
    });
    expect(resourceOf(template, SCHEDULE).Properties['SecretId']).toBe('evertoken/tokens/crm');
  });

  test('the stack of the refresher comes after that of the connection', () => {
    const app = createApp();
    const tokens = new Stack(app, 'tokens');
    const within = new TokenStorage(tokens, 'Storage');
    const later = new Stack(app, 'refresh');
    new TokenRefresher(later, 'Refresher', { storage: within });
    const declarations = new Stack(app, 'declarations');
    connect(declarations, within);
    const { stacks } = app.synth();
    expect(stacks.map(({ stackName }) => stackName)).toEqual(['tokens', 'declarations', 'refresh']);
    expect(later.dependencies.map(({ stackName }) => stackName).sort()).toEqual(['declarations', 'tokens']);
  });
});

test('as many as a stack takes keep within what IAM takes of a policy', () => {
  const names = Array.from({ length: MOST_CONNECTIONS }, (_, index) => `customers/of-a-long-name/${index}`);
  const { refresh: large } = synthesise({
    connections: Object.fromEntries(names.map((name) => [name, ROTATED])),
    stackProps: { env: { account: '111122223333', region: 'eu-central-1' } },
  });
  const text = (properties: Resource['Properties']) => JSON.stringify(properties['PolicyDocument']);
  const inline = Object.values(resourcesOf(large, 'AWS::IAM::Policy'));
  const managed = Object.values(resourcesOf(large, 'AWS::IAM::ManagedPolicy'));
  const all = [...inline, ...managed].map(({ Properties }) => text(Properties));
  for (const name of names) expect(all.join()).toContain(`/tokens/${name}-??????`);
  for (const { Properties } of inline) expect(text(Properties).length).toBeLessThan(10_240);
  for (const { Properties } of managed) expect(text(Properties).length).toBeLessThan(6_144);
});

test('all that a rotation asks of Secrets Manager is allowed to the role of its function', {
  timeout: 30_000,
}, async () => {
  const name = 'kajabi-demo';
  const { templates } = synthesise({ connections: { [name]: ROTATED } });
  const caller: Caller = {
    arn: `arn:aws:iam::${ACCOUNT}:role/rotate-secret`,
    accountId: ACCOUNT,
    statements: new ResolvedTemplates(templates.values()).statementsOf('RefresherRotateSecretRole'),
  };
  await using deployment = await startDeployment({
    setupFor: async (providers) => {
      const setup = await demoSetup(providers);
      const connections = setup.connections
        .filter((connection) => connection.name === name)
        .map((connection) => ({
          ...connection,
          definition: { ...connection.definition, consoleRotate: true },
        }));
      return { ...setup, connections };
    },
  });
  const { endpoint } = deployment.system;
  const { secretsManager } = createLocalAwsClients(endpoint.url);
  const before = await deployment.read(`evertoken/tokens/${name}`);
  deployment.clock.advance(180_000);
  endpoint.calls.reset();
  await secretsManager.send(
    new RotateSecretCommand({
      SecretId: `evertoken/tokens/${name}`,
      RotationLambdaARN: endpoint.functions.arnOf('evertoken-rotate-secret'),
    }),
  );
  secretsManager.destroy();
  await endpoint.idle();
  // The consumer of local mode reads tokens by name meanwhile; a rotation is told the ARN.
  const made = endpoint.calls.all.filter(
    ({ operation, resource = '' }) =>
      operation !== 'RotateSecret' &&
      !(operation === 'GetSecretValue' && resource.startsWith('evertoken/tokens/')),
  );
  expect(made.map(({ operation }) => operation)).toEqual(
    expect.arrayContaining([
      'GetSecretValue',
      'PutSecretValue',
      'DescribeSecret',
      'UpdateSecretVersionStage',
    ]),
  );
  const asked = made
    .filter(({ service }) => service === 'secretsmanager')
    .map(({ service, operation, resource = '' }): Call => {
      const secretId = /^arn:.*:secret:(.+)-[A-Za-z0-9]{6}$/.exec(resource)?.[1] ?? resource;
      return {
        action: `${service}:${operation}`,
        resource: `arn:aws:secretsmanager:${REGION}:${ACCOUNT}:secret:${secretId}${SECRET_SUFFIX}`,
      };
    });
  expect(asked.filter((call) => !isAllowed(caller, call))).toEqual([]);
  expect(await deployment.read(`evertoken/tokens/${name}`)).not.toEqual(before);
});
