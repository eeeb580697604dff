import { stripVTControlCharacters } from 'node:util';
import type { Random } from '../../functions/refresh/ports/outside.ts';
import { inert, inertLines } from '../../functions/text/inert.ts';
import { inColour, type Paint, plainly, wantsColour } from './colour.ts';

/** Where text goes. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
  on?(event: 'resize', listener: () => void): unknown;
  off?(event: 'resize', listener: () => void): unknown;
}

/**
 * Where a command writes. Text is shown and never obeyed, whoever it is from: of all that is invisible only line
 * feeds and the colours of `paint` reach the terminal, the rest as JSON would write it.
 */
export interface Screen extends Output {
  readonly paint: Paint;
  /** Writes in place of the line on which the cursor is; without a text the line is left empty. */
  rewriteLine(text?: string): void;
  /** Writes in place of everything. */
  rewrite(text: string): void;
  /** Lines of the terminal that a text takes, those included on which a line too long goes on. */
  height(text: string): number;
  /** Calls when the terminal has another size, until it is told to stop. */
  onResize(listener: () => void): () => void;
  /** For prompts alone, which draw by themselves and must be given what is inert already. */
  readonly terminal: Output;
}

/** Colours that stay when text is made inert. */
export interface Ink {
  readonly paint: Paint;
  /** Makes a text inert but for its line feeds and what this ink painted. */
  dry(text: string): string;
}

const ESCAPE = '\u001b';

/**
 * Colours by marks that hold a key, so that the escape sequences of this ink and those of a text from elsewhere can
 * be told apart.
 * @param key what nobody who wrote a text can know
 */
export function createInk(colour: boolean, key: string): Ink {
  const mark = `${ESCAPE}${key}`;
  return {
    paint: colour ? (style, text) => inColour(style, inert(text)).replaceAll(ESCAPE, mark) : plainly,
    dry: (text) => text.split(mark).map(inertLines).join(ESCAPE),
  };
}

/** An output of a process as a command may use it. */
export function screenOn(
  output: Output,
  { env, random }: { env: Readonly<Record<string, string | undefined>>; random: Random },
): Screen {
  const { paint, dry } = createInk(wantsColour(output, env), random.uuid());
  return {
    terminal: output,
    paint,
    isTTY: output.isTTY === true,
    get columns() {
      return output.columns;
    },
    get rows() {
      return output.rows;
    },
    height: (text) => heightOf(stripVTControlCharacters(dry(text)), output.columns),
    onResize: (listener) => {
      output.on?.('resize', listener);
      return () => void output.off?.('resize', listener);
    },
    write: (text) => output.write(dry(text)),
    rewriteLine: (text = '') => void output.write(`\r${ESCAPE}[K${inert(text)}`),
    rewrite: (text) => void output.write(`${ESCAPE}[1;1H${ESCAPE}[0J${dry(text)}`),
  };
}

/** What a terminal shows two columns wide: East Asian scripts, and pictures. */
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f000}-\u{1faff}\u{20000}-\u{3fffd}]/u;

/** Some pseudo-terminals say that they have 0 columns. */
function heightOf(text: string, columns = 0): number {
  const most = columns > 0 ? columns : Number.POSITIVE_INFINITY;
  return text.split('\n').reduce((sum, line) => sum + linesOf(line, most), 0);
}

function linesOf(line: string, most: number): number {
  if (line.length * 2 <= most) return 1;
  let lines = 1;
  let column = 0;
  for (const character of line) {
    const width = WIDE.test(character) ? 2 : 1;
    if (column + width > most) {
      lines += 1;
      column = 0;
    }
    column += width;
  }
  return lines;
}
