import { expect, it } from 'vitest';
import { firstInvisible } from '../../../functions/text/inert.ts';
import { liveReporter } from '../../../local/demo/live-reporter.ts';
import { jsonReporter, lineReporter } from '../../../local/demo/plain-reporters.ts';
import { HOSTILE_TEXTS } from '../../support/hostile-texts.ts';

const ESCAPE = '\u001b';

/** A run as lines, and as it is drawn on a terminal. */
function localRun(text: string): { readonly plain: string; readonly drawn: string } {
  let plain = '';
  let drawn = '';
  const output = { write: (written: string) => (plain += written) };
  const terminal = { write: (written: string) => (drawn += written), columns: 120, rows: 40, isTTY: true };
  const row = { connection: text, grants: [text], reads: 0, rejected: 0, refreshes: 0 };
  const reporters = [
    jsonReporter(output),
    lineReporter(output, 1_000),
    liveReporter(terminal as unknown as NodeJS.WriteStream, { colour: true }),
  ];
  for (const reporter of reporters) {
    reporter.event({ type: 'refresh-failed', connection: text, code: text, detail: text }, 0);
    reporter.show([{ ...row, health: 'paused' }], 0);
    reporter.ended([], 0);
  }
  return { plain, drawn };
}

const sequences = (text: string) =>
  text
    .split(ESCAPE)
    .slice(1)
    .map((after) => after.slice(0, after.search(/[A-Za-z]/) + 1));

/** The live view moves the cursor and has colours by itself: the same as for any other text. */
const harmless = localRun('plain');
const own = new Set([harmless, localRun('x'.repeat(300))].flatMap((run) => sequences(run.drawn)));

it.each(HOSTILE_TEXTS)('$what: told by a local run, is printed and does nothing', ({ text }) => {
  const { plain, drawn } = localRun(text);
  expect(firstInvisible(plain, ['\n'])).toBeUndefined();
  expect(plain.split('\n')).toHaveLength(harmless.plain.split('\n').length);
  expect(firstInvisible(drawn, ['\n', ESCAPE])).toBeUndefined();
  expect(sequences(drawn).filter((sequence) => !own.has(sequence))).toEqual([]);
  if (text.includes(ESCAPE)) expect(drawn).not.toContain(text.slice(0, 20));
});
