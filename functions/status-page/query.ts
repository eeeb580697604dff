import { HEALTHS, type Health } from '../refresh/rules/health.ts';

/** What a page shows of all connections. */
export interface PageQuery {
  /** Only connections of this health, or only those that need a person. */
  readonly health?: Health | 'need' | undefined;
  readonly provider?: string | undefined;
  /** Part of a name, or with `*` the whole of it. */
  readonly name?: string | undefined;
  /** Only those with this trouble: the key of a `Trouble`. */
  readonly trouble?: string | undefined;
  readonly sort: Sort;
  /** From 1. */
  readonly page: number;
  /** One connection with all that is known of it, in place of the list. */
  readonly connection?: string | undefined;
  /** Asks before it pauses that one. */
  readonly confirm?: 'pause' | undefined;
}

export type Sort = 'need' | 'expiry' | 'refresh' | 'name';

export const SORTS: Readonly<Record<Sort, string>> = {
  need: 'need, then expiry',
  expiry: 'expiry',
  refresh: 'next refresh',
  name: 'name',
};

const LONGEST = 200;
const MOST_PAGES = 10_000;

/** Reads what a URL, a form or an event asks for. What is none of this is passed over: a page is shown all the same. */
export function readPageQuery(given: Readonly<Record<string, unknown>>): PageQuery {
  const text = (key: string) => {
    const value = given[key];
    return typeof value === 'string' && value !== '' ? value.slice(0, LONGEST) : undefined;
  };
  const health = text('health');
  const sort = text('sort');
  const page = Number(given['page']);
  return {
    health: health === 'need' || HEALTHS.includes(health as Health) ? (health as Health | 'need') : undefined,
    provider: text('provider'),
    name: text('name'),
    trouble: text('trouble'),
    sort: sort !== undefined && Object.hasOwn(SORTS, sort) ? (sort as Sort) : 'need',
    page: Number.isInteger(page) && page > 0 && page <= MOST_PAGES ? page : 1,
    connection: text('connection'),
    confirm: text('confirm') === 'pause' ? 'pause' : undefined,
  };
}

/** What `readPageQuery` reads, without what goes without saying. */
export function queryFields({ sort, page, ...others }: PageQuery): Readonly<Record<string, string>> {
  const given = { ...others, sort: sort === 'need' ? undefined : sort, page: page === 1 ? undefined : page };
  return Object.fromEntries(
    Object.entries(given).flatMap(([key, value]) => (value === undefined ? [] : [[key, String(value)]])),
  );
}

/** The list that a query came from: without the one connection that it looked at. */
export function listOf({ connection, confirm, ...list }: PageQuery): PageQuery {
  return list;
}
