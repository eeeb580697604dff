import { beforeEach, describe, expect, it } from 'vitest';
import { Authorizer, type JudgedPermission } from '../../../local/iam/authorizer.ts';
import type { ServiceCall } from '../../../local/iam/needed-permissions.ts';
import type { Statement } from '../../../local/iam/policy-evaluator.ts';
import { lostWithout } from './support/without-statement.ts';

const ACCOUNT = {
  partition: 'aws',
  region: 'eu-west-1',
  accountId: '111122223333',
  urlSuffix: 'amazonaws.com',
};
const at = (service: string, resource: string) => `arn:aws:${service}:eu-west-1:111122223333:${resource}`;
const KEY = at('kms', 'key/1');
const TABLE = at('dynamodb', 'table/state');
const SECRET = at('secretsmanager', 'secret:app/token-AbCdEf');

const ROOT = { AWS: 'arn:aws:iam::111122223333:root' };
const KEY_POLICY: readonly Statement[] = [
  { Effect: 'Allow', Principal: ROOT, Action: 'kms:*', Resource: '*' },
];

const READ: Statement = {
  Sid: 'Read',
  Effect: 'Allow',
  Action: 'secretsmanager:GetSecretValue',
  Resource: at('secretsmanager', 'secret:app/*'),
};
const KEY_OF_SECRETS: Statement = {
  Sid: 'KeyOfSecrets',
  Effect: 'Allow',
  Action: 'kms:Decrypt',
  Resource: KEY,
  Condition: { StringEquals: { 'kms:ViaService': 'secretsmanager.eu-west-1.amazonaws.com' } },
};
const KEY_OF_TABLES: Statement = {
  ...KEY_OF_SECRETS,
  Sid: 'KeyOfTables',
  Condition: { StringEquals: { 'kms:ViaService': 'dynamodb.eu-west-1.amazonaws.com' } },
};
const SECURE: Statement = {
  Sid: 'Secure',
  Effect: 'Allow',
  Action: ['ssm:GetParameter', 'ssm:PutParameter'],
  Resource: at('ssm', 'parameter/secure/*'),
};
const KEY_OF_PARAMETERS: Statement = {
  ...KEY_OF_SECRETS,
  Sid: 'KeyOfParameters',
  Action: ['kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey'],
  Condition: {
    StringEquals: { 'kms:ViaService': 'ssm.eu-west-1.amazonaws.com' },
    StringLike: { 'kms:EncryptionContext:PARAMETER_ARN': at('ssm', 'parameter/secure/*') },
  },
};
const STATE: Statement = {
  Sid: 'State',
  Effect: 'Allow',
  Action: ['dynamodb:GetItem', 'dynamodb:BatchGetItem'],
  Resource: TABLE,
};
const INDEX: Statement = {
  Sid: 'Index',
  Effect: 'Allow',
  Action: 'dynamodb:Query',
  Resource: `${TABLE}/index/due`,
};
const PARAMETERS: Statement = {
  Sid: 'Parameters',
  Effect: 'Allow',
  Action: ['ssm:GetParameter', 'ssm:GetParametersByPath'],
  Resource: [at('ssm', 'parameter/app/*'), at('ssm', 'parameter/app')],
};
const TELL: Statement = {
  Sid: 'Tell',
  Effect: 'Allow',
  Action: 'events:PutEvents',
  Resource: at('events', 'event-bus/default'),
  Condition: { StringEquals: { 'events:source': 'app' } },
};
const WAKE: Statement = {
  Sid: 'Wake',
  Effect: 'Allow',
  Action: 'sqs:SendMessage',
  Resource: at('sqs', 'wake-ups'),
};
const ALL = [
  READ,
  KEY_OF_SECRETS,
  KEY_OF_TABLES,
  SECURE,
  KEY_OF_PARAMETERS,
  STATE,
  INDEX,
  PARAMETERS,
  TELL,
  WAKE,
];

