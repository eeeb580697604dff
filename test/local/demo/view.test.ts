import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { inColour, plainly } from '../../../cli/text/colour.ts';
import { type Row, renderLine, renderTable, renderTroubles, wrapWords } from '../../../local/demo/view.ts';
import { readRepositoryFile } from '../../support/source-files.ts';

process.env['TZ'] = 'UTC';
const now = Date.UTC(2030, 0, 1, 12, 0, 5);
const rows: Row[] = [
  {
    connection: 'kajabi-demo',
    grants: ['refresh_token', 'client_credentials'],
    health: 'healthy',
    expiresAt: now + 40_999,
    nextRefreshAt: now + 17_000,
    refreshes: 3,
    reads: 120,
    rejected: 0,
  },
  {
    connection: 'slashid-demo',
    grants: ['client_credentials'],
    health: 'needs-reauthorization',
    expiresAt: now,
    nextRefreshAt: now - 1,
    refreshes: 0,
    reads: 9,
    rejected: 2,
  },
  { connection: 'new', grants: ['refresh_token'], health: 'paused', refreshes: 0, reads: 0, rejected: 0 },
];
const table = (width: number, paint = plainly) => renderTable(rows, now, { paint, width });

describe('the table', () => {
  it('shows how every connection stands', () => {
    expect(table(120)).toBe(
      [
        'connection    grant               health                 expires in  next refresh  refreshes  reads  rejected',
        'kajabi-demo   refresh_token +1    healthy                      40 s       in 17 s          3    120         0',
        'slashid-demo  client_credentials  needs-reauthorization     expired           due          0      9         2',
        'new           refresh_token       paused                          -             -          0      0         0',
      ].join('\n'),
    );
  });

  it('leaves out what can be spared in a narrow terminal', () => {
    expect(table(80)).toBe(
      [
        'connection    health                 expires in  next refresh  rejected',
        'kajabi-demo   healthy                      40 s       in 17 s         0',
        'slashid-demo  needs-reauthorization     expired           due         2',
        'new           paused                          -             -         0',
      ].join('\n'),
    );
  });

  it('has everything but the grant in 80 columns while all is well', () => {
    const text = renderTable(rows.slice(0, 1), now, { paint: plainly, width: 80 });
    expect(text.split('\n')[0]).toBe(
      'connection   health   expires in  next refresh  refreshes  reads  rejected',
    );
  });

  it.each([120, 100, 80, 60, 50, 40])('keeps within %d columns', (width) => {
    for (const line of table(width).split('\n')) expect(line.length).toBeLessThanOrEqual(width);
  });

  it('cuts names rather than figures', () => {
    expect(table(40).split('\n')[2]).toBe('sl…mo  needs-reauthorization     expired');
  });

  it('is coloured without a change of layout', () => {
    expect(table(120, inColour)).toContain('\u001b[');
    expect(stripVTControlCharacters(table(120, inColour)).replaceAll(/ +$/gm, '')).toBe(table(120));
    expect(table(120)).not.toContain('\u001b[');
  });

  it('is a heading when there are no connections', () => {
    expect(renderTable([], now, { paint: plainly, width: 120 }).split('\n')).toHaveLength(1);
  });
});

describe('what is the matter', () => {
  const trouble = {
    connection: 'slashid-demo',
    code: 'invalid_client',
    message: 'The token endpoint answered HTTP 401, invalid_client.',
    remedy:
      'Store the credentials again (evertoken credentials set slashid-demo); the next tick picks them up.',
    since: now - 65_000,
    needed: true,
  };
  const failing = rows.map((row) =>
    row.connection === 'slashid-demo' ? { ...row, troubles: [trouble] } : row,
  );

  it('stands below the table with its remedy, in lines no wider than the terminal', () => {
    expect(renderTroubles(failing, now, 40)).toEqual([
      [
        'slashid-demo: invalid_client, for 65 s',
        '  The token endpoint answered HTTP 401,',
        '  invalid_client.',
        '  To do: Store the credentials again',
        '  (evertoken credentials set',
        '  slashid-demo); the next tick picks',
        '  them up.',
      ].join('\n'),
    ]);
    expect(renderTroubles(rows, now, 80)).toEqual([]);
  });

  it('stands in the line of the connection, where lines are printed', () => {
    expect(renderLine(failing[1] as Row, now)).toBe(
      `12:00:05 slashid-demo: needs-reauthorization, expired, refresh due, refreshes 0, reads 9, rejected 2, invalid_client; to do: ${trouble.remedy}`,
    );
  });

  it.each([
    ['a word-that-is-longer-than-all and one', 'a\nword-that-is-longer-than-all\nand one'],
    ['  so it goes on', '  so it\n  goes on'],
    ['', ''],
  ])('%j is broken between words', (text, broken) => {
    expect(wrapWords(text, 9)).toBe(broken);
  });
});

describe('a line', () => {
  it.each([
    [
      0,
      '12:00:05 kajabi-demo: healthy, expires in 40 s, refresh in 17 s, refreshes 3, reads 120, rejected 0',
    ],
    [
      1,
      '12:00:05 slashid-demo: needs-reauthorization, expired, refresh due, refreshes 0, reads 9, rejected 2',
    ],
    [2, '12:00:05 new: paused, no token yet, no refresh, refreshes 0, reads 0, rejected 0'],
  ])('says how connection %d stands', (index, line) => {
    expect(renderLine(rows[index] as Row, now)).toBe(line);
  });
});

it.each([
  [119_999, '119 s'],
  [120_000, '2 min'],
  [7_199_999, '119 min'],
  [7_200_000, '2 h'],
])('%d ms are %s', (ms, text) => {
  expect(renderLine({ ...(rows[0] as Row), expiresAt: now + ms }, now)).toContain(`expires in ${text},`);
});

it('the README shows the view as it is', () => {
  const row = (connection: string, grants: readonly string[], left: number, next: number): Row => ({
    connection,
    grants,
    health: 'healthy',
    expiresAt: now + left * 1000,
    nextRefreshAt: now + next * 1000,
    refreshes: 4,
    reads: 49,
    rejected: 0,
  });
  const rows = [
    row('kajabi-demo', ['refresh_token', 'client_credentials'], 40, 18),
    row('slashid-demo', ['client_credentials'], 40, 15),
    row('rotating-demo', ['refresh_token'], 38, 15),
  ];
  const table = renderTable(rows, now, { paint: plainly, width: 110 });
  expect(readRepositoryFile('README.md')).toContain(`\n\`\`\`\n${table}\n\`\`\`\n`);
});
