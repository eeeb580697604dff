import { beforeEach, describe, expect, it } from 'vitest';
import type { ConnectionState } from '../../../functions/refresh/connection-state.ts';
import { StoreError } from '../../../functions/refresh/ports/stores.ts';
import { refreshDue } from '../../../functions/refresh/refresh-due.ts';
import type { RefreshPorts } from '../../../functions/refresh/refresh-run.ts';
import { RefreshWorld } from '../../support/refresh-world.ts';
import { HOUR, MINUTE, stateOf } from './state-of.ts';

let world: RefreshWorld;
let ports: RefreshPorts;
let gauges: Map<string, number>;
let now: number;

beforeEach(async () => {
  world = new RefreshWorld();
  gauges = new Map();
  const gauge = (name: string, value: number) => void gauges.set(name, value);
  ports = { ...world.ports(), metrics: { count: (name) => void world.counted.push(name), gauge } };
  now = world.clock.now();
  await reconciled();
});

const reconciled = (changes: object = {}) =>
  world.state.noteFleet({
    at: now,
    registered: 3,
    paused: 0,
    areWatched: true,
    refreshTokenEnds: [],
    ...changes,
  });
const tick = () => refreshDue({ functionEndsAt: world.clock.now() + 300_000 }, ports);
const called = () => world.calls.filter(({ port }) => port === 'state').map(({ method }) => method);

/** A connection as its last commit left it. */
function stands(name: string, changes: Partial<ConnectionState> = {}): void {
  const dueAt = now + 50 * MINUTE;
  const fine = { lastOutcome: 'refreshed', expiresAt: now + HOUR, dueAt, watchAt: dueAt } as const;
  world.state.items.set(name, { ...stateOf({ ...fine, ...changes }), name });
}

describe('a tick with nothing to do', () => {
  it('looks once, keeps its record, and measures by what it saw', async () => {
    stands('fine');
    stands('called', { lastOutcome: 'misconfigured', needAt: now - 1, watchAt: now - 1 });
    expect(await tick()).toEqual({ skipped: false, due: 0, left: 0, results: [] });
    expect(called()).toEqual(['watched', 'noteIdleTick']);
    expect(await world.state.lastTick()).toMatchObject({ startedAt: now, endedAt: now, due: 0 });
    expect(world.counted).toEqual(['TicksEnded']);
    expect(Object.fromEntries(gauges)).toMatchObject({
      ConnectionsDue: 0,
      OldestDueSeconds: 0,
      ConnectionsNeedingAttention: 1,
      ConnectionsHealthy: 1,
      SoonestExpirySeconds: 3600,
    });
  });

  it('need not have seen everybody, where it saw one that need not be looked at yet', async () => {
    for (let index = 0; index < 300; index += 1) stands(`c${index}`);
    await tick();
    expect(called()).toEqual(['watched', 'noteIdleTick']);
  });
});

describe('a tick looks closer', () => {
  it('where one of the first is due, though somebody is needed for it since long', async () => {
    await world.connect('crm', { grants: ['client_credentials'] });
    stands('called', { lastOutcome: 'misconfigured', needAt: 0, watchAt: 0 });
    const { results } = await tick();
    expect(results).toMatchObject([{ connection: 'crm', outcome: 'refreshed' }]);
  });

  it('where all that it saw must be looked at already: somebody behind them may be due', async () => {
    for (let index = 0; index < 200; index += 1) stands(`c${index}`, { needAt: now, watchAt: now });
    stands('behind', { dueAt: now, watchAt: now });
    expect((await tick()).due).toBe(1);
  });

  it.each([
    ['reconciling has never run', { areWatched: undefined }],
    ['it has not run for two and a half hours', { at: 0 }],
  ])('where nobody knows that everyone is watched: %s', async (_, changes) => {
    await reconciled(changes);
    stands('unwatched', { dueAt: now });
    const { watchAt: __, ...item } = world.state.items.get('unwatched') as ConnectionState;
    world.state.items.set('unwatched', item);
    expect((await tick()).due).toBe(1);
  });

  it('where the index cannot be read, as while it is being built', async () => {
    stands('due', { dueAt: now });
    world.state.watched = async () => {
      throw new StoreError('transient', 'ResourceNotFoundException', 'no such index');
    };
    expect((await tick()).due).toBe(1);
  });

  it('and fails when the table cannot be reached at all', async () => {
    const refused = async () => {
      throw new StoreError('denied', 'AccessDeniedException', 'not authorized');
    };
    world.state.watched = refused;
    world.state.leaseTick = refused;
    await expect(tick()).rejects.toThrow(StoreError);
    expect(world.counted).toEqual([]);
  });

  it('and leaves it to another tick that runs', async () => {
    stands('fine');
    await world.state.leaseTick('other', now, now + MINUTE);
    expect(await tick()).toMatchObject({ skipped: true });
    expect(world.counted).toEqual([]);
  });
});