/** Parameters that are there, by their names. */
const PARAMETERS_THERE: Readonly<Record<string, { type: string; tier: string; keyId?: string }>> = {
  '/app/a': { type: 'String', tier: 'Standard' },
  '/secure/own': { type: 'SecureString', tier: 'Standard', keyId: KEY },
  '/secure/large': { type: 'SecureString', tier: 'Advanced', keyId: KEY },
  '/secure/aws': { type: 'SecureString', tier: 'Standard' },
  '/secure/alias': { type: 'SecureString', tier: 'Standard', keyId: 'alias/mine' },
};
const decrypted = (resource: string): ServiceCall => ({
  service: 'ssm',
  operation: 'GetParameter',
  resource,
  input: { Name: resource, WithDecryption: true },
});
const sealed = (resource: string, input: Record<string, unknown> = {}): ServiceCall => ({
  service: 'ssm',
  operation: 'PutParameter',
  resource,
  input: { Name: resource, Value: 'v', Type: 'SecureString', KeyId: KEY, ...input },
});

const calls = {
  secret: { service: 'secretsmanager', operation: 'GetSecretValue', resource: 'app/token', input: {} },
  item: { service: 'dynamodb', operation: 'GetItem', resource: 'state', input: { TableName: 'state' } },
  batch: { service: 'dynamodb', operation: 'BatchGetItem', input: { RequestItems: { state: {} } } },
  query: { service: 'dynamodb', operation: 'Query', input: { TableName: 'state', IndexName: 'due' } },
  parameter: { service: 'ssm', operation: 'GetParameter', resource: '/app/a', input: {} },
  path: { service: 'ssm', operation: 'GetParametersByPath', resource: '/app', input: {} },
  secure: decrypted('/secure/own'),
  event: {
    service: 'events',
    operation: 'PutEvents',
    input: { Entries: [{ Source: 'app', DetailType: 'a' }] },
  },
  message: {
    service: 'sqs',
    operation: 'SendMessage',
    resource: 'http://127.0.0.1:4566/111122223333/wake-ups',
    input: {},
  },
} satisfies Record<string, ServiceCall>;

let refused: JudgedPermission[];

function authorizer(statements: readonly Statement[], keyPolicy = KEY_POLICY): Authorizer {
  refused = [];
  const created = new Authorizer({
    account: ACCOUNT,
    known: {
      secret: (id) => (id === 'app/token' || id === SECRET ? { arn: SECRET, keyId: KEY } : undefined),
      parameter: (id) => PARAMETERS_THERE[id],
      tableKey: () => KEY,
    },
    keyPolicy: () => keyPolicy,
    onRefused: (one) => refused.push(one),
  });
  const role = { name: 'worker', arn: 'arn:aws:iam::111122223333:role/worker', trust: [], statements };
  created.addSession('ASIAWORKER', role, 'session');
  return created;
}

beforeEach(() => {
  refused = [];
});

