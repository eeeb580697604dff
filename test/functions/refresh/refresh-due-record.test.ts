import { beforeEach, describe, expect, it } from 'vitest';
import type { TickRecord } from '../../../functions/refresh/ports/state-table.ts';
import { StoreError } from '../../../functions/refresh/ports/stores.ts';
import { refreshDue } from '../../../functions/refresh/refresh-due.ts';
import { RefreshWorld } from '../../support/refresh-world.ts';
import { MINUTE, SECOND } from './state-of.ts';

let world: RefreshWorld;

beforeEach(() => {
  world = new RefreshWorld();
});

const tick = (functionEndsAt = world.clock.now() + 5 * MINUTE, ports = world.ports()) =>
  world.clock.run(() => refreshDue({ functionEndsAt }, ports));

async function fleet(...names: string[]) {
  for (const name of names) await world.connect(name, { grants: ['client_credentials'] });
}

describe('the record of a tick', () => {
  it('says when it ran, what it found due and since when, and what it came to', async () => {
    await fleet('a', 'b');
    await world.state.register('odd', { provider: 'gone', credentials: 'client' }, world.clock.now());
    const firstDueAt = world.clock.now();
    world.clock.advance(3 * MINUTE);
    world.intercept = async (call, effect) => {
      if (call.method === 'exchange') await world.clock.sleep(7 * SECOND);
      if (call.method === 'lease' && call.connection === 'b')
        throw new StoreError('transient', 'Slow', 'slow');
      return effect();
    };
    const startedAt = world.clock.now();
    await tick();
    expect(await world.state.lastTick()).toEqual({
      startedAt,
      endedAt: startedAt + 7 * SECOND,
      due: 3,
      refreshed: 1,
      failed: 2,
      left: 0,
      oldestDueAt: firstDueAt,
    });
  });

  it('names no oldest where nothing was due', async () => {
    await tick();
    const now = world.clock.now();
    const idle = { startedAt: now, endedAt: now, due: 0, refreshed: 0, failed: 0, left: 0 };
    expect(await world.state.lastTick()).toEqual(idle);
  });

  it('says what was left for want of time', async () => {
    await fleet('a', 'b');
    await tick(world.clock.now() + 74 * SECOND);
    expect(await world.state.lastTick()).toMatchObject({ due: 2, refreshed: 0, left: 2 });
  });

  it('is there as soon as the next tick may begin, and is then not written again', async () => {
    await fleet('a');
    world.intercept = async (call, effect) => {
      if (call.method === 'exchange') await world.clock.sleep(60 * SECOND);
      return effect();
    };
    const startedAt = world.clock.now();
    await tick(startedAt + 100 * SECOND);
    const written = world.calls.filter(({ method }) => method === 'releaseTick');
    expect(written).toHaveLength(1);
    expect(await world.state.lastTick()).toMatchObject({
      endedAt: startedAt + 25 * SECOND + 1,
      refreshed: 0,
    });
  });

  it('stays that of the tick before, when one is killed or fails', async () => {
    await tick();
    const before = (await world.state.lastTick()) as TickRecord;
    world.clock.advance(MINUTE);
    await fleet('a');
    const killed = world.ports({ intercept: async (call, effect) => killedAt(call.method, effect) });
    await tick(undefined, killed);
    expect(await world.state.lastTick()).toEqual(before);
    world.clock.advance(MINUTE);
    world.state.due = () => {
      throw new StoreError('transient', 'Slow', 'slow');
    };
    await expect(tick()).rejects.toThrow(StoreError);
    expect(await world.state.lastTick()).toEqual(before);
  });

  /** A process that never comes to release anything. */
  const killedAt = async <T>(method: string, effect: () => Promise<T>): Promise<T> =>
    method === 'releaseTick' ? (undefined as T) : effect();
});
