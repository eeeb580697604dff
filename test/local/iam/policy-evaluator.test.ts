import { describe, expect, test } from 'vitest';
import { type Call, decide, mayUseKey, type Statement } from '../../../local/iam/policy-evaluator.ts';

const allow = (over: Partial<Statement> = {}): Statement => ({
  Effect: 'Allow',
  Action: 's3:GetObject',
  Resource: 'arn:aws:s3:::a/*',
  ...over,
});
const call = (over: Partial<Call> = {}): Call => ({
  action: 's3:GetObject',
  resource: 'arn:aws:s3:::a/b',
  ...over,
});

describe('statements', () => {
  test.each([
    ['nothing', [], 'not allowed'],
    ['another action', [allow({ Action: 's3:PutObject' })], 'not allowed'],
    ['another resource', [allow({ Resource: 'arn:aws:s3:::b/*' })], 'not allowed'],
    ['the same', [allow()], 'allowed'],
    ['a wildcard in the action', [allow({ Action: 's3:Get*' })], 'allowed'],
    ['one of several', [allow({ Action: ['s3:PutObject', 's3:getobject'] })], 'allowed'],
    ['one unknown character', [allow({ Resource: 'arn:aws:s3:::a/?' })], 'allowed'],
    ['two characters for one', [allow({ Resource: 'arn:aws:s3:::?/a?' })], 'not allowed'],
    ['a dot that is no wildcard', [allow({ Resource: 'arn.aws:s3:::a/b' })], 'not allowed'],
    ['a resource in another case', [allow({ Resource: 'arn:aws:s3:::A/b' })], 'not allowed'],
    ['a denial beside it', [allow(), allow({ Effect: 'Deny' })], 'denied'],
    ['a denial of something else', [allow(), allow({ Effect: 'Deny', Action: 's3:PutObject' })], 'allowed'],
  ])('%s', (_, statements, answer) => {
    expect(decide(statements, call())).toBe(answer);
  });
});

describe('conditions', () => {
  const context = {
    'kms:ViaService': 'secretsmanager.us-east-1.amazonaws.com',
    secure: 'true',
    who: 'arn:aws:iam::1:role/r',
    seconds: '300',
    audiences: ['a', 'b'],
    none: [],
  };

  test.each([
    [{ StringEquals: { 'kms:ViaService': context['kms:ViaService'] } }, 'allowed'],
    [{ StringEquals: { 'kms:ViaService': ['other', context['kms:ViaService']] } }, 'allowed'],
    [{ StringEquals: { 'kms:ViaService': 'secretsmanager.*' } }, 'not allowed'],
    [{ StringLike: { 'kms:ViaService': 'secretsmanager.*' } }, 'allowed'],
    [{ ArnLike: { 'kms:ViaService': 'secretsmanager.*' } }, 'allowed'],
    [{ ArnEquals: { who: 'arn:aws:iam::1:role/r' } }, 'allowed'],
    [{ ArnEquals: { who: ['arn:aws:iam::1:role/other', 'arn:aws:iam::1:role/r*'] } }, 'allowed'],
    [{ ArnEquals: { who: 'arn:aws:iam::1:role/r:s' } }, 'not allowed'],
    [{ ArnEquals: { who: 'arn:aws:iam::2:role/r' } }, 'not allowed'],
    // A wildcard does not reach over a colon.
    [{ ArnLike: { who: 'arn:aws:*:role/r' } }, 'not allowed'],
    [{ ArnEquals: { absent: '*' } }, 'not allowed'],
    [{ StringLike: { absent: '*' } }, 'not allowed'],
    [{ StringEquals: { 'kms:ViaService': context['kms:ViaService'], absent: 'x' } }, 'not allowed'],
    [{ Bool: { secure: 'true' } }, 'allowed'],
    [{ Bool: { secure: 'false' } }, 'not allowed'],
    [{ Bool: { absent: 'false' } }, 'not allowed'],
    [{ StringEquals: { secure: 'true' }, Bool: { secure: 'false' } }, 'not allowed'],
    [{ NumericLessThanEquals: { seconds: '300' } }, 'allowed'],
    [{ NumericLessThanEquals: { seconds: '299' } }, 'not allowed'],
    // As numbers, not as text.
    [{ NumericLessThanEquals: { seconds: '1000' } }, 'allowed'],
    [{ NumericLessThanEquals: { who: '1000' } }, 'not allowed'],
    [{ NumericLessThanEquals: { absent: '1000' } }, 'not allowed'],
    [{ 'ForAllValues:StringEquals': { audiences: ['a', 'b', 'c'] } }, 'allowed'],
    [{ 'ForAllValues:StringEquals': { audiences: ['a'] } }, 'not allowed'],
    [{ 'ForAllValues:StringEquals': { secure: 'true' } }, 'allowed'],
    [{ 'ForAllValues:StringLike': { audiences: ['a*', 'b', '?'] } }, 'allowed'],
    [{ 'ForAllValues:StringLike': { audiences: ['a*'] } }, 'not allowed'],
    [{ 'ForAllValues:StringLike': { none: 'a' } }, 'allowed'],
    // Of none, all values are among any: which is why a policy asks that there be one.
    [{ 'ForAllValues:StringEquals': { none: 'a' } }, 'allowed'],
    [{ 'ForAllValues:StringEquals': { absent: 'a' } }, 'allowed'],
    [{ Null: { none: 'false' } }, 'not allowed'],
    [{ Null: { absent: 'false' } }, 'not allowed'],
    [{ Null: { absent: 'true' } }, 'allowed'],
    [{ Null: { audiences: 'false' } }, 'allowed'],
  ])('%j', (Condition, answer) => {
    expect(decide([allow({ Condition })], call({ context }))).toBe(answer);
  });
});

