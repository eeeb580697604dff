import { describe, expect, it } from 'vitest';
import { HEALTHS } from '../../../functions/refresh/rules/health.ts';
import { listOf, queryFields, readPageQuery } from '../../../functions/status-page/query.ts';
import { styleSheet } from '../../../functions/status-page/style.ts';

describe('the query of a page', () => {
  it('is all connections, by need, where nothing is asked for', () => {
    expect(queryFields(readPageQuery({}))).toEqual({});
    expect(readPageQuery({})).toMatchObject({ sort: 'need', page: 1 });
  });

  it('is read as it was written', () => {
    const fields = {
      health: 'need',
      provider: 'idp.example.com',
      name: 'shop/*',
      trouble: 'abc',
      sort: 'expiry',
      page: '3',
      connection: 'shop/1',
      confirm: 'pause',
    };
    expect(queryFields(readPageQuery(fields))).toEqual(fields);
  });

  it.each([
    { health: 'ill' },
    { health: ['healthy'] },
    { sort: 'toString' },
    { page: '0' },
    { page: '1.5' },
    { page: '1e9' },
    { confirm: 'remove' },
    { name: '' },
    { unknown: 'x' },
  ])('passes over what it does not know: %j', (fields) => {
    expect(queryFields(readPageQuery(fields))).toEqual({});
  });

  it('takes no more of a text than a name may hold and some', () => {
    expect(readPageQuery({ name: 'a'.repeat(1_000_000) }).name).toHaveLength(200);
  });

  it('leads back from one connection to the list that it was found in', () => {
    const query = readPageQuery({ health: 'paused', page: '2', connection: 'crm', confirm: 'pause' });
    expect(queryFields(listOf(query))).toEqual({ health: 'paused', page: '2' });
  });
});

it('every health has a colour of its own', () => {
  for (const health of HEALTHS)
    expect(styleSheet('light')).toMatch(new RegExp(`\\.${health}\\b[^{]*\\{--tone:`));
});
