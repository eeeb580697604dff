import { matchesName } from '../text/name-pattern.ts';
import type { ConnectionView } from './connection-view.ts';
import type { PageQuery, Sort } from './query.ts';
import { type Trouble, troubleOf } from './trouble.ts';

/** Connections with the same trouble, or one that has none or its own. */
export interface Group {
  readonly trouble: Trouble | undefined;
  /** Those that are shown. */
  readonly shown: readonly ConnectionView[];
  /** How many there are, on other pages too. */
  readonly count: number;
}

/** What one page shows of all connections that its query asks for. */
export interface Selection {
  readonly groups: readonly Group[];
  /** How many connections the query asks for. */
  readonly found: number;
  readonly page: number;
  readonly pages: number;
}

/** Connections on one page. */
const PAGE_SIZE = 50;
/** Of those with the same trouble so many are shown, that the next trouble is seen too. */
const MOST_OF_A_TROUBLE = 5;

/** Filters, sorts and groups. What shares its trouble is one group where the page is sorted by need. */
export function select(all: readonly ConnectionView[], query: PageQuery): Selection {
  const entries = all
    .map((view) => ({ view, trouble: troubleOf(view) }))
    .filter((entry) => isAskedFor(entry, query))
    .sort((one, other) => order(one.view, other.view, query.sort));
  const grouped = query.sort === 'need' ? groupsOf(entries) : entries.map((entry) => [entry]);
  const sizes = new Map(grouped.map((group) => [group, group.length]));
  const most = query.trouble === undefined ? MOST_OF_A_TROUBLE : Number.POSITIVE_INFINITY;
  const lines = grouped.flatMap((group) => group.slice(0, most).map((entry) => ({ entry, group })));
  const pages = Math.max(1, Math.ceil(lines.length / PAGE_SIZE));
  const page = Math.min(query.page, pages);
  const onPage = lines.slice((page - 1) * PAGE_SIZE, page * PAGE_SIZE);
  return {
    groups: [...Map.groupBy(onPage, ({ group }) => group)].map(([group, those]) => ({
      trouble: group[0]?.trouble,
      shown: those.map(({ entry }) => entry.view),
      count: sizes.get(group) ?? 0,
    })),
    found: entries.length,
    page,
    pages,
  };
}

interface Entry {
  readonly view: ConnectionView;
  readonly trouble: Trouble | undefined;
}

function isAskedFor({ view, trouble }: Entry, query: PageQuery): boolean {
  const { health, provider, name } = query;
  if (health === 'need' ? view.need === undefined : health !== undefined && view.health !== health) {
    return false;
  }
  if (provider !== undefined && view.provider !== provider) return false;
  if (query.trouble !== undefined && trouble?.key !== query.trouble) return false;
  return name === undefined || matchesName(view.name, name);
}

/** In the order of their first ones; who has no trouble stands alone. */
function groupsOf(entries: readonly Entry[]): readonly (readonly Entry[])[] {
  const byKey = Map.groupBy(entries, ({ view, trouble }) => trouble?.key ?? `alone ${view.name}`);
  return [...byKey.values()];
}

function order(one: ConnectionView, other: ConnectionView, sort: Sort): number {
  const byName = one.name < other.name ? -1 : 1;
  if (sort === 'name') return byName;
  if (sort === 'refresh') return between(one.dueAt, other.dueAt) || byName;
  const byNeed = sort === 'need' ? rank(one) - rank(other) : 0;
  return byNeed || between(endOf(one), endOf(other)) || byName;
}

/** Paused ones last: nothing is expected of them. */
function rank({ need, health }: ConnectionView): number {
  if (need !== undefined) return 0;
  return health === 'paused' ? 2 : 1;
}

/** Who never had a token is no better than whose has expired. */
function endOf({ expiresAt, health }: ConnectionView): number | undefined {
  return health === 'paused' ? expiresAt : (expiresAt ?? 0);
}

/** What is not known comes last. */
function between(one: number | undefined, other: number | undefined): number {
  return (one ?? Number.MAX_VALUE) - (other ?? Number.MAX_VALUE);
}
