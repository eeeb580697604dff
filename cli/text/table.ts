import { inertStart } from '../../functions/text/inert.ts';
import { thousands } from '../../functions/text/thousands.ts';
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
  /** To how many characters it may be cut where nothing is left to spare. Default: 4 in the first column, else never. */
  readonly least?: number;
}

export interface TableOptions {
  readonly paint: Paint;
  /** Columns of the terminal. Default: as many as the table needs. */
  readonly width?: number | undefined;
}

type Measured<Row> = Column<Row> & { width: number };

const GAP = '  ';
/** More than any name has, and no more than a glance takes. */
const LONGEST_CELL = 200;
/** To which the first column is cut at most, unless it says another width. */
const LEAST_WIDTH = 4;

/**
 * A table of plain columns, no lines drawn, nothing at the ends of its rows. Where the terminal is too narrow,
 * first columns that can be spared are left out, then names, which stand in the first column, and what else may be, are
 * cut, the widest first.
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
  const [names] = shown;
  const line = (cell: (column: Column<Row>) => readonly [text: string, style: Style | undefined]) =>
    shown
      .map((column) => cellText(...cell(column), column, paint, column === names ? nameCut : cut))
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
  const narrowed = columns.map((column, index) => ({
    ...column,
    least: column.least ?? (index === 0 ? LEAST_WIDTH : column.width),
  }));
  for (let excess = totalWidth(narrowed) - most; excess > 0; excess -= 1) {
    const [widest] = narrowed
      .filter(({ width, least }) => width > least)
      .sort((one, other) => other.width - one.width);
    if (widest === undefined) break;
    widest.width -= 1;
  }
  return narrowed;
}

function totalWidth<Row>(columns: readonly Measured<Row>[]): number {
  return columns.reduce((sum, { width }) => sum + GAP.length + width, -GAP.length);
}

function cellText(
  text: string,
  style: Style | undefined,
  { width, align }: Pick<Measured<never>, 'width' | 'align'>,
  paint: Paint,
  cutTo: (text: string, width: number) => string,
): string {
  const shown = text.length > width ? cutTo(text, width) : text;
  const painted = style === undefined ? shown : paint(style, shown);
  // Colour takes no room, and the space around a word has none.
  const padding = ' '.repeat(width - shown.length);
  return align === 'right' ? padding + painted : painted + padding;
}

function cut(text: string, width: number): string {
  return `${text.slice(0, width - 1)}…`;
}

/** Names of a fleet begin alike, and differ at the end. */
function nameCut(text: string, width: number): string {
  const end = Math.floor((width - 1) / 2);
  return `${text.slice(0, width - 1 - end)}…${text.slice(text.length - end)}`;
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
  return `${thousands(count)} ${noun}${count === 1 ? '' : 's'}`;
}
