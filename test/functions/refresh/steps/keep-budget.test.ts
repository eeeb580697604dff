import { beforeEach, describe, expect, it } from 'vitest';
import { RefreshWorld } from '../../../support/refresh-world.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
let world: RefreshWorld;

const exchanges = () => world.calls.filter(({ method }) => method === 'exchange').length;
const taken = () => world.calls.filter(({ method }) => method === 'takeFromBudget').length;

async function connect(calls: number, scope?: 'client' | 'provider') {
  const budgets = [{ calls, perSeconds: 86_400, ...(scope && { scope }) }];
  await world.connect('crm', { rules: { budgets } });
  world.storeRefreshToken('crm');
}

beforeEach(() => {
  world = new RefreshWorld();
});

describe('quirk 70: a provider that allows few token requests', () => {
  it('is not asked beyond them: nothing is sent, and the connection is due when one is free again', async () => {
    await connect(2);
    const startedAt = world.clock.now();
    expect((await world.refresh('crm')).outcome).toBe('refreshed');
    expect((await world.refreshWhenDue('crm')).outcome).toBe('refreshed');
    const refused = await world.refreshWhenDue('crm');
    expect(refused).toMatchObject({ outcome: 'retry-later', error: { code: 'budget_spent' } });
    expect(refused.error?.message).toContain('allows 2 token requests in 86400 s');
    expect(exchanges()).toBe(2);
    expect(world.state.items.get('crm')?.dueAfterTold).toBeGreaterThanOrEqual(startedAt + 24 * HOUR);
    expect((await world.refreshWhenDue('crm')).outcome).toBe('refreshed');
    expect(exchanges()).toBe(3);
  });

  it('counts a try that failed, since the provider counts it', async () => {
    await connect(1);
    world.intercept = async ({ method }, effect) => {
      if (method === 'exchange') throw new Error('reset');
      return effect();
    };
    await world.refresh('crm');
    world.intercept = (_, effect) => effect();
    world.clock.advance(10 * MINUTE);
    await world.refresh('crm');
    expect(world.state.items.get('crm')?.lastErrorCode).toBe('budget_spent');
  });

  it('leaves the second half to the ticks, whoever forces', async () => {
    await connect(4);
    for (let forced = 0; forced < 4; forced += 1) {
      world.clock.advance(2 * MINUTE);
      await world.refresh('crm', { force: true });
    }
    expect(exchanges()).toBe(2);
    expect((await world.refreshWhenDue('crm')).outcome).toBe('refreshed');
  });

  it.each([
    ['client', 2],
    ['provider', 1],
  ] as const)(
    'is counted by %s: two connections with credentials of their own make %i requests',
    async (scope, sent) => {
      await connect(1, scope);
      const budgets = [{ calls: 1, perSeconds: 86_400, scope }];
      await world.connect('erp', { credentials: 'another', rules: { budgets } });
      const known = world.secrets.get('credentials/client', {});
      world.secrets.put('credentials/another', known?.content ?? '', world.random.uuid());
      world.storeRefreshToken('erp');
      await world.refresh('crm');
      await world.refresh('erp');
      expect(exchanges()).toBe(sent);
    },
  );

  it('costs a connection without a budget no call', async () => {
    await world.connect('crm');
    world.storeRefreshToken('crm');
    await world.refresh('crm');
    expect(taken()).toBe(0);
  });
});
