import { describe, expect, test } from 'vitest';
import { stateTableDefinition } from '../../functions/aws/state-table/state-table-definition.ts';
import { parseConnection } from '../../functions/connections/parse/parse-connection.ts';
import { type Resource, resourceOf, resourcesOf, synthesise, type Template } from '../support/synthesised.ts';

type Connections = Record<string, Record<string, unknown>>;

const CRM = { provider: 'kajabi', credentials: 'kajabi-main' };
const ORDERS = { tokenUrl: 'https://idp.example.com/token', credentials: 'orders' };
const BASE: Connections = { crm: CRM, orders: ORDERS, 'books/acme': { ...CRM, credentials: 'books' } };

const secretsOf = (template: Template) => resourcesOf(template, 'AWS::SecretsManager::Secret');
const namesOf = (template: Template) =>
  Object.values(secretsOf(template))
    .map(({ Properties }) => Properties['Name'])
    .sort();

const { app, storage } = synthesise({ connections: BASE });

describe('the storage stack', () => {
  test('is protected from deletion', () => {
    expect(app.synth().getStackByName('evertoken-storage').terminationProtection).toBe(true);
    expect(app.synth().getStackByName('evertoken-refresh').terminationProtection).toBeFalsy();
  });

  test('keeps keys, table and secrets whatever happens to it, and lets declarations go', () => {
    const policies = Object.groupBy(Object.values(storage.Resources), ({ Type }) => Type);
    const kept = Object.entries(policies).map(([type, all = []]) => [
      type,
      all.every((one) => one.DeletionPolicy === 'Retain' && one.UpdateReplacePolicy === 'Retain'),
    ]);
    expect(Object.fromEntries(kept)).toEqual({
      'AWS::KMS::Key': true,
      'AWS::KMS::Alias': false,
      'AWS::DynamoDB::Table': true,
      'AWS::SecretsManager::Secret': true,
      'AWS::SSM::Parameter': false,
    });
  });

  test('has the state table that the functions know', () => {
    const { Properties } = resourceOf(storage, 'AWS::DynamoDB::Table');
    const { AttributeDefinitions, ...definition } = stateTableDefinition('evertoken-state');
    expect(Properties).toMatchObject(definition);
    expect(Properties['AttributeDefinitions']).toEqual(expect.arrayContaining(AttributeDefinitions));
    expect(Properties).toMatchObject({
      DeletionProtectionEnabled: true,
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      SSESpecification: { SSEEnabled: true, SSEType: 'KMS' },
    });
  });

  test('declares each connection as the functions read it', () => {
    const declared = Object.values(resourcesOf(storage, 'AWS::SSM::Parameter')).map(({ Properties }) => [
      Properties['Name'],
      parseConnection(JSON.parse(String(Properties['Value'])), 'any'),
    ]);
    expect(Object.fromEntries(declared)).toEqual({
      '/evertoken/connections/crm': { schema: 1, ...CRM },
      '/evertoken/connections/orders': { schema: 1, ...ORDERS },
      '/evertoken/connections/books/acme': { schema: 1, ...CRM, credentials: 'books' },
    });
  });

  test('creates the secrets that each connection needs, shared credentials once', () => {
    const { storage: shared } = synthesise({ connections: { a: CRM, b: CRM, c: ORDERS } });
    expect(namesOf(shared)).toEqual([
      'evertoken/credentials/kajabi-main',
      'evertoken/credentials/orders',
      'evertoken/refresh-tokens/a',
      'evertoken/refresh-tokens/b',
      'evertoken/tokens/a',
      'evertoken/tokens/b',
      'evertoken/tokens/c',
    ]);
  });

  test('creates every secret empty, under the key', () => {
    const created = Object.values(secretsOf(storage));
    expect(created.length).toBeGreaterThan(5);
    for (const { Properties } of created) {
      expect(Object.keys(Properties).sort()).toEqual(['Description', 'KmsKeyId', 'Name']);
    }
  });

  test('creates none for credentials that nobody has', () => {
    const trusted = {
      tokenUrl: 'https://idp.example.com/token',
      identity: 'aws',
      rules: { identity: { use: 'client', audience: 'https://idp.example.com' } },
    };
    expect(namesOf(synthesise({ connections: { trusted } }).storage)).toEqual(['evertoken/tokens/trusted']);
  });

  test('says in each secret that it stays', () => {
    for (const { Properties } of Object.values(secretsOf(storage))) {
      expect(Properties['Description']).toMatch(/\bstays? when\b/);
    }
  });

  test('gives two names that look alike resources of their own', () => {
    const names = ['a/b', 'a-b', 'a.b', 'a--b', 'a_b', 'ab'];
    const { storage: alike } = synthesise({
      connections: Object.fromEntries(names.map((name) => [name, { ...ORDERS, credentials: name }])),
    });
    expect(namesOf(alike)).toHaveLength(2 * names.length);
  });

  test('keeps CloudFormation and Parameter Store from taking text in a declaration for a reference', () => {
    const value = '{{resolve:secretsmanager:prod/db}}';
    const connections = { orders: { ...ORDERS, parameters: { audience: value } } };
    const { Properties } = resourceOf(synthesise({ connections }).storage, 'AWS::SSM::Parameter');
    expect(Properties['Value']).not.toContain('{{');
    expect(JSON.parse(String(Properties['Value'])).parameters).toEqual({ audience: value });
  });
});

/** What identifies a secret and would make CloudFormation touch its value or replace it. */
const identity = ({ Properties, DeletionPolicy, UpdateReplacePolicy }: Resource) => ({
  ...Properties,
  DeletionPolicy,
  UpdateReplacePolicy,
});

