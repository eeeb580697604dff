import { inertStart } from '../../functions/text/inert.ts';
import { type Paint, plainly, type Style } from './colour.ts';

/** One column of a table whose rows are about things of one kind. */
export interface Column<Row> {
  readonly title: string;
  readonly text: (row: Row) => string;
  /** Default: as it is. */
  readonly style?: (row: Row) => Style | undefined;
  /** Default `left`. */
  readonly align?: 'left' | 'right';
  /** Left out of a terminal that is too narrow, the highest first. Default: always there. */
  readonly dispensable?: number;
}

export interface TableOptions {
  readonly paint: Paint;
  /** Columns of the terminal. Default: as many as the table needs. */
  readonly width?: number | undefined;
}

type Measured<Row> = Column<Row> & { readonly width: number };

const GAP = '  ';
/** More than any name has, and no more than a glance takes. */
const LONGEST_CELL = 200;
/** To which the first column is cut at most. */
const LEAST_WIDTH = 4;

/**
 * A table of plain columns, no lines drawn, nothing at the ends of its rows. Where the terminal is too narrow,
 * first columns that can be spared are left out, then names, which stand in the first column, are cut.
 */
export function tableText<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  { paint, width = Number.POSITIVE_INFINITY }: TableOptions,
): string {
  const measured = columns.map((column) => {
    const text = (row: Row) => inertStart(column.text(row), LONGEST_CELL);
    return { ...column, text, width: longest([column.title, ...rows.map(text)]) };
  });
  const shown = cutToFit(withoutDispensable(measured, width), width);
  const line = (cell: (column: Column<Row>) => readonly [text: string, style: Style | undefined]) =>
    shown
      .map((column) => cellText(...cell(column), column, paint))
      .join(GAP)
      .trimEnd();
  return [
    line(({ title }) => [title, 'dim']),
    ...rows.map((row) => line(({ text, style }) => [text(row), style?.(row)])),
  ].join('\n');
}

function withoutDispensable<Row>(columns: readonly Measured<Row>[], most: number): readonly Measured<Row>[] {
  const spared = columns
    .filter(({ dispensable }) => dispensable !== undefined)
    .sort((one, other) => (other.dispensable ?? 0) - (one.dispensable ?? 0));
  let left = columns;
  for (const column of spared) {
    if (totalWidth(left) <= most) break;
    left = left.filter((other) => other !== column);
  }
  return left;
}

function cutToFit<Row>(columns: readonly Measured<Row>[], most: number): readonly Measured<Row>[] {
  const excess = totalWidth(columns) - most;
  const [first, ...others] = columns;
  if (first === undefined || excess <= 0) return columns;
  return [{ ...first, width: Math.min(first.width, Math.max(LEAST_WIDTH, first.width - excess)) }, ...others];
}

function totalWidth<Row>(columns: readonly Measured<Row>[]): number {
  return columns.reduce((sum, { width }) => sum + GAP.length + width, -GAP.length);
}

function cellText(
  text: string,
  style: Style | undefined,
  { width, align }: Pick<Measured<never>, 'width' | 'align'>,
  paint: Paint,
): string {
  const cut = text.length > width ? `${text.slice(0, width - 1)}…` : text;
  const painted = style === undefined ? cut : paint(style, cut);
  // Colour takes no room, and the space around a word has none.
  const padding = ' '.repeat(width - cut.length);
  return align === 'right' ? padding + painted : painted + padding;
}

/** A name, a value, and how it is coloured. */
export type Pair = readonly [name: string, value: string, style?: Style];

/** Names and values, one pair a line, the values below each other. */
export function pairsText(pairs: readonly Pair[], paint: Paint = plainly): string {
  const width = longest(pairs.map(([name]) => name));
  const line = ([name, value, style]: Pair) => {
    const text = inertStart(value);
    return `${name.padEnd(width)}  ${style === undefined ? text : paint(style, text)}`.trimEnd();
  };
  return pairs.map(line).join('\n');
}

/** Of many texts, too: a fleet has more rows than a function may have arguments. */
function longest(texts: readonly string[]): number {
  return texts.reduce((most, { length }) => Math.max(most, length), 0);
}

/** `1 connection`, `2 connections`. */
export function countText(count: number, noun: string): string {
  return `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`;
}
