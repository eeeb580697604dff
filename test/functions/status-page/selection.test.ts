import { describe, expect, it } from 'vitest';
import { readPageQuery } from '../../../functions/status-page/query.ts';
import { select } from '../../../functions/status-page/selection.ts';
import { DAY, HOUR, MINUTE, NOW, stateOf } from '../refresh/state-of.ts';
import { manyStates } from './many-states.ts';
import { viewOf } from './page-model-of.ts';

const healthy = (name: string, minutes: number, more = {}) =>
  viewOf(
    stateOf({
      name,
      lastOutcome: 'refreshed',
      obtainedAt: NOW - HOUR,
      expiresAt: NOW + minutes * MINUTE,
      dueAt: NOW + MINUTE,
      ...more,
    }),
  );
const dead = (name: string, more = {}) =>
  viewOf(
    stateOf({
      name,
      lastOutcome: 'needs-reauthorization',
      lastErrorCode: 'invalid_grant',
      lastErrorAt: NOW - DAY,
      expiresAt: NOW - HOUR,
      ...more,
    }),
  );
const names = (all: ReturnType<typeof viewOf>[], query: Record<string, string> = {}) =>
  select(all, readPageQuery(query)).groups.flatMap(({ shown }) => shown.map(({ name }) => name));

describe('what a page shows', () => {
  it('is what needs a person, then what expires first, then what is paused', () => {
    const all = [
      healthy('late', 50),
      healthy('paused', 1, { paused: true }),
      healthy('soon', 5),
      dead('dead'),
      viewOf(stateOf({ name: 'new', dueAt: NOW })),
    ];
    expect(names(all)).toEqual(['dead', 'new', 'soon', 'late', 'paused']);
  });

  it('is sorted as it is asked for', () => {
    const all = [
      healthy('c', 5, { dueAt: NOW + 3 }),
      healthy('a', 50, { dueAt: NOW + 4 }),
      dead('b', { dueAt: NOW + 5 }),
    ];
    expect(names(all, { sort: 'name' })).toEqual(['a', 'b', 'c']);
    expect(names(all, { sort: 'expiry' })).toEqual(['b', 'c', 'a']);
    expect(names(all, { sort: 'refresh' })).toEqual(['c', 'a', 'b']);
  });

  it('is narrowed by health, need, provider and name together', () => {
    const all = [
      healthy('shop/1', 5, { definition: { provider: 'shopify', credentials: 'x' } }),
      healthy('shop/2', 5),
      dead('shop/3'),
      dead('crm'),
    ];
    expect(names(all, { health: 'healthy' })).toEqual(['shop/1', 'shop/2']);
    expect(names(all, { health: 'need' })).toEqual(['crm', 'shop/3']);
    expect(names(all, { health: 'need', name: 'shop/*' })).toEqual(['shop/3']);
    expect(names(all, { provider: 'shopify' })).toEqual(['shop/1']);
    expect(names(all, { provider: 'idp.example.com', name: 'SHOP' })).toEqual(['shop/3', 'shop/2']);
    expect(select(all, readPageQuery({ name: 'nobody' }))).toMatchObject({
      found: 0,
      groups: [],
      page: 1,
      pages: 1,
    });
  });

  it('tells a trouble once for all that have it, and shows the next one beside it', () => {
    const all = [
      ...Array.from({ length: 294 }, (_, index) => dead(`shop/${index}`)),
      dead('crm', { lastOutcome: 'misconfigured', lastErrorCode: 'invalid_scope' }),
    ];
    const { groups, found, pages } = select(all, readPageQuery({}));
    expect(found).toBe(295);
    expect(pages).toBe(1);
    expect(groups.map(({ count, shown }) => [count, shown.length])).toEqual([
      [1, 1],
      [294, 5],
    ]);
    const key = groups[1]?.trouble?.key ?? '';
    const whole = select(all, readPageQuery({ trouble: key, page: '2' }));
    expect(whole).toMatchObject({ found: 294, page: 2, pages: 6 });
    expect(whole.groups.map(({ count, shown }) => [count, shown.length])).toEqual([[294, 50]]);
  });

  it('leaves nothing out, and shows nothing twice, page by page', () => {
    const all = manyStates(1_000, NOW).map((state) => viewOf(state));
    const seen: string[] = [];
    const { pages } = select(all, readPageQuery({ sort: 'name' }));
    for (let page = 1; page <= pages; page += 1)
      seen.push(...names(all, { sort: 'name', page: String(page) }));
    expect(pages).toBe(20);
    expect(seen).toEqual(all.map(({ name }) => name).sort());
  });

  it('is the last page where a later one is asked for', () => {
    const all = [healthy('a', 1), healthy('b', 2)];
    expect(select(all, readPageQuery({ page: '7' }))).toMatchObject({ page: 1, pages: 1, found: 2 });
  });
});
