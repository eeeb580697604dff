import { beforeEach, describe, expect, it } from 'vitest';
import type { Connection } from '../../../functions/connections/connection.ts';
import { applyChange, type ConnectionState } from '../../../functions/refresh/connection-state.ts';
import { StoreError } from '../../../functions/refresh/ports/stores.ts';
import { reconcile } from '../../../functions/refresh/reconcile.ts';
import { watchOf } from '../../../functions/refresh/rules/watch.ts';
import { declaring } from '../../support/declaring.ts';
import { RefreshWorld, ROTATING } from '../../support/refresh-world.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
let world: RefreshWorld;
let declared: Map<string, Connection | StoreError>;

beforeEach(() => {
  world = new RefreshWorld();
  declared = new Map([['crm', ROTATING]]);
});

const ports = (listed = declared) => ({ ...world.ports(), ...declaring(declared, listed) });

const run = (listed?: typeof declared) => reconcile(ports(listed));
/** As it comes, an hour after the last. */
const nextRun = (listed?: typeof declared) => {
  world.clock.advance(HOUR);
  return run(listed);
};

/** An item as commits leave it. */
const put = (name: string, changes: object) => {
  const known = {
    name,
    schema: 1,
    definition: ROTATING,
    dueAt: 0,
    generation: 1,
    failures: 0,
    writesByHour: {},
  };
  const item = { ...known, ...changes } as ConnectionState;
  world.state.items.set(name, applyChange(item, watchOf(item)));
};

