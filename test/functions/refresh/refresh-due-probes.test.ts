import { beforeEach, describe, expect, it } from 'vitest';
import { TokenError } from '../../../functions/oauth/token-error.ts';
import { refreshDue } from '../../../functions/refresh/refresh-due.ts';
import type { RefreshPorts } from '../../../functions/refresh/refresh-run.ts';
import { RefreshWorld } from '../../support/refresh-world.ts';

const SECOND = 1000;
const CLIENT = { grants: ['client_credentials'] };
const ORIGIN = 'https://idp.example.com';
const ELSEWHERE = 'https://slow.example.com/token';

let world: RefreshWorld;
let startedAt: number;
/** When each exchange at the origin began, in seconds, by the connection's scope. */
let sent: [string, number][];

beforeEach(() => {
  world = new RefreshWorld();
  startedAt = world.clock.now();
  sent = [];
});

/** Connections that share an origin, each known by its scope. */
async function fleet(...names: string[]) {
  for (const name of names) await world.connect(name, { ...CLIENT, scope: name });
}

/** The origin has failed, and is left alone until then, in seconds. */
const failed = (untilSeconds = 0) =>
  world.state.setCooldown(ORIGIN, {
    endsAt: startedAt + untilSeconds * SECOND,
    reason: 'connect_refused',
    failures: 1,
  });

/** What an exchange at the origin takes, in seconds; and one elsewhere, which keeps the tick at work. */
function takes({ seconds, elsewhere = 0, down = false }: Record<string, number | boolean>) {
  world.intercept = async ({ method, input }, effect) => {
    if (method !== 'exchange') return effect();
    const isElsewhere = input?.tokenUrl === ELSEWHERE;
    if (!isElsewhere) sent.push([input?.scope ?? '', (world.clock.now() - startedAt) / SECOND]);
    await world.clock.sleep(Number(isElsewhere ? elsewhere : seconds) * SECOND);
    if (down && !isElsewhere) throw new TokenError('never-sent', 'connect_refused', 'refused');
    return effect();
  };
}

/** One tick; `fraction` decides who probes. */
const tick = ({ fraction = 0, ...changes }: Partial<RefreshPorts> & { fraction?: number } = {}) => {
  const ports = world.ports();
  const random = { uuid: () => ports.random.uuid(), fraction: () => fraction };
  return world.clock.run(() =>
    refreshDue({ functionEndsAt: startedAt + 300 * SECOND }, { ...ports, random, ...changes }),
  );
};

describe('connections at an origin', () => {
  it('are refreshed at once where it has not failed', async () => {
    await fleet('a', 'b', 'c');
    takes({ seconds: 1 });
    await tick();
    expect(sent.map(([, at]) => at)).toEqual([0, 0, 0]);
  });

  it('wait for one that probes it where it has failed of late, each refreshed once', async () => {
    await fleet('a', 'b', 'c');
    await failed();
    takes({ seconds: 1 });
    const { due, results } = await tick();
    expect(sent.map(([, at]) => at)).toEqual([0, 1, 1]);
    expect(due).toBe(3);
    expect(results.map(({ connection, outcome }) => `${connection} ${outcome}`).sort()).toEqual([
      'a refreshed',
      'b refreshed',
      'c refreshed',
    ]);
  });

  it.each([
    ['the first', 0, 'a'],
    ['one in the middle', 0.5, 'b'],
    ['the last', 0.999, 'c'],
  ])('are probed by %s as chance will have it', async (_, fraction, name) => {
    await fleet('a', 'b', 'c');
    await failed();
    takes({ seconds: 1 });
    await tick({ fraction });
    expect(sent[0]).toEqual([name, 0]);
  });

  it('wait for the probe under way when they fall due during it', async () => {
    await fleet('a', 'late');
    await world.state.postpone('late', startedAt + 5 * SECOND);
    await failed();
    takes({ seconds: 20 });
    await tick();
    expect(sent).toEqual([
      ['a', 0],
      ['late', 20],
    ]);
  });

  it('are probed anew in the same tick when it failed again', async () => {
    await fleet('a', 'b', 'c');
    await world.connect('elsewhere', { ...CLIENT, tokenUrl: ELSEWHERE });
    await failed();
    takes({ seconds: 0, elsewhere: 80, down: true });
    await tick();
    expect(sent.map(([, at]) => at)).toEqual([0, 48]);
  });
});

describe('an origin that is left alone', () => {
  const PRESET = { credentials: 'client', grants: ['client_credentials'], provider: 'graceful' };

  it('makes its connections due when it is left alone no longer, at one write each', async () => {
    await fleet('a', 'b');
    await failed(45);
    takes({ seconds: 0 });
    expect(await tick()).toMatchObject({ due: 2, left: 0, results: [] });
    expect([...world.state.items.values()].map(({ dueAt }) => dueAt)).toEqual(
      Array(2).fill(startedAt + 45 * SECOND),
    );
    expect(
      world.calls
        .map(({ method }) => method)
        .filter((method) => !/tick|cooldowns|watched|fleet/i.test(method)),
    ).toEqual(['postpone', 'postpone']);
  });

  it('keeps nobody from being called for, at two more calls for each, once', async () => {
    await fleet('a', 'b');
    await failed(45);
    for (const name of ['a', 'b']) {
      const item = world.state.items.get(name);
      const expiresAt = startedAt - (name === 'a' ? 600 : 599) * SECOND;
      if (item) world.state.items.set(name, { ...item, lastOutcome: 'refreshed', expiresAt, queuedAt: 0 });
    }
    await tick();
    expect(world.events.map(({ connection, need }) => [connection, need?.code])).toEqual([
      ['a', 'left_alone'],
    ]);
    const made = world.calls
      .map(({ method }) => method)
      .filter((method) => !/tick|cooldowns|watched|fleet/i.test(method));
    expect(made.filter((method) => method !== 'postpone')).toEqual(['lease', 'commit', 'told']);
    expect(world.state.items.get('a')?.dueAt).toBe(startedAt + 45 * SECOND);
    expect(sent).toEqual([]);
    await tick();
    expect(world.events).toHaveLength(1);
  });

  it('is known by a preset’s URL too, and no preset is looked for where none is named', async () => {
    await fleet('plain');
    await world.state.register('preset', PRESET, startedAt);
    await failed(45);
    const asked: string[] = [];
    const { presets } = world.ports();
    const noted = async (id: string) => {
      asked.push(id);
      return presets(id);
    };
    expect(await tick({ presets: noted })).toMatchObject({ due: 2, results: [] });
    expect(asked).toEqual(['graceful']);
  });

  it('is asked for only by those whose origin is known', async () => {
    await world.state.register('odd', { ...PRESET, provider: 'gone' }, startedAt);
    expect((await tick()).results).toMatchObject([{ connection: 'odd', outcome: 'misconfigured' }]);
    expect(world.calls.filter(({ method }) => method === 'cooldowns')).toEqual([]);
  });
});
