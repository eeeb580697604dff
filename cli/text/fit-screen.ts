import { countText } from './table.ts';

/** A list in parts, of which some give way where there is no room for all. */
export interface ListParts {
  /** Lines, the heading first; none where there is nothing to list. */
  readonly table: readonly string[];
  /** Below it, the most important first. */
  readonly blocks: readonly string[];
  /** At the end, always. */
  readonly last: readonly string[];
  /** Where the blocks are that there is no room for, e.g. `without --watch all are shown`. */
  readonly elsewhere?: string;
}

/** The room that there is. */
export interface Room {
  /** Lines of the terminal. */
  readonly rows: number;
  /** Lines of the terminal that a text takes, those on which it goes on included. */
  height(text: string): number;
}

/** A heading, two rows, how many more there are, and an empty line. */
const LEAST_TABLE = 5;
/** What the trouble is, a line about it, and how many more there are. */
const LEAST_BLOCK = 3;

/** All of it, however long. */
export function wholeList({ table, blocks, last }: ListParts): string {
  return [table.join('\n'), ...blocks, last.join('\n')].filter((part) => part !== '').join('\n\n');
}

/**
 * As much of a list as a terminal shows at once, and how much more there is. The end always shows; what is said below
 * the table takes half of the rest where the table needs the other half.
 */
export function fittedList(parts: ListParts, room: Room): string {
  const whole = wholeList(parts);
  if (room.height(whole) <= room.rows) return whole;
  const { table, last } = parts;
  const end = last.join('\n');
  // An empty line above each part but the first.
  const left = room.rows - room.height(end) - 1;
  const tableHeight = heightOf(table, room);
  const share = Math.max(Math.min(Math.floor(left / 2), left - LEAST_TABLE), left - tableHeight - 1);
  const said = fittedBlocks(parts, share, room);
  const listed = fittedTable(table, left - (said === '' ? 0 : room.height(said) + 1), room);
  const text = [listed, said, end].filter((part) => part !== '').join('\n\n');
  return room.height(text) <= room.rows ? text : leading(end.split('\n'), room.rows, room).join('\n');
}

/** The beginning of a text, and how much more there is. */
export function fittedText(text: string, room: Room): string {
  if (room.height(text) <= room.rows) return text;
  return cutList(text.split('\n'), room.rows, 'line', room).join('\n');
}

function fittedTable(table: readonly string[], most: number, room: Room): string {
  if (heightOf(table, room) <= most) return table.join('\n');
  const [heading = '', ...rows] = table;
  const shown = cutList(rows, most - room.height(heading), 'connection', room);
  // A heading by itself says nothing.
  return shown.length > 1
    ? [heading, ...shown].join('\n')
    : cutList(rows, most, 'connection', room).join('\n');
}

/** As many of the first lines as there is room for, and below them how many more there are. */
function cutList(lines: readonly string[], most: number, noun: string, room: Room): readonly string[] {
  const longest = room.height(moreText(lines.length, noun));
  const shown = leading(lines, most - longest, room);
  return most < longest ? [] : [...shown, moreText(lines.length - shown.length, noun)];
}

function fittedBlocks({ blocks, elsewhere }: ListParts, most: number, room: Room): string {
  if (blocks.length === 0 || most < LEAST_BLOCK) return '';
  const whole = blocks.join('\n\n');
  if (room.height(whole) <= most) return whole;
  const moreOf = (count: number) =>
    `${moreText(count, 'trouble')}${elsewhere === undefined ? '' : `; ${elsewhere}`}`;
  const shown: string[] = [];
  let left = most - room.height(moreOf(blocks.length)) - 1;
  for (const block of blocks) {
    const height = room.height(block) + (shown.length > 0 ? 1 : 0);
    if (height > left) break;
    shown.push(block);
    left -= height;
  }
  if (shown.length > 0) return [...shown, moreOf(blocks.length - shown.length)].join('\n\n');
  return cutList(whole.split('\n'), most, 'line', room).join('\n');
}

/** The first lines, as many as there is room for. */
function leading(lines: readonly string[], most: number, room: Room): readonly string[] {
  let left = most;
  let count = 0;
  for (const line of lines) {
    left -= room.height(line);
    if (left < 0) break;
    count += 1;
  }
  return lines.slice(0, count);
}

function heightOf(lines: readonly string[], room: Room): number {
  return lines.reduce((sum, line) => sum + room.height(line), 0);
}

function moreText(count: number, noun: string): string {
  return `… and ${countText(count, `more ${noun}`)}`;
}
