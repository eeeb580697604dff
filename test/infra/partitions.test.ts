import { Tags } from 'aws-cdk-lib';
import { describe, expect, test } from 'vitest';
import { resourcesOf, synthesise, type Template } from '../support/synthesised.ts';

const connections = { crm: { provider: 'kajabi', credentials: 'kajabi-main' } };
const BOUNDARY = 'developers-boundary';
const one = synthesise({ connections });

describe.each([
  ['anywhere', undefined],
  ['aws', 'eu-central-1'],
  ['aws-us-gov', 'us-gov-west-1'],
  ['aws-cn', 'cn-north-1'],
])('in %s', (partition, region) => {
  const { storage, refresh } = synthesise({
    connections,
    context: {
      alarmEmail: 'on-call@example.com',
      '@aws-cdk/core:permissionsBoundary': { name: BOUNDARY },
      '@aws-cdk/core:bootstrapQualifier': 'acme',
    },
    ...(region !== undefined && { stackProps: { env: { account: '111122223333', region } } }),
    prepare: (app) => Tags.of(app).add('cost-center', '4711'),
  });
  const text = JSON.stringify([storage, refresh]);

  test('no ARN names a partition that is not its own', () => {
    const written = [...text.matchAll(/arn:([a-z-]+):/g)].map(([, name]) => name);
    expect(written.filter((name) => name !== partition || partition === 'aws')).toEqual(
      partition === 'aws' ? written : [],
    );
    expect(written.length > 0 || text.includes('AWS::Partition')).toBe(true);
  });

  test('every role has the boundary', () => {
    const roles = Object.values(resourcesOf(refresh, 'AWS::IAM::Role'));
    expect(roles).toHaveLength(6);
    for (const { Properties } of roles) {
      expect(JSON.stringify(Properties['PermissionsBoundary'])).toContain(`:policy/${BOUNDARY}`);
    }
  });

  test('what can be tagged is tagged', () => {
    const types = [
      'KMS::Key',
      'DynamoDB::Table',
      'SecretsManager::Secret',
      'SSM::Parameter',
      'Lambda::Function',
    ];
    for (const type of [...types, 'IAM::Role', 'Scheduler::ScheduleGroup', 'SQS::Queue', 'Logs::LogGroup']) {
      const all = [storage, refresh].flatMap((template) =>
        Object.values(resourcesOf(template, `AWS::${type}`)),
      );
      expect(all.length, type).toBeGreaterThan(0);
      for (const { Properties } of all) expect(JSON.stringify(Properties['Tags']), type).toContain('4711');
    }
  });

  test('assets are where the bootstrap of that qualifier put them', () => {
    expect(text).toContain('cdk-acme-assets-');
    expect(text).not.toContain('hnb659fds');
  });
});

describe('two namespaces in one account', () => {
  const two = synthesise({ connections, context: { namespace: 'payments' } });

  /** Names that must be unique in an account and Region, or in an account. */
  function namesIn(templates: Iterable<Template>): string[] {
    const NAMES = [
      'Name',
      'FunctionName',
      'RoleName',
      'TableName',
      'AliasName',
      'AlarmName',
      'DashboardName',
      'QueueName',
    ];
    return [...templates].flatMap((template) =>
      Object.values(template.Resources)
        // Schedules have names of their own in each group; the others name a function.
        .filter(({ Type }) => !/::(Schedule|Permission|EventInvokeConfig)$/.test(Type))
        .flatMap(({ Type, Properties }) =>
          NAMES.filter((key) => Properties[key] !== undefined).map(
            (key) => `${Type} ${JSON.stringify(Properties[key])}`,
          ),
        ),
    );
  }

  test('share no name', () => {
    const names = namesIn(one.templates.values());
    expect(names.length).toBeGreaterThan(15);
    expect(new Set(names).size).toBe(names.length);
    const others = new Set(namesIn(two.templates.values()));
    expect(names.filter((name) => others.has(name))).toEqual([]);
    expect([...one.templates.keys()]).toEqual(['evertoken-storage', 'evertoken-refresh']);
    expect([...two.templates.keys()]).toEqual(['payments-storage', 'payments-refresh']);
  });

  test('do not speak of one another', () => {
    expect(JSON.stringify(two.storage)).not.toContain('evertoken/');
    expect(JSON.stringify(two.refresh)).not.toMatch(/evertoken[/-](?!refresh-)/);
  });
});

test('no template, asset, parameter or output carries the value of a secret', () => {
  const { storage, refresh } = one;
  const text = JSON.stringify([storage, refresh]);
  expect(text).not.toMatch(/SecretString|GenerateSecretString|\{\{resolve:/);
  for (const { Outputs = {} } of [storage, refresh]) {
    expect(JSON.stringify(Outputs)).not.toMatch(/SecretsManager|secretsmanager/);
  }
});
