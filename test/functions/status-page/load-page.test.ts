import { describe, expect, it } from 'vitest';
import { TIMING } from '../../../functions/refresh/rules/timing.ts';
import { loadPage } from '../../../functions/status-page/load-page.ts';
import { readPageQuery } from '../../../functions/status-page/query.ts';
import { MemoryState } from '../../support/memory-state.ts';
import { MINUTE, NOW, stateOf } from '../refresh/state-of.ts';
import { tickAt } from './many-states.ts';

async function world() {
  const state = new MemoryState();
  state.items.set('crm', stateOf());
  state.items.set('erp', stateOf({ name: 'erp', removedAt: NOW }));
  await state.leaseTick('a', NOW, NOW + MINUTE);
  await state.releaseTick('a', tickAt(NOW));
  const asked: string[] = [];
  const ports = {
    state: {
      list: () => state.list(),
      lastTick: () => state.lastTick(),
      history: async (name: string) => {
        asked.push(name);
        return [];
      },
    },
    clock: { now: () => NOW },
    timing: TIMING,
    namespace: 'evertoken',
  };
  return { ports, asked };
}

describe('a page', () => {
  it('is of every registered connection and the last tick', async () => {
    const { ports, asked } = await world();
    const page = await loadPage(readPageQuery({}), ports);
    expect(page.connections.map(({ name }) => name)).toEqual(['crm']);
    expect(page).toMatchObject({ now: NOW, tick: tickAt(NOW), tickProblem: undefined });
    expect(asked).toEqual([]);
  });

  it('reads the history of the connection that is looked at, and of no other', async () => {
    const { ports, asked } = await world();
    await loadPage(readPageQuery({ connection: 'crm' }), ports);
    await loadPage(readPageQuery({ connection: 'erp' }), ports);
    await loadPage(readPageQuery({ connection: '../x' }), ports);
    expect(asked).toEqual(['crm']);
  });

  it('says that ticks do not come', async () => {
    const { ports } = await world();
    const late = { ...ports, clock: { now: () => NOW + 10 * MINUTE } };
    const { tickProblem } = await loadPage(readPageQuery({}), late);
    expect(tickProblem?.message).toMatch(/^No tick has come to its end since 2025-12-31T23:59:48/);
  });
});
