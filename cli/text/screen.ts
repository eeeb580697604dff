import type { Random } from '../../functions/refresh/ports/outside.ts';
import { inert, inertLines } from '../../functions/text/inert.ts';
import { inColour, type Paint, plainly, wantsColour } from './colour.ts';

/** Where text goes. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number | undefined;
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
    write: (text) => output.write(dry(text)),
    rewriteLine: (text = '') => void output.write(`\r${ESCAPE}[K${inert(text)}`),
    rewrite: (text) => void output.write(`${ESCAPE}[1;1H${ESCAPE}[0J${dry(text)}`),
  };
}
