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
const ALL = [READ, KEY_OF_SECRETS, KEY_OF_TABLES, STATE, INDEX, PARAMETERS, TELL];

const calls = {
  secret: { service: 'secretsmanager', operation: 'GetSecretValue', resource: 'app/token', input: {} },
  item: { service: 'dynamodb', operation: 'GetItem', resource: 'state', input: { TableName: 'state' } },
  batch: { service: 'dynamodb', operation: 'BatchGetItem', input: { RequestItems: { state: {} } } },
  query: { service: 'dynamodb', operation: 'Query', input: { TableName: 'state', IndexName: 'due' } },
  parameter: { service: 'ssm', operation: 'GetParameter', resource: '/app/a', input: {} },
  path: { service: 'ssm', operation: 'GetParametersByPath', resource: '/app', input: {} },
  event: {
    service: 'events',
    operation: 'PutEvents',
    input: { Entries: [{ Source: 'app', DetailType: 'a' }] },
  },
} satisfies Record<string, ServiceCall>;

let refused: JudgedPermission[];

function authorizer(statements: readonly Statement[], keyPolicy = KEY_POLICY): Authorizer {
  refused = [];
  const created = new Authorizer({
    account: ACCOUNT,
    known: {
      secret: (id) => (id === 'app/token' || id === SECRET ? { arn: SECRET, keyId: KEY } : undefined),
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
    ['a batch with another table', { ...calls.batch, input: { RequestItems: { state: {}, other: {} } } }],
    ['the table in place of its index', { ...calls.query, input: { TableName: 'state' } }],
    ['another parameter', { ...calls.parameter, resource: '/apple/a' }],
    ['one event of two', { ...calls.event, input: { Entries: [{ Source: 'app' }, { Source: 'other' }] } }],
    ['another bus', { ...calls.event, input: { Entries: [{ Source: 'app', EventBusName: 'mine' }] } }],
  ])('is refused for %s', (_, call) => {
    expect(authorizer(ALL).refusal('ASIAWORKER', call)?.code).toBe('AccessDeniedException');
  });
});

it.each<ServiceCall>([
  { service: 'lambda', operation: 'Invoke', input: {} },
  { service: 'secretsmanager', operation: 'ListSecrets', input: {} },
  { service: 'dynamodb', operation: 'TransactWriteItems', input: {} },
  { service: 'ssm', operation: 'PutParameter', resource: '/app/a', input: { KeyId: 'alias/mine' } },
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
  expect(all.counts).toEqual({ allowed: 11, refused: 0 });
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
