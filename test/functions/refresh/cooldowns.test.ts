import { beforeEach, describe, expect, it } from 'vitest';
import { RFC_PRESET, resolveConnection } from '../../../functions/connections/resolve-connection.ts';
import { identityRulesSchema } from '../../../functions/oauth/assertion-rules.ts';
import { TokenError, type TokenErrorKind } from '../../../functions/oauth/token-error.ts';
import {
  type CooldownKeys,
  Cooldowns,
  cooldownKeys,
  originOf,
} from '../../../functions/refresh/cooldowns.ts';
import { TIMING } from '../../../functions/refresh/rules/timing.ts';
import { MemoryState } from '../../support/memory-state.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';
import { HOUR, MINUTE, NOW, SECOND } from './state-of.ts';

const ORIGIN = 'https://idp.example.com';
const KEYS: CooldownKeys = { origin: ORIGIN, client: `${ORIGIN}#client` };
/** RFC 6749 with the one thing that it does not say. */
const TRUSTING = { ...RFC_PRESET, identity: identityRulesSchema.parse({ use: 'client', audience: 'x' }) };
const NEIGHBOUR: CooldownKeys = { origin: ORIGIN, client: `${ORIGIN}#neighbour` };

let state: MemoryState;
let clock: VirtualClock;
let cooldowns: Cooldowns;

const process = () => new Cooldowns(state, clock, TIMING);
const error = (kind: TokenErrorKind, code = 'code', retryAfterMs?: number) =>
  new TokenError(kind, code, 'words', { retryAfterMs });
/** For how long a connection is left alone, in milliseconds. */
const blocked = (keys = KEYS, by = cooldowns) => {
  const until = by.blockedUntil(keys);
  return until === undefined ? 0 : until - clock.now();
};

beforeEach(() => {
  state = new MemoryState();
  clock = new VirtualClock(NOW);
  cooldowns = process();
});

describe('what connections share', () => {
  const resolved = (changes: object) =>
    resolveConnection('crm', { credentials: 'client', ...changes } as never, TRUSTING);

  it.each<[string, object, CooldownKeys]>([
    ['a token URL', { tokenUrl: `${ORIGIN}/token?x=1` }, KEYS],
    ['an issuer, where only that is known', { issuer: `${ORIGIN}/tenant` }, KEYS],
    [
      'a port of its own',
      { tokenUrl: `${ORIGIN}:8443/token` },
      { origin: `${ORIGIN}:8443`, client: `${ORIGIN}:8443#client` },
    ],
    [
      'a secret of its own',
      { tokenUrl: `${ORIGIN}/token`, credentials: { secretArn: 'arn:x', fields: {} } },
      { origin: ORIGIN, client: `${ORIGIN}#arn:x` },
    ],
    [
      'the role’s own identity',
      {
        tokenUrl: `${ORIGIN}/token`,
        credentials: undefined,
        identity: 'aws',
        clientId: 'public',
      },
      { origin: ORIGIN, client: `${ORIGIN}#identity:aws:public` },
    ],
  ])('is the origin of %s, and the client there', (_, changes, keys) => {
    expect(cooldownKeys(resolved(changes))).toEqual(keys);
    expect(originOf(resolved(changes))).toBe(keys.origin);
  });

  it.each<[string, object]>([
    ['nothing is known', { tokenUrl: undefined }],
    ['a URL is none', { tokenUrl: 'not a URL' }],
  ])('is nothing where %s', (_, changes) => {
    const connection = { ...resolved({ tokenUrl: ORIGIN }), ...changes };
    expect(cooldownKeys(connection)).toBeUndefined();
    expect(originOf(connection)).toBe('');
  });
});

