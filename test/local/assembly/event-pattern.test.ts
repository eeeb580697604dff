import { expect, it } from 'vitest';
import { matchesPattern } from '../../../local/assembly/event-pattern.ts';

const event = {
  source: 'aws.ssm',
  'detail-type': 'Parameter Store Change',
  detail: { name: '/evertoken/connections/crm', operation: 'Create', count: 1 },
};

it.each<[object, boolean]>([
  [{}, true],
  [{ source: ['aws.ssm'] }, true],
  [{ source: ['other', 'aws.ssm'] }, true],
  [{ source: ['other'] }, false],
  [{ source: [] }, false],
  [{ account: ['1'] }, false],
  [{ source: ['aws.ssm'], detail: { operation: ['Update'] } }, false],
  [{ detail: { name: [{ prefix: '/evertoken/connections/' }], operation: ['Create', 'Update'] } }, true],
  [{ detail: { name: [{ prefix: '/other/' }] } }, false],
  [{ detail: { count: [{ prefix: '1' }] } }, false],
  [{ detail: { name: { nested: ['x'] } } }, false],
])('%j: %s', (pattern, expected) => {
  expect(matchesPattern(pattern as Record<string, unknown>, event)).toBe(expected);
});

it.each([
  { source: ['other'], detail: { name: [{ suffix: 'x' }] } },
  { detail: { count: [1] } },
  { detail: { name: [{ 'anything-but': 'x' }] } },
  { detail: { name: [null] } },
  { source: 'aws.ssm' },
])('%j is an error, whether or not the rest matches', (pattern) => {
  expect(() => matchesPattern(pattern, event)).toThrow(/event pattern/);
});
