import { beforeEach, describe, expect, it } from 'vitest';
import type { Connection } from '../../../functions/connections/connection.ts';
import { isListingDue } from '../../../functions/refresh/list-declared.ts';
import { StoreError } from '../../../functions/refresh/ports/stores.ts';
import { reconcile } from '../../../functions/refresh/reconcile.ts';
import { declaring } from '../../support/declaring.ts';
import { RefreshWorld, ROTATING } from '../../support/refresh-world.ts';

const SECOND = 1_000;
const HOUR = 3_600_000;
let world: RefreshWorld;
let declared: Map<string, Connection>;
/** What every page takes, and what happens before it is given. */
let pageMs: number;
let beforePage: (after: string | undefined) => void;
let pages: number;

beforeEach(() => {
  world = new RefreshWorld();
  declared = new Map(Array.from({ length: 95 }, (_, index) => [`c${index}`, ROTATING]));
  pageMs = SECOND;
  beforePage = () => undefined;
  pages = 0;
});

/** One run of the schedule, of a function that has so many seconds. */
const run = (seconds = 300) => {
  const ports = { ...world.ports(), ...declaring(declared) };
  const { page } = ports.declared;
  const pacing = {
    ...ports,
    declared: {
      ...ports.declared,
      page: async (after?: string) => {
        pages += 1;
        beforePage(after);
        world.clock.advance(pageMs);
        return page(after);
      },
    },
  };
  const endsAt = world.clock.now() + seconds * SECOND;
  return world.clock.run(() => reconcile(pacing, { endsAt, isRoutine: true }));
};

describe('a listing', () => {
  it('that has no time left goes on with the next run, and nobody is missing before its end', async () => {
    await run();
    expect([pages, world.state.items.size]).toEqual([10, 95]);
    pages = 0;
    world.clock.advance(HOUR);
    declared.delete('c90');
    declared.set('c50', { ...ROTATING, scope: 'other' });
    // Three seconds beside those that it keeps.
    expect(await run(23)).toMatchObject({ registered: [] });
    expect(pages).toBe(3);
    expect(await world.state.lastListing()).toMatchObject({ declared: 30, next: 'c29' });
    world.clock.advance(HOUR);
    expect(await run()).toMatchObject({ registered: ['c50'], removed: [] });
    expect(pages).toBe(10);
    expect(await world.state.lastListing()).toEqual({
      startedAt: expect.any(Number),
      keptAt: world.clock.now(),
      declared: 94,
    });
    world.clock.advance(HOUR);
    expect((await run()).removed).toEqual(['c90']);
  });

  it('begins anew where the next page is not known any more', async () => {
    await run(23);
    declared = new Map([...declared].filter(([name]) => name !== 'c29'));
    world.clock.advance(HOUR);
    await run();
    expect(world.state.items.size).toBe(95);
    expect(world.logged.join()).toContain('begins anew');
    expect(await world.state.lastListing()).toMatchObject({ declared: 94 });
  });

  it('begins anew where it is too old, and where somebody asks for it', async () => {
    await run(23);
    world.clock.advance(2.5 * HOUR);
    await run(23);
    expect(await world.state.lastListing()).toMatchObject({ declared: 30, next: 'c29' });
    await reconcile({ ...world.ports(), ...declaring(declared) });
    expect(await world.state.lastListing()).not.toHaveProperty('next');
    expect(await world.state.lastListing()).toMatchObject({ declared: 95 });
  });

  it('waits while Parameter Store asks for less', async () => {
    let refusals = 6;
    beforePage = (after) => {
      if (after !== 'c49' || refusals === 0) return;
      refusals -= 1;
      throw new StoreError('transient', 'ThrottlingException', 'Rate exceeded');
    };
    const startedAt = world.clock.now();
    await run();
    expect(world.state.items.size).toBe(95);
    const waited = world.clock.now() - startedAt - 10 * pageMs;
    expect(waited).toBeGreaterThan(10 * SECOND);
    expect(waited).toBeLessThan(30 * SECOND);
  });

  it('fails where it stays refused, keeps how far it came, and goes on from there', async () => {
    let isRefused = true;
    beforePage = (after) => {
      if (after === 'c49' && isRefused) throw new StoreError('transient', 'InternalServerError', 'HTTP 500');
    };
    await expect(run()).rejects.toMatchObject({ code: 'InternalServerError' });
    expect(await world.state.lastListing()).toMatchObject({ declared: 50, next: 'c49' });
    isRefused = false;
    pages = 0;
    await run();
    expect([pages, world.state.items.size]).toEqual([5, 95]);
  });

  it('fails at once where it is denied', async () => {
    beforePage = () => {
      throw new StoreError('denied', 'AccessDeniedException', 'not authorized');
    };
    await expect(run()).rejects.toMatchObject({ kind: 'denied' });
    expect(pages).toBe(1);
    expect(await world.state.lastListing()).toBeUndefined();
  });

  it('keeps how far it came where the state table refuses', async () => {
    const register = world.state.register.bind(world.state);
    world.state.register = async (name, ...rest) => {
      if (name === 'c44') throw new StoreError('transient', 'ThrottlingException', 'slow down');
      return register(name, ...rest);
    };
    await expect(run()).rejects.toMatchObject({ code: 'ThrottlingException' });
    expect(await world.state.lastListing()).toMatchObject({ declared: 40, next: 'c39' });
  });

  it('is not begun where there is no time for it', async () => {
    await run(20);
    expect(pages).toBe(0);
    expect(await world.state.fleet()).toMatchObject({ registered: 0 });
  });
});

describe('what is listed by the hour', () => {
  const NOW = Date.UTC(2026, 0, 1);
  const last = (changes: object) => ({ startedAt: NOW, keptAt: NOW, declared: 10_000, ...changes });

  it.each([
    ['what was never listed', undefined, 0, true],
    ['ten thousand after an hour, which may be a little less', last({}), HOUR - 300_000, true],
    ['ten thousand not sooner', last({}), HOUR - 300_001, false],
    ['one more after two hours', last({ declared: 10_001 }), 2 * HOUR - 300_001, false],
    ['one more after two hours', last({ declared: 10_001 }), 2 * HOUR - 300_000, true],
    ['a hundred thousand after ten', last({ declared: 100_000 }), 10 * HOUR - 300_000, true],
    ['none', last({ declared: 0 }), HOUR, true],
    ['what was cut off, however many', last({ declared: 90_000, next: 'x' }), 1, true],
  ])('is %s', (_, listing, sinceMs, isDue) => {
    expect(isListingDue(listing, NOW + sinceMs)).toBe(isDue);
  });

  it('leaves the rest of a run as it is', async () => {
    await world.state.keepListing({
      startedAt: world.clock.now(),
      keptAt: world.clock.now(),
      declared: 50_000,
    });
    await run();
    expect(pages).toBe(0);
    expect(await world.state.fleet()).toMatchObject({ areWatched: true });
    expect(await reconcile({ ...world.ports(), ...declaring(declared) })).toMatchObject({
      registered: expect.arrayContaining(['c0', 'c94']),
    });
  });
});