describe('a call that no statement allows', () => {
  it('is answered as AWS does, and told of', () => {
    const refusal = authorizer([]).refusal('ASIAWORKER', calls.secret);
    expect(refusal).toEqual({
      code: 'AccessDeniedException',
      message:
        'User: arn:aws:sts::111122223333:assumed-role/worker/session is not authorized to perform: ' +
        `secretsmanager:GetSecretValue on resource: ${SECRET} because no identity-based policy allows the ` +
        'secretsmanager:GetSecretValue action',
    });
    expect(refused).toMatchObject([{ role: 'worker', call: { resource: SECRET }, allowed: false }]);
  });

  it.each([
    ['a key, by the role', [READ], KEY_POLICY],
    ['a key, by its own policy', ALL, []],
    ['a key through another service', [READ, KEY_OF_TABLES], KEY_POLICY],
  ])('may be the use of %s', (_, statements, keyPolicy) => {
    const refusal = authorizer(statements, keyPolicy).refusal('ASIAWORKER', calls.secret);
    expect(refusal?.message).toBe('Access to KMS is not allowed');
    expect(refused).toMatchObject([{ kind: 'key', call: { action: 'kms:Decrypt', resource: KEY } }]);
  });

  it.each<[string, ServiceCall]>([
    ['a secret that does not exist', { ...calls.secret, resource: 'other' }],
    ['another operation', { ...calls.secret, operation: 'PutSecretValue' }],
    ['another table', { ...calls.item, input: { TableName: 'other' } }],
    ['a batch that writes', { ...calls.batch, operation: 'BatchWriteItem' }],
    ['a batch with another table', { ...calls.batch, input: { RequestItems: { state: {}, other: {} } } }],
    ['the table in place of its index', { ...calls.query, input: { TableName: 'state' } }],
    ['another parameter', { ...calls.parameter, resource: '/apple/a' }],
    ['one event of two', { ...calls.event, input: { Entries: [{ Source: 'app' }, { Source: 'other' }] } }],
    ['another bus', { ...calls.event, input: { Entries: [{ Source: 'app', EventBusName: 'mine' }] } }],
  ])('is refused for %s', (_, call) => {
    expect(authorizer(ALL).refusal('ASIAWORKER', call)?.code).toBe('AccessDeniedException');
  });
});

describe('what proves a client by AWS', () => {
  const ALLOWED = { Effect: 'Allow', Resource: '*' } as const;
  const sign: ServiceCall = {
    service: 'kms',
    operation: 'Sign',
    resource: KEY,
    input: { KeyId: KEY, Message: 'bQ==', SigningAlgorithm: 'ECDSA_SHA_256' },
  };
  const identity: ServiceCall = {
    service: 'sts',
    operation: 'GetWebIdentityToken',
    resource: 'a',
    input: { Audience: ['a'], SigningAlgorithm: 'RS256' },
  };
  const SIGN: Statement = { ...ALLOWED, Action: 'kms:Sign', Resource: KEY };
  const identityFor = (audience: string, seconds: string): Statement => ({
    ...ALLOWED,
    Action: 'sts:GetWebIdentityToken',
    Condition: {
      'ForAllValues:StringEquals': { 'sts:IdentityTokenAudience': audience },
      NumericLessThanEquals: { 'sts:DurationSeconds': seconds },
    },
  });

  it('is signing with a key, which both its policy and IAM must allow', () => {
    expect(authorizer([SIGN]).refusal('ASIAWORKER', sign)).toBeUndefined();
    expect(authorizer([SIGN], []).refusal('ASIAWORKER', sign)?.message).toContain(
      `is not authorized to perform: kms:Sign on resource: ${KEY}`,
    );
    const byAlgorithm = {
      ...SIGN,
      Condition: { StringEquals: { 'kms:SigningAlgorithm': 'ECDSA_SHA_384', 'kms:MessageType': 'RAW' } },
    };
    expect(authorizer([byAlgorithm]).refusal('ASIAWORKER', sign)?.code).toBe('AccessDeniedException');
    expect(authorizer([SIGN]).refusal('ASIAWORKER', { ...sign, resource: `${KEY}2` })?.code).toBe(
      'AccessDeniedException',
    );
    expect(() => authorizer([SIGN]).refusal('ASIAWORKER', { ...sign, operation: 'Decrypt' })).toThrow(
      'cannot judge kms:Decrypt',
    );
  });

  it('is a token of the role’s own, for an audience and a time', () => {
    expect(authorizer([identityFor('a', '300')]).refusal('ASIAWORKER', identity)).toBeUndefined();
    for (const statement of [identityFor('b', '300'), identityFor('a', '299')]) {
      expect(authorizer([statement]).refusal('ASIAWORKER', identity)).toMatchObject({
        code: 'AccessDenied',
        message: expect.stringContaining('perform: sts:GetWebIdentityToken on resource: arn:aws:sts::'),
      });
    }
    const assume = { ...identity, operation: 'AssumeRole' };
    expect(() => authorizer(ALL).refusal('ASIAWORKER', assume)).toThrow('cannot judge sts:AssumeRole');
  });

  it('is the role’s, of which the access key tells', () => {
    expect(authorizer([]).roleOf('ASIAWORKER')?.name).toBe('worker');
    expect(authorizer([]).roleOf('local')).toBeUndefined();
  });
});

