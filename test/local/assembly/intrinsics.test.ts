import { describe, expect, it } from 'vitest';
import { type References, referredResources, resolveValue } from '../../../local/assembly/intrinsics.ts';

const variable = (name: string) => `$\{${name}}`;

const references: References = {
  account: { partition: 'aws', region: 'eu-west-1', accountId: '111122223333', urlSuffix: 'amazonaws.com' },
  ref: (id) => `ref of ${id}`,
  attribute: (id, name) => `${name} of ${id}`,
  importedValue: (name) => `import of ${name}`,
};

describe('an intrinsic function that is not known', () => {
  it.each(['Fn::Select', 'Fn::Split', 'Fn::If', 'Fn::Base64', 'Fn::FindInMap', 'Fn::Transform', 'Fn::Cidr'])(
    '%s is an error with its name, wherever it stands',
    (name) => {
      const value = { a: [{ 'Fn::Join': ['', ['x', { [name]: ['a', 'b'] }]] }] };
      expect(() => resolveValue(value, references)).toThrow(
        `local mode does not know the intrinsic function ${name}`,
      );
    },
  );

  it('is one in the variables of Fn::Sub too', () => {
    expect(() => resolveValue({ 'Fn::Sub': `a-${variable('Resource.Arn')}` }, references)).toThrow(
      `"${variable('Resource.Arn')}"`,
    );
    expect(() => resolveValue({ 'Fn::Sub': [`a-${variable('b')}`, { b: 'c' }] }, references)).toThrow(
      'expected text',
    );
  });

  it('is a pseudo parameter that is not known', () => {
    expect(() => resolveValue({ Ref: 'AWS::NotificationARNs' }, references)).toThrow('AWS::NotificationARNs');
  });
});

it.each<[unknown, unknown]>([
  [{ Ref: 'Table' }, 'ref of Table'],
  [{ 'Fn::GetAtt': ['Key', 'Arn'] }, 'Arn of Key'],
  [{ 'Fn::Join': ['-', ['a', { Ref: 'AWS::Region' }, { Ref: 'Table' }]] }, 'a-eu-west-1-ref of Table'],
  [{ 'Fn::Sub': `b-${variable('AWS::AccountId')}-${variable('AWS::Region')}` }, 'b-111122223333-eu-west-1'],
  [{ 'Fn::ImportValue': 'stack:Key' }, 'import of stack:Key'],
  [{ Ref: 'AWS::Partition' }, 'aws'],
  [{ Ref: 'AWS::URLSuffix' }, 'amazonaws.com'],
  [{ list: [1, true, null, { Ref: 'A' }] }, { list: [1, true, null, 'ref of A'] }],
  // Two members: no function.
  [
    { Ref: 'A', other: 1 },
    { Ref: 'A', other: 1 },
  ],
])('%j becomes %j', (value, expected) => {
  expect(resolveValue(value, references)).toEqual(expected);
});

it('tells which resources a value refers to', () => {
  const value = {
    a: { Ref: 'A' },
    b: [{ 'Fn::Join': ['', [{ 'Fn::GetAtt': ['B', 'Arn'] }, { Ref: 'AWS::Region' }]] }],
  };
  expect(referredResources(value)).toEqual(['A', 'B']);
});