describe('reconciling', () => {
  it('registers many so that those who have a token need not stand behind all who never had one', async () => {
    declared.clear();
    for (let index = 0; index < 1_300; index += 1)
      declared.set(`c${index}`, { ...ROTATING, grants: ['client_credentials'] });
    await run();
    const dues = [...world.state.items.values()].map(({ dueAt }) => dueAt - world.clock.now());
    expect(dues.filter((at) => at === 0)).toHaveLength(1_201);
    // 99 more, at about a third of 20 a second.
    expect(Math.max(...dues)).toBe(Math.ceil((99 / 20 / 0.35) * 1000));
  });

  it('registers what is declared, once, due at once', async () => {
    expect(await run()).toEqual({ registered: ['crm'], removed: [], unreadable: [] });
    expect(world.state.items.get('crm')?.dueAt).toBe(world.clock.now());
    expect((await run()).registered).toEqual([]);
  });

  it('takes over a changed declaration', async () => {
    await run();
    declared.set('crm', { ...ROTATING, scope: 'read' });
    expect((await run()).registered).toEqual(['crm']);
    expect(world.state.items.get('crm')?.definition.scope).toBe('read');
  });

  it('removes what two runs did not find declared, the second by its name alone', async () => {
    await run();
    declared.delete('crm');
    expect((await nextRun()).removed).toEqual([]);
    expect((await nextRun()).removed).toEqual(['crm']);
    expect((await nextRun()).removed).toEqual([]);
  });

  it('removes nothing that a listing merely missed, however often', async () => {
    await run();
    for (let hours = 0; hours < 3; hours += 1) expect((await nextRun(new Map())).removed).toEqual([]);
  });

  it('forgets that a declaration was missed once it is found', async () => {
    await run();
    declared.delete('crm');
    await nextRun();
    declared.set('crm', ROTATING);
    await nextRun();
    declared.delete('crm');
    expect((await nextRun()).removed).toEqual([]);
    expect(world.state.items.get('crm')).not.toHaveProperty('removedAt');
  });

  it('registers again what it removed, should the listing have it all the same', async () => {
    await run();
    declared.delete('crm');
    await nextRun();
    const listed = new Map([['crm', ROTATING]]);
    expect(await nextRun(listed)).toMatchObject({ removed: ['crm'], registered: ['crm'] });
    expect(world.state.items.get('crm')).not.toHaveProperty('removedAt');
  });

  it('asks for nobody who did not change, and for nothing of them', async () => {
    for (let index = 0; index < 25; index += 1)
      declared.set(`c${index}`, { ...ROTATING, scope: `s${index}` });
    await run();
    declared.set('c7', { ...ROTATING, scope: 'other' });
    world.calls.length = 0;
    expect((await run()).registered).toEqual(['c7']);
    const calls = world.calls.map(({ method, connection }) => `${method} ${connection}`);
    expect(calls.filter((call) => /c\d|crm/.test(call))).toEqual(['register c7']);
  });

  it('registers once more what is misconfigured: its item may have been changed past all checks', async () => {
    await run();
    const item = world.state.items.get('crm') as ConnectionState;
    world.state.items.set('crm', { ...item, definition: {} as never, lastOutcome: 'misconfigured' });
    expect((await nextRun()).registered).toEqual(['crm']);
    expect(world.state.items.get('crm')).toMatchObject({ definition: ROTATING });
  });

  it('gives those a place among the watched that an earlier version registered, once', async () => {
    const { watchAt: _, ...item } = (await run().then(() => world.state.get('crm'))) as ConnectionState;
    await world.state.noteFleet({ at: 0, registered: 2, paused: 0, refreshTokenEnds: [] });
    for (const name of ['crm', 'undeclared']) world.state.items.set(name, { ...item, name });
    world.state.items.set('newer', { ...item, name: 'newer', unreadable: ['schema'] });
    await nextRun();
    expect(world.state.items.get('undeclared')).toMatchObject({ watchAt: expect.any(Number) });
    expect(world.state.items.get('newer')).not.toHaveProperty('watchAt');
    expect(await world.state.fleet()).toMatchObject({ areWatched: true, registered: 2 });
    world.calls.length = 0;
    expect((await nextRun()).removed).toEqual(['undeclared']);
    expect(world.calls.map(({ method }) => method)).not.toContain('list');
  });

  it('leaves what a newer version wrote to it', async () => {
    await run();
    declared.delete('crm');
    const older = ports();
    const { state } = older;
    older.state.get = async () => {
      throw new StoreError('malformed', 'NewerSchema', 'schema 2');
    };
    for (let hours = 0; hours < 3; hours += 1) {
      world.clock.advance(HOUR);
      expect((await reconcile({ ...older, state })).removed).toEqual([]);
    }
  });

  it('asks by name only for what the listing missed', async () => {
    await run();
    declared.set('odd', new StoreError('malformed', 'malformed', 'not JSON'));
    for (const name of ['odd', 'lost']) put(name, {});
    const asking = ports();
    const asked: string[] = [];
    asking.declared.get = async (name) => void asked.push(name);
    await reconcile(asking);
    expect(asked).toEqual(['lost']);
  });

  it('leaves a connection alone whose declaration cannot be read', async () => {
    await run();
    declared.set('crm', new StoreError('malformed', 'malformed', 'grants: expected an array'));
    expect(await run()).toEqual({ registered: [], removed: [], unreadable: ['crm'] });
    expect(world.state.items.get('crm')).not.toHaveProperty('removedAt');
    expect(world.logged).toEqual([expect.stringMatching(/^warn .*"connection":"crm".*expected an array/)]);
  });

  it('removes nothing that a listing missed and that cannot be read', async () => {
    await run();
    declared.set('crm', new StoreError('transient', 'Throttled', 'slow down'));
    for (let hours = 0; hours < 3; hours += 1) {
      expect(await nextRun(new Map())).toMatchObject({ removed: [], unreadable: [] });
    }
  });

  it('fails for what is no failure of a store: that is a bug', async () => {
    await run();
    const broken = ports(new Map());
    broken.declared.get = () => Promise.reject(new TypeError('a bug'));
    await expect(reconcile(broken)).rejects.toThrow('a bug');
  });

  it('says what it removed, and nothing of what is only noted as missing', async () => {
    await run();
    declared.delete('crm');
    await nextRun();
    expect(world.logged).toEqual([]);
    await nextRun();
    expect(world.logged).toEqual([expect.stringMatching(/^info .*"connection":"crm"/)]);
  });

  it('warns of a paused connection whose refresh token will die, once a day from 14 days ahead', async () => {
    await run();
    put('crm', { paused: true, refreshTokenExpiresAt: world.clock.now() + 20 * DAY });
    for (let hour = 0; hour < 20 * 24; hour += 1) {
      world.clock.advance(3_600_000);
      await run();
    }
    const warnings = world.events.filter(({ detailType }) => detailType === 'Refresh Token Expiring');
    expect(warnings).toHaveLength(15);
  });
});

