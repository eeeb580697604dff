import { goalText, valueText } from './figure-text.ts';
import { isHeld, toleranceOf } from './held-figures.ts';
import { FORMS, type RecordedFigure, type RecordedFigures, type RecordedRun } from './recorded-figures.ts';

const END = '<!-- end -->';
const beginOf = (name: string) => `<!-- figures: ${name} -->`;

/** The names between whose markers a text has room for a table. */
export function namesOfTables(markdown: string): string[] {
  return [...markdown.matchAll(/^<!-- figures: (\S+) -->$/gm)].map(([, name = '']) => name);
}

/**
 * The text with the table of each benchmark that has figures; between the markers of one that has none stands nothing.
 * @throws Error when a benchmark with figures has no markers, or markers have no end
 */
export function withTables(markdown: string, recorded: RecordedFigures): string {
  const names = namesOfTables(markdown);
  const homeless = Object.keys(recorded).filter((name) => !names.includes(name));
  if (homeless.length > 0) throw new Error(`no ${beginOf(homeless[0] ?? '')} in BENCHMARKS.md`);
  return names.reduce((text, name) => {
    const from = text.indexOf(`${beginOf(name)}\n`) + beginOf(name).length + 1;
    const to = text.indexOf(END, from);
    if (to < 0 || text.slice(from, to).includes('<!-- figures:'))
      throw new Error(`${beginOf(name)} has no ${END}`);
    return `${text.slice(0, from)}${tableOf(recorded[name])}${text.slice(to)}`;
  }, markdown);
}

function tableOf(runs: RecordedFigures[string] | undefined): string {
  const forms = FORMS.flatMap((form) => (runs?.[form] === undefined ? [] : [{ form, run: runs[form] }]));
  if (forms.length === 0) return '';
  const names = [...new Set(forms.flatMap(({ run }) => Object.keys(run.figures)))];
  const rows = names.map((name) => {
    const figures = forms.map(({ run }) => run.figures[name]);
    const last = figures.findLast((figure) => figure !== undefined);
    return [
      name,
      ...figures.map((figure) => figure && valueText(figure.value, figure.unit)),
      last && goalText(last),
      last && heldText(last),
    ];
  });
  const heads = ['figure', ...forms.map(({ form }) => form), 'goal', 'held within'];
  const lines = [
    row(heads),
    row(heads.map((_, column) => (column === 0 ? '---' : '---:'))),
    ...rows.map((cells) => row(cells)),
  ];
  return `\n${lines.join('\n')}\n\n${forms.map(({ run }) => `${madeBy(run)}\n`).join('')}\n`;
}

const heldText = (figure: RecordedFigure) =>
  isHeld(figure) ? `${Number((toleranceOf(figure) * 100).toFixed(1))}%` : '';

const madeBy = ({ command, date, machine: { cpu, cores, node } }: RecordedRun) =>
  `- \`${command}\`: ${date}, ${cpu}, ${cores} cores, Node ${node}`;

const row = (cells: readonly (string | undefined)[]) =>
  `| ${cells.map((cell = '') => cell.replaceAll('|', '\\|')).join(' | ')} |`;