describe('what it does not know, it says', () => {
  test.each([
    ['a condition', { Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } } }],
    ['a key of many values as if it had one', { Condition: { StringEquals: { audiences: 'a' } } }],
    ['a variable', { Resource: `arn:aws:s3:::$\{aws:username}/*` }],
    ['all but some', { NotAction: 's3:*' }],
    ['a reference', { Resource: [{ Ref: 'Bucket' }] }],
  ])('%s', (_, over) => {
    const context = { audiences: ['a'] };
    expect(() => decide([{ ...allow(), ...over } as Statement], call({ context }))).toThrow('cannot judge');
  });
});

describe('keys', () => {
  const decrypt = { action: 'kms:Decrypt', resource: 'arn:aws:kms:us-east-1:1:key/k' };
  const granted = allow({ Action: 'kms:Decrypt', Resource: decrypt.resource });
  const caller = (...statements: Statement[]) => ({
    arn: 'arn:aws:iam::1:role/r',
    accountId: '1',
    statements,
  });
  const policy = (AWS: string) => [allow({ Principal: { AWS }, Action: 'kms:Decrypt', Resource: '*' })];

  test.each([
    ['IAM alone', caller(granted), [], false],
    ['the account alone', caller(), policy('arn:aws:iam::1:root'), false],
    ['the account and IAM', caller(granted), policy('arn:aws:iam::1:root'), true],
    ['another account and IAM', caller(granted), policy('arn:aws:iam::2:root'), false],
    ['the caller by name', caller(), policy('arn:aws:iam::1:role/r'), true],
    ['everybody', caller(), policy('*'), true],
  ])('%s', (_, who, keyPolicy, allowed) => {
    expect(mayUseKey(who, keyPolicy, decrypt)).toBe(allowed);
  });

  const forbidden = allow({ Effect: 'Deny', Action: 'kms:Decrypt', Resource: '*' });
  const root = 'arn:aws:iam::1:root';
  test.each([
    ['of the caller, in IAM', caller(granted, forbidden), policy('arn:aws:iam::1:role/r')],
    ['of everybody, in the key', caller(granted), [...policy(root), { ...forbidden, Principal: '*' }]],
    [
      'of the account, in the key',
      caller(granted),
      [...policy('arn:aws:iam::1:role/r'), { ...forbidden, Principal: { AWS: root } }],
    ],
  ])('a denial %s wins over who is named', (_, who, keyPolicy) => {
    expect(mayUseKey(who, keyPolicy, decrypt)).toBe(false);
  });

  test.each([
    ['arn:aws:iam::1:role/r', true],
    ['arn:aws:iam::1:role/team/r', false],
    ['arn:aws:iam::1:user/r', false],
  ])('a policy that leaves it to IAM for one principal knows %s', (arn, allowed) => {
    const named = policy(root).map((statement) => ({
      ...statement,
      Condition: { ArnEquals: { 'aws:PrincipalArn': 'arn:aws:iam::1:role/r' } },
    }));
    expect(mayUseKey({ ...caller(granted), arn }, named, decrypt)).toBe(allowed);
  });
});