describe('a client that is throttled', () => {
  it('is left alone for a minute, and no other client at its origin', async () => {
    await cooldowns.failed(KEYS, error('throttled', 'http_429'));
    expect(blocked()).toBe(MINUTE);
    expect(blocked(NEIGHBOUR)).toBe(0);
    expect(cooldowns.originBlockedUntil(KEYS)).toBeUndefined();
    expect(state.cooldownItems).toEqual(
      new Map([[KEYS.client, { endsAt: NOW + MINUTE, reason: 'http_429', failures: 1 }]]),
    );
  });

  it('is left alone for longer each time, up to a quarter of an hour', async () => {
    const waits: number[] = [];
    for (let times = 0; times < 7; times += 1) {
      await cooldowns.failed(KEYS, error('throttled'));
      waits.push(blocked() / MINUTE);
    }
    expect(waits).toEqual([1, 1, 2, 4, 8, 15, 15]);
  });

  it('is left alone for as long as Retry-After says, at least a minute and at most an hour', async () => {
    const cooled = async (ms: number) => {
      await cooldowns.failed(KEYS, error('throttled', 'code', ms));
      return blocked();
    };
    expect(await cooled(SECOND)).toBe(MINUTE);
    expect(await cooled(5 * MINUTE)).toBe(5 * MINUTE);
    expect(await cooled(9 * HOUR)).toBe(HOUR);
    await cooldowns.failed(KEYS, error('throttled', 'client_refused', 5 * MINUTE));
    expect(blocked()).toBe(5 * MINUTE);
  });
});

describe('a client that is refused', () => {
  it('quirk 64: is left alone for a minute, however often and whatever Retry-After says', async () => {
    for (let times = 0; times < 8; times += 1) {
      await cooldowns.failed(KEYS, error('client-refused', 'invalid_client', HOUR));
      expect(blocked()).toBe(MINUTE);
    }
    expect(blocked(NEIGHBOUR)).toBe(0);
    expect(state.cooldownItems.get(KEYS.client)).toMatchObject({ reason: 'client_refused', failures: 8 });
  });
});

describe('an origin', () => {
  it('that cannot be reached is left alone by all, for less than a tick', async () => {
    await cooldowns.failed(KEYS, error('never-sent', 'connect_refused'));
    expect(blocked()).toBe(45 * SECOND);
    expect(blocked(NEIGHBOUR)).toBe(45 * SECOND);
    expect(cooldowns.originBlockedUntil(NEIGHBOUR)).toBe(NOW + 45 * SECOND);
    expect([...state.cooldownItems.keys()]).toEqual([ORIGIN]);
  });

  it('is left alone for no longer the longer it lasts, whatever Retry-After says', async () => {
    for (let times = 0; times < 9; times += 1) {
      await cooldowns.failed(KEYS, error('never-sent', 'connect_refused', HOUR));
      expect(blocked()).toBe(45 * SECOND);
    }
  });

  it('that does not answer is left alone the third time in a row', async () => {
    for (const wait of [0, 0, 45 * SECOND, 45 * SECOND]) {
      await cooldowns.failed(KEYS, error('unanswered', 'timeout'));
      expect(blocked()).toBe(wait);
    }
    expect(state.cooldownItems.get(ORIGIN)).toMatchObject({ reason: 'timeout' });
  });

  it('that does not answer is left alone at once when it is suspect already', async () => {
    state.cooldownItems.set(ORIGIN, { endsAt: NOW, reason: 'timeout', failures: 4 });
    await cooldowns.load([KEYS]);
    await cooldowns.failed(KEYS, error('unanswered', 'timeout'));
    expect(blocked()).toBe(45 * SECOND);
    expect(state.cooldownItems.get(ORIGIN)).toMatchObject({ failures: 5 });
  });

  it('that answered meanwhile is given three tries again', async () => {
    for (let times = 0; times < 2; times += 1) await cooldowns.failed(KEYS, error('unanswered'));
    await cooldowns.succeeded(KEYS);
    for (let times = 0; times < 2; times += 1) await cooldowns.failed(KEYS, error('unanswered'));
    expect(blocked()).toBe(0);
  });

  it('is counted apart from others', async () => {
    const other = { origin: 'https://other.example.com', client: 'https://other.example.com#client' };
    for (const keys of [KEYS, other, KEYS, other]) await cooldowns.failed(keys, error('unanswered'));
    expect(blocked()).toBe(0);
    expect(blocked(other)).toBe(0);
  });

  it.each<[string, unknown]>([
    ['a call that we broke off', error('never-sent', 'aborted')],
    ['a key that cannot be used at the moment', error('never-sent', 'signing_unavailable')],
    ['an identity that cannot be proved at the moment', error('never-sent', 'identity_unavailable')],
    ['a refused refresh token', error('refused', 'invalid_grant')],
    ['a refusal without a sure reason', error('unsure')],
    ['a wrong request', error('configuration')],
    ['a failure that is ours', new TypeError('a bug')],
    ['nothing that is known', undefined],
  ])('is not suspected for %s', async (_, failure) => {
    for (let times = 0; times < 4; times += 1) await cooldowns.failed(KEYS, failure);
    expect(blocked()).toBe(0);
    expect(cooldowns.isSuspect(KEYS)).toBe(false);
    expect(state.cooldownItems.size).toBe(0);
  });
});

