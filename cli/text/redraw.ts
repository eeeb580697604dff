import type { Clock } from '../../functions/refresh/ports/outside.ts';
import { fittedList, fittedText, type ListParts, type Room, wholeList } from './fit-screen.ts';
import type { Screen } from './screen.ts';

/** What is drawn: a list that gives way in parts, or a text that is cut at the end. */
export type Drawn = ListParts | string;

/** All of it. */
export function wholeText(drawn: Drawn): string {
  return typeof drawn === 'string' ? drawn : wholeList(drawn);
}

export interface RedrawOptions {
  readonly everyMs: number;
  readonly clock: Clock;
  /** Ends it. */
  readonly signal: AbortSignal;
}

/**
 * Draws on a terminal again and again, no more than it shows at once, and at once when its size changes: `look` says
 * how to draw what there is to see now, for the width that there is then. Answers with what it saw last.
 */
export async function redraw<Seen extends { draw(): Drawn }>(
  screen: Screen,
  look: () => Promise<Seen>,
  { everyMs, clock, signal }: RedrawOptions,
): Promise<Seen> {
  for (;;) {
    const seen = await look();
    const show = () => screen.rewrite(`${fitted(seen.draw(), screen)}\n`);
    show();
    const stop = screen.onResize(show);
    await clock.sleep(everyMs, signal).finally(stop);
    if (signal.aborted) return seen;
  }
}

/** The line of the cursor, below all that is drawn, is one of the terminal's. */
function fitted(drawn: Drawn, { rows = 0, height }: Screen): string {
  if (rows === 0) return wholeText(drawn);
  const room: Room = { rows: Math.max(1, rows - 1), height };
  return typeof drawn === 'string' ? fittedText(drawn, room) : fittedList(drawn, room);
}
