import { describe, expect, it } from 'vitest';
import {
  applyChange,
  type ConnectionState,
  type StateChange,
} from '../../../../functions/refresh/connection-state.ts';
import type { RefreshEvent } from '../../../../functions/refresh/ports/outside.ts';
import { announce, refreshEvent, withNotices } from '../../../../functions/refresh/steps/announce.ts';
import { RefreshWorld } from '../../../support/refresh-world.ts';
import { DAY, HOUR, MINUTE, NOW, SECOND, stateOf } from '../state-of.ts';

type Changes = Parameters<typeof stateOf>[0];
const REFRESHED: StateChange = { lastOutcome: 'refreshed', expiresAt: NOW + HOUR, dueAt: NOW + HOUR / 2 };
const FAILED: StateChange = { lastOutcome: 'retry-later', lastErrorCode: 'timeout', dueAt: NOW + 5 * MINUTE };
const LOST: StateChange = { ...FAILED, lastOutcome: 'needs-reauthorization', lastErrorAt: NOW };
const REFRESH = ['refresh_token'];

interface Told {
  readonly events: readonly RefreshEvent[];
  readonly types: readonly string[];
  readonly confirmed: readonly string[];
  readonly world: RefreshWorld;
  readonly logged: readonly (readonly [string, object])[];
}

/** What the world hears of a change that was committed. */
async function tell(before: ConnectionState, change: StateChange, grants?: readonly string[]): Promise<Told> {
  const world = new RefreshWorld();
  const events: RefreshEvent[] = [];
  const confirms: (readonly [string, () => Promise<void>])[] = [];
  const confirmed: string[] = [];
  const logged: (readonly [string, object])[] = [];
  const note = (level: string) => (_: string, details: object) => logged.push([level, details]);
  const ports = {
    ...world.ports(),
    log: { info: note('info'), warn: note('warn'), error: note('error') } as never,
    events: {
      add: (event: RefreshEvent, confirm?: () => Promise<void>) => {
        events.push(event);
        if (confirm) confirms.push([event.detailType, confirm]);
      },
      flush: async () => undefined,
    },
  };
  const conclusion = { outcome: 'refreshed', change, ...(grants && { grants }) } as const;
  const committed = withNotices(before, conclusion, world.clock.now(), ports);
  const after = applyChange(before, committed);
  world.state.items.set(after.name, after);
  announce(before, after, { ...conclusion, change: committed }, ports);
  for (const [type, confirm] of confirms) {
    await confirm();
    confirmed.push(type);
  }
  return { events, types: events.map(({ detailType }) => detailType), confirmed, world, logged };
}

describe('an event', () => {
  it('says how the connection stands, and nothing that is secret', () => {
    const state = stateOf({ lastOutcome: 'retry-later', lastErrorCode: 'timeout', expiresAt: NOW + HOUR });
    expect(refreshEvent('Refresh Failed', state, NOW)).toEqual({
      detailType: 'Refresh Failed',
      connection: 'crm',
      outcome: 'retry-later',
      health: 'retrying',
      code: 'timeout',
      expiresAt: '2026-01-01T01:00:00.000Z',
    });
  });

  it('of a connection that never came to anything leaves open what is not known', () => {
    expect(refreshEvent('Refresh Failed', stateOf(), NOW)).toMatchObject({
      outcome: 'retry-later',
      code: null,
      expiresAt: null,
    });
  });
});