describe('a cooldown', () => {
  it('ends at its instant; until somebody has succeeded the origin stays suspect', async () => {
    await cooldowns.failed(KEYS, error('never-sent', 'connect_refused'));
    clock.advance(45 * SECOND - 1);
    expect(blocked()).toBe(1);
    expect(cooldowns.originBlockedUntil(KEYS)).toBe(clock.now() + 1);
    clock.advance(1);
    expect(cooldowns.blockedUntil(KEYS)).toBeUndefined();
    expect(cooldowns.originBlockedUntil(KEYS)).toBeUndefined();
    expect(cooldowns.isSuspect(KEYS)).toBe(true);
    expect(cooldowns.isSuspect(NEIGHBOUR)).toBe(true);
    await cooldowns.succeeded(NEIGHBOUR);
    expect(cooldowns.isSuspect(KEYS)).toBe(false);
    expect(state.cooldownItems.size).toBe(0);
  });

  it('of the client makes that client suspect, and no other', async () => {
    await cooldowns.failed(KEYS, error('throttled'));
    expect(cooldowns.isSuspect(KEYS)).toBe(true);
    expect(cooldowns.isSuspect(NEIGHBOUR)).toBe(false);
  });

  it('that lasts longest counts, of the origin and the client', async () => {
    await cooldowns.failed(KEYS, error('never-sent', 'connect_refused'));
    await cooldowns.failed(KEYS, error('throttled', 'code', 5 * MINUTE));
    expect(blocked()).toBe(5 * MINUTE);
    expect(cooldowns.originBlockedUntil(KEYS)).toBe(NOW + 45 * SECOND);
  });

  it('clears nothing where none is known: an ordinary success makes no call', async () => {
    state.cooldownItems.set(ORIGIN, { endsAt: NOW + 1, reason: 'x', failures: 1 });
    await cooldowns.succeeded(KEYS);
    expect(state.cooldownItems.size).toBe(1);
  });

  it('is seen by another process when that has read the table', async () => {
    await cooldowns.failed(KEYS, error('never-sent', 'connect_refused'));
    const other = process();
    expect(blocked(KEYS, other)).toBe(0);
    await other.load([KEYS, NEIGHBOUR]);
    expect(blocked(NEIGHBOUR, other)).toBe(45 * SECOND);
    state.cooldownItems.clear();
    await other.load([NEIGHBOUR]);
    expect(other.isSuspect(KEYS)).toBe(false);
  });

  it('is read for each key once, and for none at all without a call', async () => {
    const asked: (readonly string[])[] = [];
    const table = {
      cooldowns: async (keys: readonly string[]) => {
        asked.push(keys);
        return new Map();
      },
      setCooldown: async () => undefined,
      clearCooldown: async () => undefined,
    };
    const counting = new Cooldowns(table, clock, TIMING);
    await counting.load([]);
    await counting.load([KEYS, NEIGHBOUR, KEYS]);
    expect(asked).toEqual([[ORIGIN, KEYS.client, NEIGHBOUR.client]]);
  });
});
