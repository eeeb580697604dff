import { beforeEach, describe, expect, it } from 'vitest';
import { StoreError } from '../../../functions/refresh/ports/stores.ts';
import { withTickLease } from '../../../functions/refresh/tick-lease.ts';
import { RefreshWorld } from '../../support/refresh-world.ts';
import { SECOND } from './state-of.ts';

let world: RefreshWorld;

beforeEach(() => {
  world = new RefreshWorld();
});

type Work<T> = (release: () => Promise<void>) => Promise<T>;
const tick = <T>(work: Work<T>) => world.clock.run(() => withTickLease(world.ports(), work));
const calls = (method: string) => world.calls.filter((call) => call.method === method).length;

/** Whether another tick could run now. */
async function isFree(): Promise<boolean> {
  const now = world.clock.now();
  const free = await world.state.leaseTick('other', now, now + 1);
  if (free) await world.state.releaseTick('other');
  return free;
}

describe('the lease of a tick', () => {
  it('is held while the work lasts, and free when it ends', async () => {
    let during: boolean | undefined;
    expect(
      await tick(async () => {
        during = await isFree();
        return 'done';
      }),
    ).toBe('done');
    expect(during).toBe(false);
    expect(await isFree()).toBe(true);
  });

  it('is not had while another tick runs, whose lease it leaves alone', async () => {
    await world.state.leaseTick('other', world.clock.now(), world.clock.now() + SECOND);
    let ran = false;
    expect(await tick(async () => (ran = true))).toBeUndefined();
    expect(ran).toBe(false);
    expect(await tick(async () => 'again')).toBeUndefined();
    expect(calls('releaseTick')).toBe(0);
  });

  it('is shorter than a tick: one that is killed holds up no more than the next', async () => {
    world.intercept = async (call, effect) =>
      call.method === 'releaseTick' ? (undefined as never) : effect();
    await tick(async () => undefined);
    const killedAt = world.clock.now();
    world.clock.advance(45 * SECOND - 1);
    expect(await isFree()).toBe(false);
    world.clock.advance(1);
    expect(await isFree()).toBe(true);
    expect(world.clock.now() - killedAt).toBeLessThan(60 * SECOND);
  });

  it('is renewed every 15 s, so that long work keeps it', async () => {
    const free: boolean[] = [];
    await tick(async () => {
      for (let second = 0; second < 200; second += 10) {
        await world.clock.sleep(10 * SECOND);
        free.push(await isFree());
      }
    });
    expect(free).not.toContain(true);
    expect(calls('leaseTick')).toBe(1 + 13);
    expect(calls('releaseTick')).toBe(1);
  });

  it('is renewed no more once it is released, and is not released twice', async () => {
    let after: boolean | undefined;
    await tick(async (release) => {
      await world.clock.sleep(20 * SECOND);
      await release();
      after = await isFree();
      await world.clock.sleep(300 * SECOND);
    });
    expect(after).toBe(true);
    expect([calls('leaseTick'), calls('releaseTick')]).toEqual([2, 1]);
  });

  it('is free when the work fails, whose error comes through', async () => {
    const failing = tick(async () => {
      throw new TypeError('a bug');
    });
    await expect(failing).rejects.toThrow('a bug');
    expect(await isFree()).toBe(true);
  });
});

describe('a state table that fails', () => {
  const failOn = (method: string, from = 1) => {
    let count = 0;
    world.intercept = async (call, effect) => {
      if (call.method === method) count += 1;
      if (call.method === method && count >= from)
        throw new StoreError('transient', 'Throttled', 'slow down');
      return effect();
    };
  };

  it('is told to who asks for the lease', async () => {
    failOn('leaseTick');
    await expect(tick(async () => 'never')).rejects.toThrow(StoreError);
  });

  it('costs no work when the lease cannot be renewed, and is tried again', async () => {
    failOn('leaseTick', 2);
    expect(
      await tick(async () => {
        await world.clock.sleep(40 * SECOND);
        return 'done';
      }),
    ).toBe('done');
    expect(calls('leaseTick')).toBe(3);
    expect(world.logged).toHaveLength(2);
    expect(world.logged[0]).toMatch(/^warn .*renewed.*"error":"StoreError"/);
  });

  it('costs no work when the lease cannot be released', async () => {
    failOn('releaseTick');
    expect(await tick(async () => 'done')).toBe('done');
    expect(world.logged).toEqual([expect.stringMatching(/^warn .*released.*"error":"StoreError"/)]);
  });

  it('is noted in its own words only by the name of an error', async () => {
    world.intercept = async (call, effect) => {
      if (call.method === 'releaseTick') throw 'words';
      return effect();
    };
    expect(await tick(async () => 'done')).toBe('done');
    expect(world.logged[0]).toMatch(/"error":"unknown"/);
    expect(world.logged[0]).not.toContain('words');
  });
});
