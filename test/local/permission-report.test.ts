import { expect, it } from 'vitest';
import { renderPermissions } from '../../local/permission-report.ts';

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