describe('what the world hears', () => {
  const waiting = { lastOutcome: 'misconfigured', lastErrorAt: NOW - MINUTE } as const;
  /** Somebody was called a minute ago. */
  const called = (neededFor: string) => ({
    neededFor,
    neededSince: NOW - MINUTE,
    neededToldAt: NOW - MINUTE,
  });
  const ending = { refreshTokenExpiresAt: NOW + 13 * DAY, obtainedAt: NOW - DAY } as const;

  it.each<[string, Changes, StateChange, string[]]>([
    ['of a first refresh', {}, REFRESHED, ['Token Refreshed']],
    ['of another', { lastOutcome: 'refreshed' }, REFRESHED, ['Token Refreshed']],
    ['of one that follows on a failure', { lastOutcome: 'retry-later' }, REFRESHED, ['Token Refreshed']],
    [
      'of one for which somebody was called',
      { lastOutcome: 'retry-later', ...called('failing') },
      REFRESHED,
      ['Token Refreshed', 'Connection Recovered'],
    ],
    ['of a failure', { lastOutcome: 'refreshed' }, FAILED, ['Refresh Failed']],
    ['of one that needs a person', {}, LOST, ['Refresh Failed', 'Connection Needs Attention']],
    [
      'of the same once more',
      { lastOutcome: 'needs-reauthorization', ...called('needs-reauthorization') },
      LOST,
      ['Refresh Failed'],
    ],
    [
      'of the same after another trouble came between',
      { lastOutcome: 'retry-later', ...called('needs-reauthorization') },
      LOST,
      ['Refresh Failed'],
    ],
    [
      'of another trouble while somebody is called',
      { ...waiting, ...called('misconfigured') },
      FAILED,
      ['Refresh Failed'],
    ],
    [
      'of one that needs another person',
      { ...waiting, ...called('misconfigured') },
      LOST,
      ['Refresh Failed', 'Connection Needs Attention'],
    ],
    [
      'of one that needs more than to be looked at',
      { lastOutcome: 'retry-later', ...called('failing') },
      LOST,
      ['Refresh Failed', 'Connection Needs Attention'],
    ],
    [
      'of the same after something was done about it',
      { lastOutcome: 'retry-later', ...called('needs-reauthorization'), queuedAt: NOW },
      LOST,
      ['Refresh Failed', 'Connection Needs Attention'],
    ],
    [
      'of one that failed until its token had been gone for ten minutes',
      { lastOutcome: 'retry-later', failingSince: NOW - HOUR, expiresAt: NOW - 10 * MINUTE },
      FAILED,
      ['Refresh Failed', 'Connection Needs Attention'],
    ],
    [
      'of one a moment before that',
      { lastOutcome: 'retry-later', failingSince: NOW - HOUR, expiresAt: NOW - 10 * MINUTE + 1 },
      FAILED,
      ['Refresh Failed'],
    ],
    ['of a second send without an answer', {}, { ...FAILED, unansweredSends: 2 }, ['Refresh Failed']],
    [
      'of a refresh token that will end unused',
      { definition: { credentials: 'client', grants: REFRESH } },
      { ...REFRESHED, obtainedAt: NOW, refreshTokenExpiresAt: NOW + HOUR / 4 },
      ['Token Refreshed', 'Connection Needs Attention'],
    ],
    [
      'of a look at what was called for an hour ago',
      { ...waiting, ...called('misconfigured'), lastErrorAt: NOW - HOUR, neededToldAt: NOW - HOUR },
      { dueAt: NOW + MINUTE },
      ['Connection Needs Attention'],
    ],
    [
      'of the next look',
      { ...waiting, ...called('misconfigured'), lastErrorAt: NOW - HOUR, neededToldAt: NOW },
      { dueAt: NOW + MINUTE },
      [],
    ],
    ['of a look that tried nothing', { ...waiting, ...called('misconfigured') }, { dueAt: NOW + MINUTE }, []],
  ])('%s', async (_, before, change, types) => {
    expect((await tell(stateOf(before), change, REFRESH)).types).toEqual(types);
  });

  it.each<[string, Changes, number | null, readonly string[] | undefined, boolean]>([
    ['nears, and was not moved by refreshing', ending, NOW + 13 * DAY, REFRESH, true],
    ['came a little nearer', ending, NOW + 13 * DAY - HOUR, REFRESH, true],
    ['was moved by a rounding alone', ending, NOW + 13 * DAY + MINUTE, REFRESH, true],
    ['was moved', ending, NOW + 13 * DAY + MINUTE + 1, REFRESH, false],
    ['is not known any more', ending, null, REFRESH, false],
    ['was not known before', { obtainedAt: NOW - DAY }, NOW + 13 * DAY, REFRESH, false],
    ['is far', { ...ending, refreshTokenExpiresAt: NOW + 20 * DAY }, NOW + 20 * DAY, REFRESH, false],
    ['was told of today', { ...ending, obtainedAt: NOW - SECOND }, NOW + 13 * DAY - HOUR, REFRESH, false],
    ['was never looked at', { ...ending, obtainedAt: undefined }, NOW + 13 * DAY - HOUR, REFRESH, true],
    ['is no end, since another grant follows', ending, NOW + 13 * DAY, ['refresh_token', 'password'], false],
    ['is all that is known, not the grants', ending, NOW + 13 * DAY, undefined, true],
  ])('of an end of the refresh token that %s', async (_, before, refreshTokenExpiresAt, grants, warns) => {
    const change = { ...REFRESHED, refreshTokenExpiresAt };
    const { types } = await tell(stateOf(before), change, grants);
    expect(types.includes('Refresh Token Expiring')).toBe(warns);
    expect(types[0]).toBe('Token Refreshed');
  });
});

