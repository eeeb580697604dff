import { describe, expect, it } from 'vitest';
import {
  type ConnectionSummary,
  exitCodeOf,
  renderPermissions,
  renderSummary,
} from '../../../local/demo/summary.ts';

const summary = (change: Partial<ConnectionSummary> = {}): ConnectionSummary => ({
  connection: 'demo',
  health: 'healthy',
  refreshes: 2,
  reads: 30,
  rejected: 0,
  expired: 0,
  missing: 1,
  failed: 0,
  ...change,
});

it.each([
  [{}, 0],
  [{ failed: 3, missing: 5 }, 0],
  [{ rejected: 1 }, 1],
  [{ expired: 1 }, 1],
])('the exit code after %j is %d', (change, code) => {
  expect(exitCodeOf([summary(), summary(change)])).toBe(code);
});

it('the exit code is 1 when not one token was ever read', () => {
  expect(exitCodeOf([summary({ reads: 0 }), summary({ reads: 0 })])).toBe(1);
  expect(exitCodeOf([])).toBe(1);
});

describe('in words', () => {
  it('says that every read found a token that works', () => {
    expect(renderSummary([summary(), summary({ connection: 'longer', reads: 0 })], 30_400)).toBe(
      [
        'demo    healthy: refreshes 2, reads 30, rejected 0, expired 0',
        'longer  healthy: refreshes 2, reads 0, rejected 0, expired 0',
        '30 reads in 30 s: every one found a token that works.',
      ].join('\n'),
    );
  });

  it('says what did not work', () => {
    const text = renderSummary([summary({ rejected: 2, expired: 1, failed: 4 })], 30_000);
    expect(text).toContain('rejected 2, expired 1, failed 4');
    expect(text).toContain('30 reads in 30 s: 2 were rejected, 1 found an expired token.');
  });

  it('claims nothing when nothing was read', () => {
    expect(renderSummary([summary({ reads: 0 })], 1000)).toMatch(/No token was read\.$/);
    expect(renderSummary([], 1000)).toBe('No token was read.');
  });
});

describe('the permissions of a run', () => {
  it('names the statements that nothing needed, a line for each role', () => {
    const unused = [
      { role: 'a', statement: 'One' },
      { role: 'b', statement: 'Two' },
      { role: 'a', statement: 'logs:PutLogEvents' },
    ];
    expect(renderPermissions({ allowed: 12, refused: 1, unused })).toBe(
      '12 permissions were needed and granted, 1 refused. Not used in this run:\n' +
        '  a: One; logs:PutLogEvents\n' +
        '  b: Two',
    );
  });

  it('says when all were', () => {
    expect(renderPermissions({ allowed: 2, refused: 0, unused: [] })).toBe(
      '2 permissions were needed and granted, 0 refused. Every statement of every role was used.',
    );
  });
});
