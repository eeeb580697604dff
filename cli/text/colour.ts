import { styleText } from 'node:util';
import type { Output } from '../io.ts';

export type Style = 'green' | 'yellow' | 'red' | 'dim' | 'bold';

/** Colours text, or leaves it as it is. */
export type Paint = (style: Style, text: string) => string;

/** Whether to colour what goes to `output`: only a terminal, and never against NO_COLOR (no-color.org). */
export function wantsColour(
  output: { readonly isTTY?: boolean },
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  const refused = (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb';
  return output.isTTY === true && !refused;
}

export function paintFor(output: Output, env: Readonly<Record<string, string | undefined>>): Paint {
  if (!wantsColour(output, env)) return (_, text) => text;
  return (style, text) => styleText(style, text, { validateStream: false });
}
