import { describe, expect, it } from 'vitest';
import { inColour, plainly } from '../../../cli/text/colour.ts';
import { untilText } from '../../../cli/text/duration.ts';
import { inlineJson } from '../../../cli/text/inline-json.ts';
import { barText, showProgress } from '../../../cli/text/progress.ts';
import { screenOn } from '../../../cli/text/screen.ts';
import { type Column, countText, pairsText, tableText } from '../../../cli/text/table.ts';
import { systemRandom } from '../../../functions/handlers/system-clock.ts';
import { durationText } from '../../../functions/text/times.ts';

describe('a length of time', () => {
  it.each([
    [0, '0 s'],
    [999, '0 s'],
    [119_999, '119 s'],
    [120_000, '2 min'],
    [7_199_999, '119 min'],
    [7_200_000, '2 h'],
    [172_799_999, '47 h'],
    [172_800_000, '2 days'],
  ])('of %i ms is "%s": rounded down', (ms, text) => {
    expect(durationText(ms)).toBe(text);
  });

  it('until an instant has passed at the instant itself', () => {
    expect(untilText(1_000, 999, 'expired')).toBe('0 s');
    expect(untilText(1_000, 1_000, 'expired')).toBe('expired');
    expect(untilText(undefined, 0, 'expired')).toBe('-');
  });

  it('until an instant may have words in front, but not once it has passed', () => {
    expect(untilText(1_000, 0, 'due', 'in ')).toBe('in 1 s');
    expect(untilText(1_000, 1_000, 'due', 'in ')).toBe('due');
    expect(untilText(undefined, 0, 'due', 'in ')).toBe('-');
  });
});

describe('a table', () => {
  type Cells = readonly [string, string];
  const first: Column<Cells> = { title: 'a', text: ([cell]) => cell };
  const second: Column<Cells> = { title: 'b', text: ([, cell]) => cell };

  it('has columns as wide as their widest cell, and nothing at the ends of lines', () => {
    const rows: Cells[] = [
      ['one', ''],
      ['x', 'two'],
    ];
    expect(tableText([first, second], rows, { paint: plainly })).toBe('a    b\none\nx    two');
  });

  it('is not put out of line by colour', () => {
    const rows: Cells[] = [
      ['ok', '1'],
      ['bad', '2'],
    ];
    const coloured: Column<Cells> = {
      ...first,
      title: 's',
      style: ([cell]) => (cell === 'ok' ? 'green' : undefined),
    };
    expect(tableText([coloured, { ...second, title: 'n' }], rows, { paint: inColour })).toBe(
      '\u001b[2ms\u001b[22m    \u001b[2mn\u001b[22m\n\u001b[32mok\u001b[39m   1\nbad  2',
    );
  });

  it('aligns figures on the right', () => {
    const rows: Cells[] = [
      ['one', '7'],
      ['x', '1,000'],
    ];
    const figures: Column<Cells> = { ...second, align: 'right', style: () => 'red' };
    expect(tableText([first, figures], rows, { paint: plainly })).toBe('a        b\none      7\nx    1,000');
    expect(tableText([first, figures], rows, { paint: inColour })).toContain(
      'one      \u001b[31m7\u001b[39m',
    );
  });

  describe('in a narrow terminal', () => {
    const rows = ['first-connection', 'second'];
    const columns: Column<string>[] = [
      { title: 'name', text: (row) => row },
      { title: 'length', text: (row) => String(row.length), dispensable: 0 },
      { title: 'initial', text: (row) => row.charAt(0), dispensable: 1 },
      { title: 'last', text: (row) => row.charAt(row.length - 1) },
    ];
    const heading = (width?: number) => tableText(columns, rows, { paint: plainly, width }).split('\n')[0];

    it.each([
      [undefined, 'name              length  initial  last'],
      [39, 'name              length  initial  last'],
      [38, 'name              length  last'],
      [30, 'name              length  last'],
      [29, 'name              last'],
      [22, 'name              last'],
    ])('of %s columns leaves out what can be spared', (width, text) => {
      expect(heading(width)).toBe(text);
    });

    it.each([
      [21, 'first-c…nection  n'],
      [11, 'fi…on  n'],
      [10, 'fi…n  n'],
      [1, 'fi…n  n'],
    ])('of %i columns cuts names then in their midst, down to 4 columns', (width, text) => {
      expect(tableText(columns, rows, { paint: plainly, width }).split('\n')[1]).toBe(text);
    });
  });

  it('holds as many rows as a fleet has', () => {
    const rows = Array.from({ length: 200_000 }, (): Cells => ['x', 'y']);
    expect(tableText([first, second], rows, { paint: plainly })).toHaveLength(200_001 * 5 - 1);
  });

  it('of pairs stands in line', () => {
    expect(
      pairsText([
        ['a', '1'],
        ['long', ''],
        ['b', '2'],
      ]),
    ).toBe('a     1\nlong\nb     2');
  });

  it.each([
    [0, '0 connections'],
    [1, '1 connection'],
    [1_000, '1,000 connections'],
  ])('counts %i', (count, text) => {
    expect(countText(count, 'connection')).toBe(text);
  });
});

describe('progress', () => {
  it('is a bar, no wider than the terminal', () => {
    expect(barText({ what: 'importing', done: 1, total: 2 })).toBe(
      'importing ███████████████░░░░░░░░░░░░░░░ 1/2',
    );
    expect(barText({ what: 'x', done: 0, total: 0 })).toContain('█'.repeat(30));
    expect(barText({ what: 'importing', done: 1, total: 2 }, 20)).toHaveLength(19);
  });

  it('is a line for each tenth where there is no terminal', () => {
    const written: string[] = [];
    const output = { write: (text: string) => written.push(text) };
    const progress = showProgress(screenOn(output, { env: {}, random: systemRandom }), 'importing', 1_000);
    for (let done = 1; done <= 1_000; done += 1) progress.step(done);
    progress.finish();
    expect(written).toHaveLength(10);
    expect(written[0]).toBe('importing 100/1000\n');
    expect(written[9]).toBe('importing 1000/1000\n');
  });
});

describe('colour', () => {
  it.each([
    ['a terminal', { isTTY: true }, {}, true],
    ['a terminal with an empty NO_COLOR', { isTTY: true }, { NO_COLOR: '' }, true],
    ['a terminal with NO_COLOR', { isTTY: true }, { NO_COLOR: '1' }, false],
    ['a terminal with both wishes', { isTTY: true }, { NO_COLOR: '1', FORCE_COLOR: '1' }, false],
    ['no terminal', { isTTY: false }, {}, false],
    ['a dumb terminal', { isTTY: true }, { TERM: 'dumb' }, false],
    ['a file', {}, {}, false],
  ])('for %s: %o', (_, output, env, coloured) => {
    let written = '';
    const screen = screenOn({ write: (text) => (written += text), ...output }, { env, random: systemRandom });
    screen.write(screen.paint('red', 'x'));
    expect(written).toBe(coloured ? '\u001b[31mx\u001b[39m' : 'x');
  });
});

it('JSON on one line is spaced as people write it', () => {
  expect(inlineJson({ a: [1, 'b'], c: { d: null } })).toBe('{"a": [1, "b"], "c": {"d": null}}');
});
