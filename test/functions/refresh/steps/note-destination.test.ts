import { beforeEach, describe, expect, it } from 'vitest';
import { RefreshWorld } from '../../../support/refresh-world.ts';

const MINUTE = 60_000;
const ELSEWHERE = { tokenUrl: 'https://other.example/token' };
let world: RefreshWorld;

beforeEach(async () => {
  world = new RefreshWorld();
  await world.connect('crm');
  world.storeRefreshToken('crm');
  expect((await world.refresh('crm')).outcome).toBe('refreshed');
});

const notes = () => world.calls.filter(({ method }) => method === 'noteOrigin').length;

describe('a note of where credentials go', () => {
  it('costs a call where that is new, and none after that', async () => {
    expect(notes()).toBe(1);
    await world.refreshWhenDue('crm');
    await world.refreshWhenDue('crm');
    expect(notes()).toBe(1);
    await world.connect('crm', ELSEWHERE);
    await world.refresh('crm');
    expect(notes()).toBe(2);
  });

  it('that takes long delays no send beyond the time that is written down for it', async () => {
    await world.connect('crm', ELSEWHERE);
    const before = world.provider.exchanges.length;
    world.intercept = async ({ method }, effect) => {
      if (method === 'noteOrigin') world.clock.advance(MINUTE);
      return effect();
    };
    await world.refresh('crm');
    expect(world.provider.exchanges).toHaveLength(before);
    world.intercept = (_, effect) => effect();
    world.clock.advance(2 * MINUTE);
    expect((await world.refresh('crm')).outcome).toBe('refreshed');
    expect(world.provider.doubleSpends).toEqual([]);
  });
});
