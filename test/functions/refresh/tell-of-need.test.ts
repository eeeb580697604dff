import { beforeEach, describe, expect, it } from 'vitest';
import type { ConnectionState } from '../../../functions/refresh/connection-state.ts';
import { tellOfNeed } from '../../../functions/refresh/tell-of-need.ts';
import { RefreshWorld, ROTATING } from '../../support/refresh-world.ts';
import { HOUR, MINUTE } from './state-of.ts';

let world: RefreshWorld;
let now: number;

beforeEach(() => {
  world = new RefreshWorld();
  now = world.clock.now();
});

/** A connection whose token expired long ago, with `changes`. */
function hold(changes: Partial<ConnectionState> = {}): ConnectionState {
  const state: ConnectionState = {
    name: 'crm',
    schema: 1,
    definition: ROTATING,
    dueAt: now - HOUR,
    generation: 1,
    failures: 0,
    writesByHour: {},
    lastOutcome: 'refreshed',
    expiresAt: now - HOUR,
    ...changes,
  };
  world.state.items.set('crm', state);
  return state;
}

const item = () => world.state.items.get('crm');
const told = () => world.events.map(({ detailType, need }) => [detailType, need?.code]);

describe('telling of a need without a refresh', () => {
  it('calls for a person, keeps that in the state, and tries nothing', async () => {
    await tellOfNeed(hold(), world.ports());
    expect(told()).toEqual([['Connection Needs Attention', 'not_tried']]);
    expect(world.events).toMatchObject([{ code: 'not_tried', health: 'failing', outcome: 'refreshed' }]);
    expect(item()).toMatchObject({
      neededSince: now - HOUR + 10 * MINUTE,
      neededFor: 'failing',
      neededToldAt: now,
      dueAt: now - HOUR,
      lastOutcome: 'refreshed',
    });
    // The event was taken.
    for (const left of ['leaseOwner', 'attempt', 'untold', 'dueAfterTold'])
      expect(item()).not.toHaveProperty(left);
    expect(world.provider.exchanges).toEqual([]);
  });

  it('calls once, and reminds after an hour', async () => {
    await tellOfNeed(hold({ dueAt: now + MINUTE }), world.ports());
    await tellOfNeed(item() as ConnectionState, world.ports());
    expect(told()).toHaveLength(1);
    world.clock.advance(50 * MINUTE);
    await tellOfNeed(item() as ConnectionState, world.ports());
    expect(told()).toHaveLength(2);
  });

  it('calls again where nobody has confirmed that it was told', async () => {
    const untold = ['Connection Needs Attention'];
    const called = {
      neededSince: now - HOUR + 10 * MINUTE,
      neededFor: 'failing',
      neededToldAt: now - MINUTE,
    };
    await tellOfNeed(hold({ ...called, untold, dueAfterTold: now - HOUR }), world.ports());
    expect(told()).toEqual([]);
    world.clock.advance(1);
    await tellOfNeed(item() as ConnectionState, world.ports());
    expect(told()).toEqual([['Connection Needs Attention', 'not_tried']]);
  });

  it('asks nothing of the table where nobody is needed', async () => {
    world.intercept = () => {
      throw new Error('no call is expected');
    };
    await tellOfNeed(hold({ expiresAt: now + 1 }), world.ports());
    await tellOfNeed(hold({ paused: true }), world.ports());
    expect(told()).toEqual([]);
  });

  it('leaves it to whoever holds the connection, and to whoever took it over', async () => {
    await tellOfNeed(hold({ leaseOwner: 'a-refresh', leaseEndsAt: now + 1 }), world.ports());
    expect(told()).toEqual([]);
    world.intercept = async ({ method }, effect) => (method === 'commit' ? (false as never) : effect());
    await tellOfNeed(hold(), world.ports());
    expect(told()).toEqual([]);
  });

  it('tells nothing that is over by the time it holds the connection', async () => {
    const seen = hold();
    hold({ expiresAt: now + HOUR, dueAt: now + HOUR / 2 });
    await tellOfNeed(seen, world.ports());
    expect(told()).toEqual([]);
    expect(item()).toMatchObject({ dueAt: now + HOUR / 2 });
    expect(item()).not.toHaveProperty('dueAfterTold');
  });
});
