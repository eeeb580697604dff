import { describe, expect, test } from 'vitest';
import { nameProblem, namespaceProblem } from '../../../functions/connections/connection-name.ts';

describe('a name', () => {
  test.each([
    'crm',
    'books/acme',
    '0',
    'a.b_c-d',
    'a/b/c/d/e/f',
    'x'.repeat(128),
    'crm-five5',
    'crm-seven77',
  ])('may be %j', (name) => {
    expect(nameProblem(name)).toBeUndefined();
  });

  test.each([
    ['', 'segments joined by "/"'],
    ['Crm', 'segments joined by "/"'],
    ['/crm', 'segments joined by "/"'],
    ['crm/', 'segments joined by "/"'],
    ['a//b', 'segments joined by "/"'],
    ['-crm', 'segments joined by "/"'],
    ['a/.b', 'segments joined by "/"'],
    ['crm\n', 'segments joined by "/"'],
    ['__proto__', 'segments joined by "/"'],
    ['x'.repeat(129), 'is 129 characters long; at most 128'],
    ['a/b/c/d/e/f/g', 'more than 6 segments'],
    ['crm-sixsix', 'confuse with an ARN suffix'],
    ['books/crm-abc123', 'confuse with an ARN suffix'],
  ])('may not be %j', (name, problem) => {
    expect(nameProblem(name)).toContain(problem);
  });
});

describe('a namespace', () => {
  test.each(['evertoken', 'staging-2', '0', 'x'.repeat(32), 'laws'])('may be %j', (namespace) => {
    expect(namespaceProblem(namespace)).toBeUndefined();
  });

  test.each(['', 'aws', 'AWS-x', 'ssm2', 'a/b', 'Ever', '-a', 'x'.repeat(33), 'a.b'])(
    'may not be %j',
    (namespace) => {
      expect(namespaceProblem(namespace)).toBeDefined();
    },
  );
});