describe('a SecureString', () => {
  const neededFor = (call: ServiceCall, statements: readonly Statement[] = ALL) => {
    const all = authorizer(statements);
    const refusal = all.refusal('ASIAWORKER', call);
    const keys = all.judged.filter(({ kind }) => kind === 'key');
    return { refusal: refusal?.message, keys: keys.map(({ call: { action } }) => action) };
  };

  it.each<[string, ServiceCall, string[]]>([
    ['is encrypted under its key itself', sealed('/secure/new'), ['kms:Encrypt']],
    ['is written over under the key that is named now', sealed('/secure/aws'), ['kms:Encrypt']],
    [
      'has a data key above 4 KB',
      sealed('/secure/new', { Value: 'x'.repeat(4097) }),
      ['kms:GenerateDataKey'],
    ],
    [
      'is counted in bytes',
      sealed('/secure/new', { Value: `${'x'.repeat(4095)}ä` }),
      ['kms:GenerateDataKey'],
    ],
    [
      'has a data key where it is to be advanced',
      sealed('/secure/new', { Tier: 'Advanced' }),
      ['kms:GenerateDataKey'],
    ],
    ['has a data key where it is advanced', sealed('/secure/large'), ['kms:GenerateDataKey']],
    ['keeps its type unsaid', sealed('/secure/own', { Type: undefined }), ['kms:Encrypt']],
    ['is decrypted by its key', decrypted('/secure/own'), ['kms:Decrypt']],
    ['is shown sealed without it', { ...decrypted('/secure/own'), input: { Name: '/secure/own' } }, []],
    ['needs no more under the key of the account', decrypted('/secure/aws'), []],
    ['is written so as well', sealed('/secure/aws', { KeyId: undefined }), []],
    ['may say so', sealed('/secure/new', { KeyId: 'alias/aws/ssm' }), []],
    ['that is not there needs no key', decrypted('/secure/none'), []],
    ['that is none needs no key', decrypted('/app/a'), []],
    ['that becomes plain text needs no key', sealed('/secure/new', { Type: 'String', KeyId: undefined }), []],
  ])('%s', (_, call, keys) => {
    expect(neededFor(call)).toEqual({ refusal: undefined, keys });
  });

  it.each<[string, ServiceCall, readonly Statement[]]>([
    ['reading it', decrypted('/secure/own'), [SECURE]],
    ['writing it', sealed('/secure/new'), [SECURE]],
    ['reading it with the key of secrets', decrypted('/secure/own'), [SECURE, KEY_OF_SECRETS]],
  ])('is closed to a role that has only the parameter: %s', (_, call, statements) => {
    expect(neededFor(call, statements).refusal).toBe('Access to KMS is not allowed');
  });

  it('is closed to a role that its key does not know, whatever IAM says', () => {
    const everything: Statement = { Effect: 'Allow', Action: '*', Resource: '*' };
    const keyPolicy: readonly Statement[] = [
      {
        Effect: 'Allow',
        Principal: ROOT,
        Action: 'kms:*',
        Resource: '*',
        Condition: { ArnEquals: { 'aws:PrincipalArn': 'arn:aws:iam::111122223333:role/other' } },
      },
    ];
    const all = authorizer([everything], keyPolicy);
    expect(all.refusal('ASIAWORKER', decrypted('/secure/own'))?.message).toBe('Access to KMS is not allowed');
  });
});

