import { describe, expect, it } from 'vitest';
import { paintFor } from '../../../cli/text/colour.ts';
import { durationText, untilText } from '../../../cli/text/duration.ts';
import { inlineJson } from '../../../cli/text/inline-json.ts';
import { barText, showProgress } from '../../../cli/text/progress.ts';
import { countText, pairsText, tableText } from '../../../cli/text/table.ts';

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
});

describe('a table', () => {
  it('has columns as wide as their widest cell, and nothing at the ends of lines', () => {
    expect(
      tableText(
        ['a', 'b'],
        [
          ['one', ''],
          ['x', 'two'],
        ],
      ),
    ).toBe('a    b\none\nx    two');
  });

  it('is not put out of line by colour', () => {
    const rows = [
      ['\u001b[32mok\u001b[39m', '1'],
      ['bad', '2'],
    ];
    expect(tableText(['s', 'n'], rows)).toBe('s    n\n\u001b[32mok\u001b[39m   1\nbad  2');
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
    const progress = showProgress({ write: (text) => written.push(text) }, 'importing', 1_000);
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
    const paint = paintFor({ write: () => undefined, ...output }, env);
    expect(paint('red', 'x')).toBe(coloured ? '\u001b[31mx\u001b[39m' : 'x');
  });
});

it('JSON on one line is spaced as people write it', () => {
  expect(inlineJson({ a: [1, 'b'], c: { d: null } })).toBe('{"a": [1, "b"], "c": {"d": null}}');
});
