import { beforeEach, describe, expect, it } from 'vitest';
import type { Connection } from '../../../functions/connections/connection.ts';
import { StoreError } from '../../../functions/refresh/ports/stores.ts';
import { reconcile } from '../../../functions/refresh/reconcile.ts';
import { RefreshWorld, ROTATING } from '../../support/refresh-world.ts';

const DAY = 24 * 3_600_000;
let world: RefreshWorld;
let declared: Map<string, Connection | StoreError>;

beforeEach(() => {
  world = new RefreshWorld();
  declared = new Map([['crm', ROTATING]]);
});

const ports = (listed = declared) => ({
  ...world.ports(),
  declared: {
    get: async (name: string) => {
      const definition = declared.get(name);
      if (definition instanceof StoreError) throw definition;
      return definition;
    },
    async *list() {
      for (const [name, definition] of listed) yield { name, definition };
    },
  },
});

const run = (listed?: typeof declared) => reconcile(ports(listed));

describe('reconciling', () => {
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

  it('removes what is not declared any more', async () => {
    await run();
    declared.delete('crm');
    expect((await run()).removed).toEqual(['crm']);
  });

  it('removes nothing that a listing merely missed', async () => {
    await run();
    expect((await run(new Map())).removed).toEqual([]);
  });

  it('asks by name only for what the listing missed', async () => {
    await run();
    declared.set('odd', new StoreError('malformed', 'malformed', 'not JSON'));
    world.state.items.set('odd', { ...(await world.state.get('crm')), name: 'odd' } as never);
    const asking = ports();
    const asked: string[] = [];
    asking.declared.get = async (name) => void asked.push(name);
    await reconcile(asking);
    expect(asked).toEqual([]);
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
    expect(await run(new Map())).toMatchObject({ removed: [], unreadable: [] });
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
    const unregister = world.state.unregister.bind(world.state);
    world.state.unregister = async () => false;
    expect((await run()).removed).toEqual([]);
    expect(world.logged).toEqual([]);
    world.state.unregister = unregister;
    expect((await run()).removed).toEqual(['crm']);
    expect(world.logged).toEqual([expect.stringMatching(/^info .*"connection":"crm"/)]);
  });

  it('warns of a paused connection whose refresh token will die, once a day from 14 days ahead', async () => {
    await run();
    const item = world.state.items.get('crm');
    if (!item) throw new Error('not registered');
    world.state.items.set('crm', {
      ...item,
      paused: true,
      refreshTokenExpiresAt: world.clock.now() + 20 * DAY,
    });
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
    const known = { name, schema: 1, definition, dueAt: 0, generation: 1, failures: 0, writesByHour: {} };
    // Thirteen days before the end, within the hour in which that day began.
    const refreshTokenExpiresAt = world.clock.now() + 13 * DAY;
    world.state.items.set(name, { ...known, paused: true, refreshTokenExpiresAt, ...changes });
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
    expect(await warned()).toEqual(all.map((name) => `Refresh Token Expiring: ${name}`));
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
    hold('gone', ROTATING);
    declared.clear();
    expect(await warned()).toEqual([]);
  });
});

describe('a connection that is in need', () => {
  const needs = (changes: object) => {
    const known = { name: 'crm', schema: 1, definition: ROTATING, dueAt: 0, generation: 1, failures: 0 };
    world.state.items.set('crm', { ...known, writesByHour: {}, ...changes });
  };
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
    const known = { name, schema: 1, definition: ROTATING, dueAt: 0, generation: 1, failures: 0 };
    world.state.items.set(name, { ...known, writesByHour: {}, ...changes });
  };

  it('is how many are registered and paused, those of this run too, removed ones not', async () => {
    item('a', {});
    item('b', { paused: true });
    item('gone', {});
    declared.delete('gone');
    await run();
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
