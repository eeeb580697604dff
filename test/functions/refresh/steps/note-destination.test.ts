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

const told = () =>
  world.events.filter(({ detailType }) => detailType === 'Credentials Sent To New Origin').length;
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

  it('is told by the next refresh where the first was cut off after it', async () => {
    world.clock.advance(MINUTE);
    await world.connect('crm', ELSEWHERE);
    world.intercept = async ({ method }, effect) => {
      if (method === 'prove' || method === 'commit') throw new Error('killed');
      return effect();
    };
    await expect(world.refresh('crm')).rejects.toThrow('killed');
    expect(told()).toBe(1);
    world.intercept = (_, effect) => effect();
    world.clock.advance(3 * MINUTE);
    await world.refresh('crm');
    expect(told()).toBe(2);
    expect(world.events.at(-1)).toMatchObject({
      credentials: 'client',
      origin: 'https://other.example',
    });
  });

  it('is told once, and not again where they go back and forth', async () => {
    const back = world.state.items.get('crm')?.definition.tokenUrl;
    for (const tokenUrl of [ELSEWHERE.tokenUrl, back, ELSEWHERE.tokenUrl]) {
      world.clock.advance(2 * MINUTE);
      await world.connect('crm', tokenUrl === undefined ? {} : { tokenUrl });
      await world.refresh('crm');
    }
    expect(told()).toBe(2);
    // What is known is shown as new no longer.
    expect(world.state.items.get('crm')).not.toHaveProperty('credentialsSentToSince');
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