describe('what a page does in the name of a person', () => {
  it('is invoking a function, known by its name', () => {
    const invoke: ServiceCall = { service: 'lambda', operation: 'Invoke', resource: 'refresh', input: {} };
    const Resource = 'arn:aws:lambda:eu-west-1:111122223333:function:refresh';
    const statement = { Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource } as const;
    expect(authorizer([statement]).refusal('ASIAWORKER', invoke)).toBeUndefined();
    expect(
      authorizer([statement]).refusal('ASIAWORKER', { ...invoke, resource: 'other' })?.message,
    ).toContain('is not authorized to perform: lambda:InvokeFunction on resource:');
  });

  it('is changing an item of one kind, known by its key', () => {
    const LEADING = 'dynamodb:LeadingKeys';
    const statement = {
      Effect: 'Allow',
      Action: ['dynamodb:UpdateItem', 'dynamodb:PutItem'],
      Resource: '*',
      Condition: { 'ForAllValues:StringLike': { [LEADING]: ['note#*'] }, Null: { [LEADING]: 'false' } },
    } as const;
    const refusal = (operation: string, input: object) =>
      authorizer([statement, KEY_OF_TABLES]).refusal('ASIAWORKER', {
        service: 'dynamodb',
        operation,
        input: { TableName: 'state', ...input },
      })?.code;
    expect(refusal('UpdateItem', { Key: { pk: { S: 'note#a' } } })).toBeUndefined();
    expect(refusal('PutItem', { Item: { pk: { S: 'note#a' } } })).toBeUndefined();
    expect(refusal('UpdateItem', { Key: { pk: { S: 'tick' } } })).toBe('AccessDeniedException');
    expect(refusal('UpdateItem', {})).toBe('AccessDeniedException');
  });
});

it.each<ServiceCall>([
  { service: 'lambda', operation: 'InvokeAsync', resource: 'other', input: {} },
  { service: 'secretsmanager', operation: 'ListSecrets', input: {} },
  { service: 'dynamodb', operation: 'TransactWriteItems', input: {} },
  sealed('/secure/new', { KeyId: 'alias/mine' }),
  decrypted('/secure/alias'),
  { service: 'ssm', operation: 'GetParametersByPath', resource: '/secure', input: { WithDecryption: true } },
  { service: 'ssm', operation: 'GetParameterHistory', resource: '/app/a', input: {} },
])('%j is nothing that it guesses at', (call) => {
  expect(() => authorizer(ALL).refusal('ASIAWORKER', call)).toThrow(/cannot judge/);
});

it('lets people do everything', () => {
  expect(authorizer([]).refusal('local', calls.secret)).toBeUndefined();
});

it('allows what statements allow, and knows which were of use', () => {
  const all = authorizer(ALL);
  expect(all.unused).toHaveLength(ALL.length);
  for (const call of Object.values(calls)) expect(all.refusal('ASIAWORKER', call)).toBeUndefined();
  expect(all.unused).toEqual([]);
  expect(all.counts).toEqual({ allowed: 14, refused: 0 });
});

it.each(ALL.map((statement) => [statement.Sid, statement] as const))(
  'without %s a call that was made would be refused',
  (_, statement) => {
    const all = authorizer(ALL);
    for (const call of Object.values(calls)) all.refusal('ASIAWORKER', call);
    const role = { arn: 'arn:aws:iam::111122223333:role/worker', statements: ALL };
    const account = { accountId: ACCOUNT.accountId, keyPolicy: () => KEY_POLICY };
    expect(lostWithout(role, statement, all.judged, account)).not.toEqual([]);
    const others = authorizer(ALL.filter((other) => other !== statement));
    const refusals = Object.values(calls).map((call) => others.refusal('ASIAWORKER', call));
    expect(refusals.filter(Boolean)).not.toEqual([]);
  },
);
