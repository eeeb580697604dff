import type { Screen } from './screen.ts';

const BAR_WIDTH = 30;
const FALLBACK_COLUMNS = 80;

/** How far a long piece of work has come. */
export interface Progress {
  /** `done` of the total; `note` says what about it deserves a word. */
  step(done: number, note?: string): void;
  /** Leaves the terminal as it was. */
  finish(): void;
}

/**
 * Shows progress: a bar that is redrawn on a terminal, else a line for every tenth of the work.
 */
export function showProgress(output: Screen, what: string, total: number): Progress {
  if (output.isTTY === true) {
    return {
      step: (done, note) => output.rewriteLine(barText({ what, done, total, note }, output.columns)),
      finish: () => output.rewriteLine(),
    };
  }
  let tenths = 0;
  return {
    step: (done, note) => {
      const reached = Math.floor((done / total) * 10);
      if (reached <= tenths) return;
      tenths = reached;
      output.write(`${what} ${done}/${total}${note === undefined ? '' : `  ${note}`}\n`);
    },
    finish: () => undefined,
  };
}

/** One line, no wider than the terminal. */
export function barText(
  progress: {
    readonly what: string;
    readonly done: number;
    readonly total: number;
    readonly note?: string | undefined;
  },
  columns = FALLBACK_COLUMNS,
): string {
  const { what, done, total, note } = progress;
  const filled = total === 0 ? BAR_WIDTH : Math.floor((done / total) * BAR_WIDTH);
  const bar = `${'█'.repeat(filled)}${'░'.repeat(BAR_WIDTH - filled)}`;
  const line = `${what} ${bar} ${done}/${total}${note === undefined ? '' : `  ${note}`}`;
  return line.length < columns ? line : `${line.slice(0, Math.max(0, columns - 2))}…`;
}