describe('a warning for a paused connection', () => {
  const hold = (name: string, definition: Connection, changes: object = {}) => {
    declared.set(name, definition);
    // Thirteen days before the end, within the hour in which that day began.
    const refreshTokenExpiresAt = world.clock.now() + 13 * DAY;
    put(name, { definition, paused: true, refreshTokenExpiresAt, ...changes });
  };
  const warned = async () => {
    await run();
    return world.events.map(({ detailType, connection }) => `${detailType}: ${connection}`);
  };

  it('comes where the refresh token is all that it has: as declared, by its preset, or by default', async () => {
    declared.clear();
    const { grants: _, ...unsaid } = ROTATING;
    hold('declared', ROTATING);
    hold('by-preset', { provider: 'graceful', credentials: 'client' });
    hold('by-default', unsaid);
    hold('by-a-preset-that-is-gone', { provider: 'gone', credentials: 'client' });
    const all = ['declared', 'by-preset', 'by-default', 'by-a-preset-that-is-gone'];
    expect((await warned()).sort()).toEqual(all.map((name) => `Refresh Token Expiring: ${name}`).sort());
  });

  it('does not come where the grants of its preset go on, and asks for no preset without a name', async () => {
    declared.clear();
    hold('by-preset', { provider: 'graceful', credentials: 'client' });
    const { grants: _, ...unsaid } = ROTATING;
    hold('by-default', unsaid);
    const presets = async (id: string) => ({ grants: [id === 'graceful' ? 'password' : 'unasked'] }) as never;
    await reconcile({ ...ports(), presets });
    expect(world.events.map(({ connection }) => connection)).toEqual(['by-default']);
  });

  it('does not come where another grant follows, or where it is not paused', async () => {
    declared.clear();
    hold('another', { ...ROTATING, grants: ['refresh_token', 'client_credentials'] });
    hold('running', ROTATING, { paused: undefined, expiresAt: world.clock.now() + 1 });
    hold('told', ROTATING, { refreshTokenExpiresAt: world.clock.now() + 13 * DAY - 3_600_000 });
    expect(await warned()).toEqual([]);
  });

  it('does not come for one that is removed in the same run', async () => {
    hold('gone', ROTATING, { refreshTokenExpiresAt: world.clock.now() + 13 * DAY + HOUR });
    declared.clear();
    expect(await warned()).toEqual([]);
    world.clock.advance(HOUR);
    expect(await warned()).toEqual([]);
    expect(world.state.items.get('gone')).toHaveProperty('removedAt');
  });
});

describe('a connection that is in need', () => {
  const needs = (changes: object) => put('crm', changes);
  const called = () =>
    world.events
      .filter(({ detailType }) => detailType === 'Connection Needs Attention')
      .map(({ need }) => need);

  it('is called for where no tick does: at once, after an hour and daily', async () => {
    const now = world.clock.now();
    needs({ lastOutcome: 'refreshed', expiresAt: now - 600_000, dueAt: now - 1_200_000 });
    const calls: number[] = [];
    for (let hour = 0; hour <= 49; hour += 1) {
      await run();
      if (called().length > calls.length) calls.push(hour);
      world.clock.advance(3_600_000);
    }
    expect(calls).toEqual([0, 1, 24, 48]);
    expect(called()[0]).toMatchObject({ code: 'not_tried', since: new Date(now).toISOString() });
    // It stays as due as it was: the first tick that comes refreshes it.
    expect(world.state.items.get('crm')?.dueAt).toBe(now - 1_200_000);
  });

  it('is left to the ticks where they have called', async () => {
    const now = world.clock.now();
    const told = { neededSince: now, neededFor: 'misconfigured', neededToldAt: now };
    needs({ lastOutcome: 'misconfigured', lastErrorCode: 'invalid_client', lastErrorAt: now, ...told });
    await run();
    expect(called()).toEqual([]);
  });

  it('keeps nobody else from being called when the table refuses', async () => {
    const now = world.clock.now();
    needs({ lastOutcome: 'refreshed', expiresAt: now - 600_000 });
    const refusing = { ...ports(), state: world.ports().state };
    refusing.state.lease = async () => {
      throw new StoreError('transient', 'ThrottlingException', 'UpdateItem: slow down');
    };
    await reconcile(refusing);
    expect(called()).toEqual([]);
    expect(await world.state.fleet()).toMatchObject({ registered: 1 });
  });
});

describe('what the ticks measure by', () => {
  const now = () => world.clock.now();
  const item = (name: string, changes: object) => {
    declared.set(name, { ...ROTATING, ...changes });
    put(name, changes);
  };

  it('is how many are registered and paused, those of this run too, removed ones not', async () => {
    item('a', {});
    item('b', { paused: true });
    item('gone', {});
    declared.delete('gone');
    await run();
    expect(await world.state.fleet()).toMatchObject({ registered: 4 });
    await nextRun();
    expect(await world.state.fleet()).toEqual({
      at: now(),
      registered: 3,
      paused: 1,
      areWatched: true,
      refreshTokenEnds: [],
    });
  });

  it('is when refresh tokens end that refreshing does not move, the soonest first, twenty at most', async () => {
    declared.clear();
    const end = (days: number) => ({ refreshTokenExpiresAt: now() + days * DAY });
    item('moves', end(1));
    item('stays', { ...end(40), endStays: true });
    item('paused', { ...end(20), paused: true });
    item('another grant', {
      ...end(2),
      endStays: true,
      definition: { ...ROTATING, grants: ['refresh_token', 'client_credentials'] },
    });
    await run();
    expect((await world.state.fleet())?.refreshTokenEnds).toEqual([now() + 20 * DAY, now() + 40 * DAY]);
    for (let days = 1; days <= 30; days += 1) item(`c${days}`, { ...end(100 + days), endStays: true });
    await run();
    expect((await world.state.fleet())?.refreshTokenEnds).toHaveLength(20);
  });
});
