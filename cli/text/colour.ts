import { styleText } from 'node:util';
import type { Health } from '../../functions/refresh/rules/health.ts';

export type Style = 'green' | 'yellow' | 'red' | 'dim' | 'bold';

/** Colours text, or leaves it as it is. */
export type Paint = (style: Style, text: string) => string;

/** Red is what waits for a person. */
export const HEALTH_STYLES: Readonly<Record<Health, Style>> = {
  healthy: 'green',
  new: 'dim',
  retrying: 'yellow',
  failing: 'red',
  paused: 'yellow',
  'awaiting-credentials': 'red',
  misconfigured: 'red',
  'needs-reauthorization': 'red',
};

/** Whether to colour what goes to `output`: only a terminal, and never against NO_COLOR (no-color.org). */
export function wantsColour(
  output: { readonly isTTY?: boolean },
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  const refused = (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb';
  return output.isTTY === true && !refused;
}

export const inColour: Paint = (style, text) => styleText(style, text, { validateStream: false });

export const plainly: Paint = (_, text) => text;
