import { beforeEach, describe, expect, it } from 'vitest';
import { StoreError } from '../../../functions/refresh/ports/stores.ts';
import { followTick, withTickLease } from '../../../functions/refresh/tick-lease.ts';
import { RefreshWorld } from '../../support/refresh-world.ts';
import { SECOND } from './state-of.ts';

let world: RefreshWorld;

beforeEach(() => {
  world = new RefreshWorld();
});

type Work<T> = (release: () => Promise<unknown>) => Promise<T>;
const WORKS_SECONDS = 225;
const tick = <T>(work: Work<T>) =>
  world.clock.run(() => withTickLease(world.ports(), world.clock.now() + WORKS_SECONDS * SECOND, work));
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

  it('says until when the work goes on, when it is renewed too, and no more once it is released', async () => {
    const worksUntil = world.clock.now() + WORKS_SECONDS * SECOND;
    const said: (number | undefined)[] = [];
    await tick(async (release) => {
      said.push(await world.state.tickWorksUntil());
      await world.clock.sleep(20 * SECOND);
      said.push(await world.state.tickWorksUntil());
      await release();
      said.push(await world.state.tickWorksUntil());
    });
    expect(said).toEqual([worksUntil, worksUntil, undefined]);
  });

  it('is released with what reconciling saw', async () => {
    const fleet = { at: 1, registered: 3, paused: 1, refreshTokenEnds: [] };
    await world.state.noteFleet(fleet);
    expect(await tick((release) => release())).toEqual(fleet);
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

describe('a tick that finds another at work', () => {
  /** Another one that works so many seconds from now, and releases its lease so many after that. */
  function other(worksSeconds: number | undefined, releasesSeconds = 0): void {
    const { state, clock } = world;
    const now = clock.now();
    const until = worksSeconds === undefined ? {} : { worksUntil: now + worksSeconds * SECOND };
    void state.leaseTick('other', now, now + 600 * SECOND, until);
    const ends = (worksSeconds ?? 0) + releasesSeconds;
    void clock.sleep(ends * SECOND).then(() => state.releaseTick('other'));
  }

  const follow = () =>
    world.clock.run(async () => {
      const ports = world.ports();
      const startedAt = world.clock.now();
      const run = () => withTickLease(ports, startedAt + WORKS_SECONDS * SECOND, async () => 'ran');
      return [await followTick(ports, run), (world.clock.now() - startedAt) / SECOND];
    });

  it('follows it at once, where it ends before the next one would come', async () => {
    other(45);
    expect(await follow()).toEqual(['ran', 45]);
  });

  it('waits some seconds more for what that one has begun', async () => {
    other(45, 10);
    expect(await follow()).toEqual(['ran', 55]);
  });

  it('gives up where that takes too long', async () => {
    other(45, 100);
    expect(await follow()).toEqual([undefined, 60]);
  });

  it('leaves it to the next one, where that one is nearer to the end', async () => {
    other(61);
    expect(await follow()).toEqual([undefined, 0]);
  });

  it('does nothing where nobody says how long it will be at work, as a version before did not', async () => {
    other(undefined, 100);
    expect(await follow()).toEqual([undefined, 0]);
  });

  it('runs in place of one that was killed meanwhile', async () => {
    const now = world.clock.now();
    await world.state.leaseTick('killed', now, now + 45 * SECOND, { worksUntil: now + 30 * SECOND });
    expect(await follow()).toEqual(['ran', 45]);
  });
});
