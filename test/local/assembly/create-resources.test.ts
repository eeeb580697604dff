import { describe, expect, it } from 'vitest';
import { type Creator, createResources } from '../../../local/assembly/create-resources.ts';
import { readTemplate } from '../../../local/assembly/template.ts';

const ACCOUNT = { partition: 'aws', region: 'eu-west-1', accountId: '1', urlSuffix: 'amazonaws.com' };

function recorder() {
  const created: [string, unknown][] = [];
  const creator: Creator = ({ id, properties }) => {
    created.push([id, properties['Of']]);
    return { ref: `ref-${id}`, attributes: { Arn: `arn-${id}` } };
  };
  return { created, creators: { Known: creator } };
}

const known = (of?: unknown, more: object = {}) => ({ Type: 'Known', Properties: { Of: of }, ...more });
const stack = (name: string, Resources: object, more: object = {}) =>
  readTemplate(name, { Resources, ...more });

describe('refuses', () => {
  it('a type that is not known, by its name, before it creates anything', async () => {
    const { created, creators } = recorder();
    const stacks = [stack('one', { A: known() }), stack('two', { B: { Type: 'AWS::SNS::Topic' } })];
    await expect(createResources({ stacks }, creators, ACCOUNT)).rejects.toThrow(
      'two/B: local mode does not know resources of type AWS::SNS::Topic',
    );
    expect(created).toEqual([]);
  });

  it.each<[string, object, string]>([
    ['an unknown function', { A: known({ 'Fn::Select': [0, ['a']] }) }, 'Fn::Select'],
    [
      'an unknown attribute',
      { A: known(), B: known({ 'Fn::GetAtt': ['A', 'Id'] }) },
      'one/A: local mode knows no attribute Id',
    ],
    ['an unknown resource', { A: known({ Ref: 'B' }) }, 'there is no resource B'],
    ['an unknown export', { A: known({ 'Fn::ImportValue': 'x' }) }, 'no stack before it exports x'],
    ['a circle', { A: known({ Ref: 'B' }), B: known({ Ref: 'A' }) }, 'one/A depends on itself'],
  ])('%s', async (_, resources, message) => {
    const { creators } = recorder();
    await expect(createResources({ stacks: [stack('one', resources)] }, creators, ACCOUNT)).rejects.toThrow(
      message,
    );
  });

  it.each<[object, string]>([
    [{ Resources: {}, Conditions: {} }, 'the template of one: local mode does not know "Conditions"'],
    [{ Resources: {}, Parameters: { Mine: {} } }, 'Parameters of one: local mode does not know "Mine"'],
    [{ Resources: {}, Rules: { Mine: {} } }, 'Rules of one: local mode does not know "Mine"'],
    [{ Resources: { A: { Type: 'Known', Condition: 'x' } } }, 'one/A: local mode does not know "Condition"'],
  ])('the template %j', (template, message) => {
    expect(() => readTemplate('one', template as Record<string, unknown>)).toThrow(message);
  });
});

it('creates each resource after those that it refers to or depends on, across stacks', async () => {
  const { created, creators } = recorder();
  const stacks = [
    stack(
      'one',
      { C: known({ Ref: 'B' }), B: known('b', { DependsOn: 'A' }), A: known() },
      {
        Outputs: {
          Out: { Value: { 'Fn::GetAtt': ['C', 'Arn'] }, Export: { Name: 'one:C' } },
          Text: { Value: 'x' },
        },
        Parameters: { BootstrapVersion: {} },
        Rules: { CheckBootstrapVersion: {} },
      },
    ),
    stack('two', { D: known({ 'Fn::ImportValue': 'one:C' }) }),
  ];
  await createResources({ stacks }, creators, ACCOUNT);
  expect(created).toEqual([
    ['A', undefined],
    ['B', 'b'],
    ['C', 'ref-B'],
    ['D', 'arn-C'],
  ]);
});
