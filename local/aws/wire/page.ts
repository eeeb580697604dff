import { AwsError } from './error-answer.ts';

export interface Page<Item> {
  readonly items: readonly Item[];
  /** Absent on the last page. */
  readonly nextToken?: string;
}

export interface PageRequest {
  readonly size: number;
  readonly nextToken?: string | undefined;
  /** Default ascending. */
  readonly descending?: boolean;
  /** The service's name for an unusable token. */
  readonly invalidTokenCode: 'InvalidNextTokenException' | 'InvalidNextToken';
}

/**
 * One page of `items` in the order of their keys. The token holds the last key, so that items may come and
 * go between two pages.
 * @throws AwsError with `invalidTokenCode`
 */
export function page<Item>(
  items: Iterable<Item>,
  key: (item: Item) => string,
  request: PageRequest,
): Page<Item> {
  const sign = request.descending ? -1 : 1;
  const order = (a: string, b: string) => (a === b ? 0 : a < b ? -sign : sign);
  const last =
    request.nextToken === undefined ? undefined : readToken(request.nextToken, request.invalidTokenCode);
  const remaining = [...items]
    .filter((item) => last === undefined || order(key(item), last) > 0)
    .sort((a, b) => order(key(a), key(b)));
  const shown = remaining.slice(0, request.size);
  const lastShown = shown.at(-1);
  if (remaining.length === shown.length || lastShown === undefined) return { items: shown };
  return { items: shown, nextToken: writeToken(key(lastShown)) };
}

/** A key that sorts by an instant, in epoch milliseconds, then by a name. */
export function instantKey(at: number, name: string): string {
  return `${String(at).padStart(16, '0')} ${name}`;
}

function writeToken(key: string): string {
  return Buffer.from(JSON.stringify({ after: key })).toString('base64url');
}

function readToken(token: string, code: string): string {
  try {
    const { after } = JSON.parse(Buffer.from(token, 'base64url').toString()) as { after?: unknown };
    if (typeof after === 'string') return after;
  } catch {
    // Not one of ours: refused below like any other.
  }
  throw new AwsError(code, 'The NextToken value is invalid.');
}
