import { CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2';
import { AccountPrincipal, ArnPrincipal, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Alias, Key } from 'aws-cdk-lib/aws-kms';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { CfnSecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { describe, expect, expectTypeOf, test } from 'vitest';
import type { Connection as Definition } from '../../functions/connections/connection.ts';
import { connectionFieldsSchema } from '../../functions/connections/connection-fields.ts';
import {
  type ConnectionOptions,
  definitionOf,
  optionsOf,
} from '../../infra/constructs/connection-options.ts';
import { Connection, presets, SynthProblem, TokenRefresher, TokenStorage } from '../../infra/index.ts';
import { createApp, resourceOf, resourcesOf, type Template, templateOf } from '../support/synthesised.ts';

const KAJABI = { provider: presets.kajabi, credentials: 'kajabi-main' };
const IDP = { tokenUrl: 'https://idp.example.com/token', credentials: 'idp' };
const TRUSTED: ConnectionOptions = {
  tokenUrl: 'https://idp.example.com/token',
  identity: 'aws',
  rules: { identity: { use: 'client', audience: 'https://idp.example.com' } },
};
const KEY_ARN = 'arn:aws:kms:eu-central-1:111122223333:key/0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f';
const SECRET_ARN = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:mine-AbCdEf';

function createStack(id = 'app', props = {}): Stack {
  return new Stack(createApp(), id, props);
}

const newRole = (scope: Stack, id = 'Reader') =>
  new Role(scope, id, { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });

const declarationOf = (template: Template, idPrefix: string) =>
  resourceOf(template, 'AWS::SSM::Parameter', idPrefix).Properties['Value'];

const statementsOf = (template: Template, idPrefix: string) =>
  (
    resourceOf(template, 'AWS::IAM::Policy', idPrefix).Properties as {
      PolicyDocument: { Statement: { Action: unknown; Resource: unknown }[] };
    }
  ).PolicyDocument.Statement;

describe('options of a connection', () => {
  const EVERYTHING: Required<Omit<Definition, 'declaredBy'>> = {
    schema: 1,
    provider: 'kajabi',
    issuer: 'https://idp.example.com',
    tokenUrl: 'https://idp.example.com/token',
    authorizationUrl: 'https://idp.example.com/authorize',
    deviceAuthorizationUrl: 'https://idp.example.com/device',
    revocationUrl: 'https://idp.example.com/revoke',
    placeholders: { domain: 'acme' },
    credentials: {
      secretArn: SECRET_ARN,
      keyArn: KEY_ARN,
      fields: { client_id: 'id' },
    },
    signingKey: { kmsKeyArn: KEY_ARN },
    identity: 'aws',
    clientId: 'public',
    grants: ['refresh_token', 'client_credentials'],
    scope: 'read write',
    clientAuthentication: 'client_secret_basic',
    basicEncoding: 'raw',
    parameters: { audience: 'x' },
    rules: { response: { expiresInUnit: 'milliseconds' } },
    acceptExperimental: true,
    token: { secretArn: SECRET_ARN, fields: {} },
    publishTo: 'secret',
    defaultLifetimeSeconds: 7200,
    marginSeconds: 900,
    readerCacheSeconds: 0,
    consoleRotate: true,
    adopt: true,
    publishIdToken: true,
  };

  test('say all that connections.json can say', () => {
    const fields = Object.keys(connectionFieldsSchema.shape).filter((field) => field !== 'declaredBy');
    expect(Object.keys(EVERYTHING).sort()).toEqual(fields.sort());
    expect(definitionOf(optionsOf(EVERYTHING))).toEqual(EVERYTHING);
    type Seconds = 'defaultLifetimeSeconds' | 'marginSeconds' | 'readerCacheSeconds';
    type Elsewhere = 'schema' | 'placeholders' | 'declaredBy' | Seconds;
    expectTypeOf<Exclude<keyof Definition, Elsewhere>>().toExtend<keyof ConnectionOptions>();
    // Written out for those who have no schema: the values are the same.
    type Same = 'identity' | 'clientAuthentication' | 'basicEncoding' | 'publishTo';
    expectTypeOf<Required<Pick<ConnectionOptions, Same>>>().toEqualTypeOf<
      Readonly<{ [Key in Same]: NonNullable<Definition[Key]> }>
    >();
  });

  test('are durations where connections.json has seconds', () => {
    const options = { ...KAJABI, margin: Duration.minutes(15), readerCache: Duration.seconds(0) };
    expect(definitionOf(options)).toEqual({
      schema: 1,
      provider: 'kajabi',
      credentials: 'kajabi-main',
      marginSeconds: 900,
      readerCacheSeconds: 0,
    });
  });
});

describe('a connection', () => {
  test.each<[string, ConnectionOptions, RegExp]>([
    [
      'a margin that does not fit',
      { ...KAJABI, margin: Duration.seconds(60) },
      /^connections\.crm\.marginSeconds: .*set marginSeconds to 450/,
    ],
    [
      'an unknown provider',
      { ...KAJABI, provider: { provider: 'kajaby' } },
      /provider: there is no preset "kajaby"; did you mean "kajabi"\?/,
    ],
    [
      'no provider',
      { credentials: 'a' },
      /connection "crm": needs one of "provider", "issuer" or "tokenUrl"/,
    ],
    [
      'a token elsewhere that the console is to rotate',
      { ...KAJABI, token: { secretArn: SECRET_ARN }, consoleRotate: true },
      /^connections\.crm\.consoleRotate: .*and "token" names another: leave one of them out$/,
    ],
    [
      'no credentials, and nothing in their place',
      { provider: presets.kajabi },
      /credentials: is missing; .*Only a connection with "identity": "aws" needs none/,
    ],
    [
      'an identity that nobody says how to take',
      { provider: presets.kajabi, identity: 'aws' },
      /^connections\.crm\.identity: nothing says how Kajabi takes a token of AWS: say it in "rules\.identity"/,
    ],
    [
      'an audience that IAM could not allow alone',
      { ...TRUSTED, rules: { identity: { use: 'client', audience: 'https://{tokenHost}' } } },
      /^connections\.crm\.identity: its audience "https:\/\/\{tokenHost\}" holds "\{tokenHost\}"/,
    ],
    [
      'an identity beside a key',
      { ...TRUSTED, signingKey: { kmsKeyArn: KEY_ARN } },
      /signingKey: signs in place of a private key, and with "identity" AWS signs/,
    ],
    [
      'a key that nothing is signed with',
      { ...KAJABI, signingKey: { kmsKeyArn: KEY_ARN } },
      /^connections\.crm\.signingKey: nothing is signed with it: set "clientAuthentication": "private_key_jwt"/,
    ],
    [
      'an alias of a key',
      { ...KAJABI, signingKey: { kmsKeyArn: 'arn:aws:kms:eu-central-1:111122223333:alias/mine' } },
      /signingKey\.kmsKeyArn: expected the ARN of a KMS key, .*an alias is none/,
    ],
    [
      'a part of an ARN',
      { ...KAJABI, credentials: { secretArn: SECRET_ARN.slice(0, -7) } },
      /expected the whole ARN/,
    ],
  ])('is refused with what to change: %s', (_, options, message) => {
    const declare = () => {
      const scope = createStack();
      const storage = new TokenStorage(scope, 'Storage');
      return new Connection(scope, 'Crm', { storage, connectionName: 'crm', ...options });
    };
    expect(declare).toThrow(SynthProblem);
    expect(declare).toThrow(message);
  });

  test.each<[string, { region?: string; account?: string }, ConnectionOptions, RegExp | undefined]>([
    [
      'the refresh token of another connection',
      {},
      { ...KAJABI, token: { secretArn: SECRET_ARN.replace('mine', 'evertoken/refresh-tokens/books') } },
      /connection "crm": token\.secretArn: holds the refresh token of a connection/,
    ],
    [
      'a secret of another Region',
      { region: 'eu-west-1', account: '111122223333' },
      { ...KAJABI, credentials: { secretArn: SECRET_ARN } },
      /credentials\.secretArn: is a secret in eu-central-1, .*replicate it to eu-west-1/,
    ],
    [
      'a secret of another account',
      { region: 'eu-central-1', account: '999999999999' },
      { ...KAJABI, credentials: { secretArn: SECRET_ARN } },
      /credentials\.secretArn: is a secret of the account 111122223333: .*name that key with "keyArn"/,
    ],
    [
      'that one under a key that can be granted',
      { region: 'eu-central-1', account: '999999999999' },
      { ...KAJABI, credentials: { secretArn: SECRET_ARN, keyArn: KEY_ARN } },
      undefined,
    ],
    ['a secret of the stack’s own place', { region: 'eu-central-1' }, KAJABI, undefined],
  ])('judges whose secret it is: %s', (_, env, options, message) => {
    const scope = createStack('app', { env });
    const storage = new TokenStorage(scope, 'Storage');
    const declare = () => new Connection(scope, 'Crm', { storage, connectionName: 'crm', ...options });
    if (message === undefined) expect(declare).not.toThrow();
    else expect(declare).toThrow(message);
  });

  test.each([
    ['a bad name', ['CRM'], /^connection "CRM": the name must consist of/],
    ['a name twice', ['crm', 'crm'], /^connection "crm": is declared twice in namespace "evertoken"/],
  ])('is refused: %s', (_, names, message) => {
    const scope = createStack();
    const storage = new TokenStorage(scope, 'Storage');
    expect(() =>
      names.map(
        (connectionName, index) => new Connection(scope, `C${index}`, { storage, connectionName, ...KAJABI }),
      ),
    ).toThrow(message);
  });

  test('that writes where another does is refused', () => {
    const scope = createStack();
    const storage = new TokenStorage(scope, 'Storage');
    const token = { secretArn: SECRET_ARN };
    new Connection(scope, 'A', { storage, connectionName: 'a', ...KAJABI, token });
    expect(() => new Connection(scope, 'B', { storage, connectionName: 'b', ...KAJABI, token })).toThrow(
      'connections.b.token.secretArn: "a" publishes its token there: each needs a secret of its own',
    );
  });

  test('that is unwise is warned of at synthesis', () => {
    const scope = createStack();
    const storage = new TokenStorage(scope, 'Storage');
    new Connection(scope, 'Crm', {
      storage,
      connectionName: 'crm',
      ...KAJABI,
      margin: Duration.seconds(500),
    });
    Annotations.fromStack(scope).hasWarning(
      '/app/Crm',
      Match.stringLikeRegexp('one failed refresh could leave'),
    );
  });

  test('takes secrets of the same app, known only at deploy, and grants exactly those', () => {
    const scope = createStack();
    const key = new Key(scope, 'MyKey');
    const mine = new CfnSecret(scope, 'Mine', { kmsKeyId: key.keyArn });
    const storage = new TokenStorage(scope, 'Storage');
    new TokenRefresher(scope, 'Refresher', { storage });
    // Declared after the refresher: its roles learn of it all the same.
    new Connection(scope, 'Crm', {
      storage,
      connectionName: 'crm',
      ...KAJABI,
      credentials: { secretArn: mine.ref, keyArn: key.keyArn, fields: { client_id: 'id' } },
    });
    const template = templateOf(scope);
    expect(JSON.stringify(declarationOf(template, 'Crm'))).toContain('{"Ref":"Mine"}');
    for (const role of ['RefresherRefreshDue', 'RefresherRefreshNow']) {
      const statements = statementsOf(template, role);
      expect(statements).toContainEqual({
        Effect: 'Allow',
        Action: ['secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue'],
        Resource: { Ref: 'Mine' },
      });
      const forKey = statements.filter(({ Resource }) => JSON.stringify(Resource).includes('MyKey'));
      expect(forKey).toEqual([
        {
          Effect: 'Allow',
          Action: 'kms:Decrypt',
          Resource: { 'Fn::GetAtt': [expect.stringMatching(/^MyKey/), 'Arn'] },
          Condition: { StringEquals: { 'kms:ViaService': expect.anything() } },
        },
      ]);
    }
    expect(JSON.stringify(statementsOf(template, 'RefresherReconcile'))).not.toContain('Mine');
  });
});

describe('grantRead', () => {
  const READ = ['secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue'];

  function declare(options: Partial<ConnectionOptions> = {}, storageProps = {}) {
    const scope = createStack('app', { env: { account: '111122223333', region: 'eu-central-1' } });
    const storage = new TokenStorage(scope, 'Storage', storageProps);
    const declared = options.tokenUrl === undefined ? { ...KAJABI, ...options } : options;
    const crm = new Connection(scope, 'Crm', { storage, connectionName: 'crm', ...declared });
    return { scope, crm };
  }

  /** The parameter that the token may move to. */
  const PARAMETER = 'arn:aws:ssm:eu-central-1:111122223333:parameter/evertoken/tokens/crm';
  const GET_PARAMETER = { Effect: 'Allow', Action: 'ssm:GetParameter', Resource: PARAMETER };

  test('grants the secret, and its key for that secret alone', () => {
    const { scope, crm } = declare();
    expect(crm.grantRead(newRole(scope)).success).toBe(true);
    const template = templateOf(scope);
    const secret = { Ref: expect.stringMatching(/^CrmTokenSecret/) };
    const key = { 'Fn::GetAtt': [expect.stringMatching(/^StorageKey/), 'Arn'] };
    expect(statementsOf(template, 'Reader')).toEqual([
      { Effect: 'Allow', Action: READ, Resource: secret },
      {
        Effect: 'Allow',
        Action: 'kms:Decrypt',
        Resource: key,
        Condition: {
          StringEquals: { 'kms:ViaService': expect.anything() },
          StringLike: { 'kms:EncryptionContext:SecretARN': secret },
        },
      },
      GET_PARAMETER,
      {
        Effect: 'Allow',
        Action: 'kms:Decrypt',
        Resource: key,
        Condition: {
          StringEquals: {
            'kms:ViaService': expect.anything(),
            'kms:EncryptionContext:PARAMETER_ARN': PARAMETER,
          },
        },
      },
    ]);
    expect(resourcesOf(template, 'AWS::SecretsManager::ResourcePolicy')).toEqual({});
  });

  test('grants no key where AWS manages it', () => {
    const { scope, crm } = declare({}, { encryption: 'aws-managed' });
    crm.grantRead(newRole(scope));
    expect(statementsOf(templateOf(scope), 'Reader')).toEqual([
      { Effect: 'Allow', Action: READ, Resource: { Ref: expect.stringMatching(/^CrmTokenSecret/) } },
      GET_PARAMETER,
    ]);
  });

  test('grants an adopted secret by its name', () => {
    const { scope, crm } = declare({ adopt: true });
    crm.grantRead(newRole(scope));
    expect(JSON.stringify(statementsOf(templateOf(scope), 'Reader'))).toContain(
      ':secret:evertoken/tokens/crm-??????',
    );
  });

  test('grants the secret that the token is published to, and no parameter', () => {
    const { scope, crm } = declare({ token: { secretArn: SECRET_ARN } });
    crm.grantRead(newRole(scope));
    expect(statementsOf(templateOf(scope), 'Reader')).toEqual([
      { Effect: 'Allow', Action: READ, Resource: SECRET_ARN },
    ]);
  });

  test('lets readers of two other accounts in', () => {
    const { scope, crm } = declare();
    crm.grantRead(new AccountPrincipal('444455556666'));
    crm.grantRead(new ArnPrincipal('arn:aws:iam::777788889999:role/reader'));
    const template = templateOf(scope);
    const policy = JSON.stringify(resourceOf(template, 'AWS::SecretsManager::ResourcePolicy').Properties);
    const keyPolicy = JSON.stringify(resourceOf(template, 'AWS::KMS::Key', 'StorageKey').Properties);
    for (const text of [policy, keyPolicy]) {
      expect(text).toContain('444455556666');
      expect(text).toContain('777788889999');
    }
    const ofRescues = JSON.stringify(resourceOf(template, 'AWS::KMS::Key', 'StorageRescueKey').Properties);
    expect(ofRescues).not.toMatch(/444455556666|777788889999/);
  });

  test('lets no reader of another account near a parameter', () => {
    const { scope, crm } = declare();
    crm.grantRead(new AccountPrincipal('444455556666'));
    const policy = JSON.stringify(resourceOf(templateOf(scope), 'AWS::KMS::Key', 'StorageKey').Properties);
    expect(policy.match(/444455556666/g)).toHaveLength(1);
    expect(policy).not.toContain(':parameter/evertoken/tokens/crm');
  });

  test('refuses a reader in another account where the token goes to a parameter', () => {
    const { crm } = declare({
      defaultLifetime: Duration.minutes(5),
      readerCache: Duration.seconds(30),
      ...IDP,
    });
    expect(() => crm.grantRead(new AccountPrincipal('444455556666'))).toThrow(
      'connection "crm": a reader in another account cannot read its token, which goes to a parameter',
    );
  });

  test('refuses a reader in another account where AWS manages the key', () => {
    const { crm } = declare({}, { encryption: 'aws-managed' });
    expect(() => crm.grantRead(new AccountPrincipal('444455556666'))).toThrow(
      'connection "crm": a reader in another account needs a key whose policy can name it',
    );
  });

  test('says where the policy of an existing key must let a reader in', () => {
    const scope = createStack();
    const key = Key.fromKeyArn(scope, 'Existing', KEY_ARN);
    const storage = new TokenStorage(scope, 'Storage', { key });
    const crm = new Connection(scope, 'Crm', { storage, connectionName: 'crm', ...KAJABI });
    crm.grantRead(new AccountPrincipal('444455556666'));
    Annotations.fromStack(scope).hasWarning('/app/Crm', Match.stringLikeRegexp('must let the reader'));
    expect(Object.keys(resourcesOf(templateOf(scope), 'AWS::KMS::Key'))).toEqual([
      expect.stringMatching(/^StorageRescueKey/),
    ]);
  });
});

describe('a connection of a deployment elsewhere', () => {
  test('in another account is read in its secret alone', () => {
    const scope = createStack('app', { env: { account: '444455556666', region: 'eu-central-1' } });
    const crm = Connection.fromConnectionName(scope, 'Crm', 'crm', { account: '111122223333' });
    crm.grantRead(newRole(scope));
    expect(JSON.stringify(statementsOf(templateOf(scope), 'Reader'))).not.toMatch(/ssm|PARAMETER_ARN/);
  });

  test('in the same account is read by its name, without a word about the key of secrets', () => {
    const scope = createStack();
    const crm = Connection.fromConnectionName(scope, 'Crm', 'books/acme', { namespace: 'payments' });
    crm.grantRead(newRole(scope));
    const [statement, parameter, use, ...others] = statementsOf(templateOf(scope), 'Reader');
    expect(others).toEqual([]);
    expect(JSON.stringify(statement?.Resource)).toContain(':secret:payments/tokens/books/acme-??????');
    expect(parameter?.Action).toBe('ssm:GetParameter');
    expect(JSON.stringify(parameter?.Resource)).toContain(':parameter/payments/tokens/books/acme"');
    // What opens a parameter is the right to use its key, which it does not say itself.
    expect(JSON.stringify(use)).toMatch(/PARAMETER_ARN.*:parameter\/payments\/tokens\/books\/acme"/);
    expect(JSON.stringify(use)).not.toContain('SecretARN');
    expect(crm.tokenSecret.secretName).toBe('payments/tokens/books/acme');
  });

  test('has the metric of its namespace', () => {
    const scope = createStack();
    const metric = Connection.fromConnectionName(scope, 'Crm', 'crm').metricSoonestExpiry();
    expect(metric).toMatchObject({
      namespace: 'Evertoken',
      metricName: 'SoonestExpirySeconds',
      statistic: 'Minimum',
    });
    expect(metric.dimensions).toEqual({ namespace: 'evertoken' });
  });
});

describe('the refresher', () => {
  test('brings a storage of its own', () => {
    const scope = createStack();
    const { storage } = new TokenRefresher(scope, 'Refresher');
    new Connection(scope, 'Crm', { storage, connectionName: 'crm', ...KAJABI });
    const template = templateOf(scope);
    expect(Object.keys(resourcesOf(template, 'AWS::SecretsManager::Secret'))).toHaveLength(3);
    expect(Object.keys(resourcesOf(template, 'AWS::Lambda::Function'))).toHaveLength(5);
  });

  test('takes a key, a topic, a network and a time for logs', () => {
    const scope = createStack();
    const key = Key.fromKeyArn(scope, 'Existing', KEY_ARN);
    const vpc = Vpc.fromVpcAttributes(scope, 'Vpc', {
      vpcId: 'vpc-0123456789abcdef0',
      availabilityZones: ['eu-central-1a'],
      privateSubnetIds: ['subnet-0123456789abcdef0'],
      privateSubnetRouteTableIds: ['rtb-0123456789abcdef0'],
    });
    new TokenRefresher(scope, 'Refresher', {
      storage: new TokenStorage(scope, 'Storage', { key }),
      alarmTopic: Topic.fromTopicArn(scope, 'Topic', 'arn:aws:sns:eu-central-1:111122223333:ops'),
      network: {
        vpc,
        securityGroups: [SecurityGroup.fromSecurityGroupId(scope, 'Group', 'sg-0123456789abcdef0')],
      },
      logRetention: RetentionDays.ONE_YEAR,
    });
    const template = templateOf(scope);
    // The key is for what outlives a refresh; a rescue is for the refresher alone.
    expect(Object.keys(resourcesOf(template, 'AWS::KMS::Key'))).toEqual([
      expect.stringMatching(/^StorageRescueKey/),
    ]);
    expect(resourcesOf(template, 'AWS::SNS::Topic')).toEqual({});
    expect(JSON.stringify(resourcesOf(template, 'AWS::CloudWatch::Alarm'))).toContain(':ops"');
    for (const { Properties } of Object.values(resourcesOf(template, 'AWS::Lambda::Function'))) {
      expect(Properties['VpcConfig']).toEqual({
        SecurityGroupIds: ['sg-0123456789abcdef0'],
        SubnetIds: ['subnet-0123456789abcdef0'],
      });
    }
    for (const { Properties } of Object.values(resourcesOf(template, 'AWS::Logs::LogGroup'))) {
      expect(Properties['RetentionInDays']).toBe(365);
    }
    // The only statement without a resource says why in its name.
    const wide = statementsOf(template, 'RefresherRefreshDue').filter(({ Resource }) => Resource === '*');
    expect(wide).toEqual([
      expect.objectContaining({
        Sid: 'Ec2AllowsNoResourceForInterfacesYetToBeMade',
        Action: expect.arrayContaining(['ec2:CreateNetworkInterface']),
      }),
    ]);
  });

  test('refuses more tokens of minutes than it may write, also those that are declared later', () => {
    const scope = createStack();
    const storage = new TokenStorage(scope, 'Storage');
    new TokenRefresher(scope, 'Refresher', { storage, parameterWritesPerSecond: 0.1 });
    const declare = (index: number) =>
      new Connection(scope, `C${index}`, {
        storage,
        connectionName: `c${index}`,
        ...IDP,
        defaultLifetime: Duration.minutes(5),
        readerCache: Duration.seconds(30),
      });
    for (let index = 1; index <= 13; index += 1) declare(index);
    expect(() => declare(14)).toThrow(
      'connections: this deployment would need 0.2 writes a second, and Parameter Store takes 0.1 (parameterWritesPerSecond) for the 14 tokens that go to parameters: have the provider issue',
    );
  });

  test('may be pointed at by the outputs of an app', () => {
    const scope = createStack();
    const refresher = new TokenRefresher(scope, 'Refresher');
    new CfnOutput(scope, 'Function', { value: refresher.refreshNow.functionName });
    expect(refresher.metricSoonestExpiry().metricName).toBe('SoonestExpirySeconds');
    expect(templateOf(scope).Outputs).toHaveProperty('Function');
  });

  test('refuses an alias in place of a key, which no policy would match', () => {
    const scope = createStack();
    const key = Alias.fromAliasName(scope, 'Existing', 'alias/shared');
    expect(() => new TokenStorage(scope, 'Storage', { key })).toThrow('key: is an alias; expected the key');
  });

  test('refuses a key where AWS is to manage it', () => {
    const scope = createStack();
    const key = Key.fromKeyArn(scope, 'Existing', KEY_ARN);
    expect(() => new TokenStorage(scope, 'Storage', { key, encryption: 'aws-managed' })).toThrow(
      'key: cannot be given where encryption is "aws-managed"',
    );
  });
});
