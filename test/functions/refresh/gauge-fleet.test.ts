import { beforeEach, describe, expect, it } from 'vitest';
import type { ConnectionState } from '../../../functions/refresh/connection-state.ts';
import { gaugeFleet } from '../../../functions/refresh/gauge-fleet.ts';
import { StoreError } from '../../../functions/refresh/ports/stores.ts';
import { RefreshWorld } from '../../support/refresh-world.ts';
import { DAY, HOUR, MINUTE, stateOf } from './state-of.ts';

let world: RefreshWorld;
let now: number;

beforeEach(() => {
  world = new RefreshWorld();
  now = world.clock.now();
});

async function measured(): Promise<Record<string, number>> {
  const gauges = new Map<string, number>();
  const gauge = (name: string, value: number) => void gauges.set(name, value);
  await gaugeFleet({ ...world.ports(), metrics: { count: () => undefined, gauge } });
  return Object.fromEntries(gauges);
}

/** A connection as its last commit left it. */
function stands(name: string, changes: Partial<ConnectionState> = {}): void {
  const fine = {
    lastOutcome: 'refreshed',
    expiresAt: now + HOUR,
    needAt: now + 2 * HOUR,
    dangerAt: now + HOUR,
  } as const;
  const state = stateOf({ ...fine, watchAt: now + HOUR, ...changes });
  world.state.items.set(name, { ...state, name });
}

describe('the gauges of a tick', () => {
  it('count who needs a person, whose token is in danger, how all stand, and the soonest expiry', async () => {
    stands('fine');
    stands('called', { lastOutcome: 'misconfigured', needAt: now, watchAt: now });
    stands('late', { lastOutcome: 'retry-later', dangerAt: now, watchAt: now, expiresAt: now + 2 * MINUTE });
    stands('gone', { lastOutcome: 'retry-later', needAt: now, dangerAt: now - HOUR, watchAt: now - HOUR });
    stands('paused', { paused: true });
    await world.state.noteFleet({ at: now, registered: 5, paused: 1, refreshTokenEnds: [] });
    expect(await measured()).toEqual({
      ConnectionsNeedingAttention: 2,
      TokensEndangered: 2,
      SoonestExpirySeconds: 120,
      ConnectionsHealthy: 1,
      ConnectionsMisconfigured: 1,
      ConnectionsRetrying: 1,
      ConnectionsFailing: 1,
      ConnectionsPaused: 1,
      RefreshTokensEnding: 0,
    });
  });

  it('say nothing of an expiry where there is none, and zero of what calls for somebody', async () => {
    expect(await measured()).toEqual({
      ConnectionsNeedingAttention: 0,
      TokensEndangered: 0,
      ConnectionsHealthy: 0,
      RefreshTokensEnding: 0,
    });
  });

  it('count a connection that never had a token, once it should have', async () => {
    await world.connect('new');
    expect(await measured()).toMatchObject({ ConnectionsNeedingAttention: 0, ConnectionsNew: 1 });
    world.clock.advance(10 * MINUTE);
    expect(await measured()).toMatchObject({ ConnectionsNeedingAttention: 1, ConnectionsFailing: 1 });
  });

  it('look at 200, and count those behind them as well, since nobody need look at them yet', async () => {
    for (let index = 0; index < 230; index += 1) {
      stands(`c${index}`, index < 3 ? { lastOutcome: 'retry-later', dangerAt: now, watchAt: now } : {});
    }
    await world.state.noteFleet({ at: now, registered: 233, paused: 3, refreshTokenEnds: [] });
    expect(await measured()).toMatchObject({
      TokensEndangered: 3,
      ConnectionsHealthy: 227,
      ConnectionsPaused: 3,
    });
  });

  it('know of nobody behind them before reconciling has counted, nor where it counts fewer', async () => {
    for (let index = 0; index < 201; index += 1) stands(`c${index}`);
    expect(await measured()).toMatchObject({ ConnectionsHealthy: 200 });
    await world.state.noteFleet({ at: now, registered: 10, paused: 0, refreshTokenEnds: [] });
    const gauges = await measured();
    expect(gauges).toMatchObject({ ConnectionsHealthy: 200 });
    expect(gauges).not.toHaveProperty('ConnectionsPaused');
  });

  it('know by the minute which refresh tokens end in less than 14 days', async () => {
    const refreshTokenEnds = [now + 14 * DAY, now + 15 * DAY];
    await world.state.noteFleet({ at: now, registered: 2, paused: 0, refreshTokenEnds });
    expect(await measured()).toMatchObject({ RefreshTokensEnding: 0 });
    world.clock.advance(1);
    expect(await measured()).toMatchObject({ RefreshTokensEnding: 1 });
  });

  it('fail no tick where the state cannot be read', async () => {
    world.intercept = async (call, effect) => {
      if (call.method === 'watched') throw new StoreError('transient', 'Slow', 'slow');
      return effect();
    };
    expect(await measured()).toEqual({});
    world.intercept = async () => {
      throw new TypeError('words that nobody foresaw');
    };
    expect(await measured()).toEqual({});
    expect(world.logged).toEqual([
      expect.stringContaining('could not be measured {"code":"Slow"}'),
      expect.stringContaining('could not be measured {"code":"unexpected"}'),
    ]);
  });
});
