import type { Figure } from '../benchmark.ts';
import { goalText, valueText } from './figure-text.ts';
import { isHeld } from './held-figures.ts';
import type { RecordedRun } from './recorded-figures.ts';

/** The figures of a run in columns, what is committed beside each. A `*` says that the figure is held to it. */
export function terminalTable(figures: readonly Figure[], committed: RecordedRun | undefined): string {
  const rows = figures.map((figure) => {
    const before = committed?.figures[figure.name];
    return [
      `${isHeld(figure) ? '*' : ' '} ${figure.name}`,
      valueText(figure.value, figure.unit),
      goalText(figure),
      before === undefined ? '–' : valueText(before.value, before.unit),
    ];
  });
  const all = [['  figure', 'value', 'goal', 'committed'], ...rows];
  const widths = all[0]?.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0))) ?? [];
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd();
  return all.map(line).join('\n');
}
