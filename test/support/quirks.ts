/** A row of the page about quirks. */
export interface QuirkRow {
  readonly number: number;
  /** What is met, with whom it is known of, and what is done; or why it is left out. */
  readonly cells: readonly string[];
}

const ROW = /^\| (\d+) \| (.+) \|$/gm;
/** What begins the title of a test, behind its quotation mark: `quirk 48: …`, `quirks 45 and 72: …`. */
const TITLE = /(?<=['"`])quirks? (\d+(?:(?:, | and )\d+)*): (?=\S)/g;
const MENTION = /\bquirks?[ -]\d/gi;

export function quirkRows(page: string): QuirkRow[] {
  return [...page.matchAll(ROW)].map(([, number, cells = '']) => ({
    number: Number(number),
    cells: cells.split(' | ').map((cell) => cell.trim()),
  }));
}

/** The quirks that the titles of a test file name; `undefined` where it names one as nobody would find it. */
export function quirksInTitles(source: string): number[] | undefined {
  const titles = [...source.matchAll(TITLE)];
  if ([...source.matchAll(MENTION)].length !== titles.length) return undefined;
  return titles.flatMap(([, numbers = '']) => (numbers.match(/\d+/g) ?? []).map(Number));
}