describe('notices', () => {
  it('are confirmed when they are told, and no other event is', async () => {
    const before = stateOf({ lastOutcome: 'retry-later', neededSince: NOW - HOUR });
    const { confirmed, world } = await tell(before, REFRESHED);
    expect(confirmed).toEqual(['Connection Recovered']);
    expect(world.state.items.get('crm')).not.toHaveProperty('untold');
    expect(world.state.items.get('crm')?.dueAt).toBe(NOW + HOUR / 2);
  });

  it('of a need carry it in the words of status', async () => {
    const failed = { ...LOST, lastErrorMessage: 'the refresh token is revoked', lastErrorAt: NOW };
    const { events, world } = await tell(stateOf(), failed);
    expect(events.map(({ detailType, need }) => [detailType, need])).toEqual([
      ['Refresh Failed', undefined],
      [
        'Connection Needs Attention',
        {
          code: 'timeout',
          message: 'the refresh token is revoked',
          remedy: expect.stringContaining('evertoken authorize crm'),
          since: '2026-01-01T00:00:00.000Z',
        },
      ],
    ]);
    expect(world.state.items.get('crm')).toMatchObject({
      neededSince: NOW,
      neededFor: 'needs-reauthorization',
      neededToldAt: NOW,
    });
  });

  it('of a need that is over are forgotten with it', async () => {
    const before = stateOf({ neededSince: NOW - DAY, neededFor: 'failing', neededToldAt: NOW - DAY });
    const { world } = await tell(before, REFRESHED);
    for (const key of ['neededSince', 'neededFor', 'neededToldAt']) {
      expect(world.state.items.get('crm')).not.toHaveProperty(key);
    }
  });

  it('that were left over are told with the next change, once', async () => {
    const before = stateOf({
      lastOutcome: 'refreshed',
      untold: ['Connection Recovered'],
      dueAfterTold: NOW + 9,
    });
    const { types, confirmed } = await tell(before, REFRESHED);
    expect(types).toEqual(['Token Refreshed', 'Connection Recovered']);
    expect(confirmed).toEqual(['Connection Recovered']);
  });

  it('are told without a word of a refresh', async () => {
    const { types, world, logged } = await tell(
      stateOf({ untold: ['Connection Recovered'], dueAfterTold: NOW + HOUR }),
      { dueAfterTold: NOW + HOUR },
    );
    expect(types).toEqual(['Connection Recovered']);
    expect(world.counted).toEqual([]);
    expect(logged).toEqual([]);
  });
});

describe('what operators see', () => {
  it('of a refresh is its count and when the next one is', async () => {
    const { world, logged } = await tell(stateOf({ expiresAt: NOW + 1 }), REFRESHED);
    expect(world.counted).toEqual(['TokensRefreshed']);
    const details = { connection: 'crm', expiresAt: NOW + HOUR, dueAt: NOW + HOUR / 2 };
    expect(logged).toEqual([['info', details]]);
  });

  it('of one that came when readers had nothing any more is that, at the very instant too', async () => {
    const { world } = await tell(stateOf({ expiresAt: NOW }), REFRESHED);
    expect(world.counted).toEqual(['TokensRefreshed', 'RefreshesLate']);
    expect((await tell(stateOf(), REFRESHED)).world.counted).toEqual(['TokensRefreshed']);
  });

  it('of a failure is its count, why, and when it is tried again', async () => {
    const { world, logged } = await tell(stateOf(), { ...FAILED, lastErrorMessage: 'no answer' });
    expect(world.counted).toEqual(['RefreshesFailed']);
    const details = { connection: 'crm', outcome: 'retry-later', code: 'timeout', reason: 'no answer' };
    expect(logged).toEqual([['warn', { ...details, dueAt: NOW + 5 * MINUTE }]]);
  });
});