describe('an edit of connections.json leaves the secrets of all connections as they are', () => {
  const without = (name: string) => Object.fromEntries(Object.entries(BASE).filter(([key]) => key !== name));
  const changed = (over: object) => ({ ...BASE, crm: { ...CRM, ...over } });

  /** Edit, what it leaves, and the secrets that come and go with it. */
  const EDITS: [string, Connections, { added?: string[]; left?: string[] }][] = [
    [
      'one is added',
      { ...BASE, new: { ...ORDERS, credentials: 'new' } },
      { added: ['credentials/new', 'tokens/new'] },
    ],
    ['one is added at the front', { aaa: ORDERS, ...BASE }, { added: ['tokens/aaa'] }],
    ['they change places', Object.fromEntries(Object.entries(BASE).reverse()), {}],
    ['one is removed', without('orders'), { left: ['credentials/orders', 'tokens/orders'] }],
    ['all are removed', {}, { left: namesOf(storage).map((name) => String(name).replace('evertoken/', '')) }],
    [
      'one is renamed',
      { ...without('orders'), sales: ORDERS },
      { added: ['tokens/sales'], left: ['tokens/orders'] },
    ],
    ['the scope changes', changed({ scope: 'read write' }), {}],
    ['the margin changes', changed({ marginSeconds: 900 }), {}],
    ['the token URL changes', changed({ tokenUrl: 'https://idp.example.com/token' }), {}],
    [
      'the provider changes',
      changed({ provider: 'slashid', grants: ['client_credentials'] }),
      { left: ['refresh-tokens/crm'] },
    ],
    [
      'a grant is added',
      { ...BASE, orders: { ...ORDERS, grants: ['refresh_token', 'client_credentials'] } },
      { added: ['refresh-tokens/orders'] },
    ],
    [
      'credentials change',
      changed({ credentials: 'other' }),
      { added: ['credentials/other'], left: ['credentials/kajabi-main'] },
    ],
    ['credentials are shared', changed({ credentials: 'orders' }), { left: ['credentials/kajabi-main'] }],
    [
      'parameters are added',
      changed({ tokenUrl: 'https://idp.example.com/token', parameters: { audience: 'x' } }),
      {},
    ],
    [
      'one is adopted',
      changed({ adopt: true }),
      { left: ['credentials/kajabi-main', 'refresh-tokens/crm', 'tokens/crm'] },
    ],
    [
      'the token goes elsewhere',
      changed({
        token: { secretArn: 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:x-AbCdEf', fields: {} },
      }),
      { left: ['tokens/crm'] },
    ],
  ];

  test.each(EDITS)('%s', (_, connections, { added = [], left = [] }) => {
    const before = secretsOf(storage);
    const after = secretsOf(synthesise({ connections }).storage);
    const both = Object.keys(before).filter((id) => after[id] !== undefined);
    for (const id of both) expect(identity(after[id] as Resource)).toEqual(identity(before[id] as Resource));
    const names = (ids: string[], all: Readonly<Record<string, Resource>>) =>
      ids.map((id) => String(all[id]?.Properties['Name']).replace('evertoken/', '')).sort();
    const gone = Object.keys(before).filter((id) => after[id] === undefined);
    expect(names(gone, before)).toEqual([...left].sort());
    expect(gone.every((id) => before[id]?.DeletionPolicy === 'Retain')).toBe(true);
    const come = Object.keys(after).filter((id) => before[id] === undefined);
    expect(names(come, after)).toEqual([...added].sort());
  });

  test('and of key and table', () => {
    const { storage: after } = synthesise({ connections: { other: ORDERS } });
    const stateful = (template: Template) => [
      resourcesOf(template, 'AWS::KMS::Key'),
      resourcesOf(template, 'AWS::DynamoDB::Table'),
    ];
    expect(stateful(after)).toEqual(stateful(storage));
  });
});

describe('a connection that adopts', () => {
  const adopting = { ...CRM, adopt: true };

  test('is declared, and its secrets are referred to', () => {
    const { storage: adopted } = synthesise({ connections: { crm: adopting } });
    expect(namesOf(adopted)).toEqual([]);
    const { Properties } = resourceOf(adopted, 'AWS::SSM::Parameter');
    expect(JSON.parse(String(Properties['Value']))).toMatchObject({ adopt: true });
  });

  test.each([
    ['first', { crm: adopting, other: CRM }],
    ['last', { other: CRM, xyz: adopting }],
  ])('adopts shared credentials for the others too: %s', (_, connections) => {
    expect(namesOf(synthesise({ connections }).storage)).toEqual([
      'evertoken/refresh-tokens/other',
      'evertoken/tokens/other',
    ]);
  });
});

test('with keys that AWS manages there is no key, for rescues neither, and no secret names one', () => {
  const { storage: aws } = synthesise({ connections: BASE, context: { encryption: 'aws-managed' } });
  expect(resourcesOf(aws, 'AWS::KMS::Key')).toEqual({});
  for (const { Properties } of Object.values(secretsOf(aws))) {
    expect(Object.keys(Properties).sort()).toEqual(['Description', 'Name']);
  }
  expect(resourceOf(aws, 'AWS::DynamoDB::Table').Properties['SSESpecification']).toBeUndefined();
});

test('a hundred connections are declared, and one more is refused', () => {
  const many = (count: number) =>
    Object.fromEntries(
      Array.from({ length: count }, (_, index) => [`c${index}`, { ...CRM, credentials: `k${index}` }]),
    );
  const { storage: full } = synthesise({ connections: many(100) });
  expect(Object.keys(full.Resources).length).toBeLessThan(500);
  expect(() => synthesise({ connections: many(101) })).toThrow(
    /connections\.json: connections: 101 are declared, .* at most 100: .*evertoken import/,
  );
});
