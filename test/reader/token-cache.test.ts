import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { StoredToken } from '../../reader/stored-token.ts';
import { createTokenCache } from '../../reader/token-cache.ts';
import { tokenSource } from '../../reader/token-location.ts';
import { TokenReaderError } from '../../reader/token-reader-error.ts';
import { assertNoCanary, canarySecret } from '../support/canary.ts';

const START = Date.UTC(2026, 2, 1, 12);
const HOUR_MS = 3_600_000;
const OUTAGE = new TokenReaderError('read-failed', 'evertoken/tokens/crm', 'could not be read: TimeoutError');

/** A cache over a secret that a test sets, under a clock that stands still until the test moves it. */
function open() {
  const world = {
    at: START,
    /** What the next reads find. */
    stored: token('one', START + HOUR_MS) as StoredToken | Error,
    reads: 0,
    /** The parameter that each read was told of. */
    known: [] as (string | undefined)[],
    /** Reads wait for it. */
    gate: Promise.resolve(),
  };
  const cache = createTokenCache(
    async (_, known) => {
      world.reads++;
      world.known.push(known);
      await world.gate;
      if (world.stored instanceof Error) throw world.stored;
      return world.stored;
    },
    () => world.at,
  );
  const get = async (rejected?: string, name = 'crm') =>
    (await cache.get(tokenSource(name, 'evertoken'), rejected)).reveal();
  return { world, cache, get };
}

function token(label: string, expiresAt: number, further: { parameter?: string; lifetimeMs?: number } = {}) {
  return new StoredToken({ accessToken: canarySecret(label), expiresAt, ...further });
}

describe('a token is served from the cache', () => {
  test('until 60 s before it expires, and read again from that instant on', async () => {
    const { world, get } = open();
    await get();
    world.at = START + HOUR_MS - 60_001;
    await get();
    expect(world.reads).toBe(1);
    world.at += 1;
    await get();
    expect(world.reads).toBe(2);
  });

  test.each([
    [600_000, 60_000],
    [599_000, 59_900],
    [300_000, 30_000],
    [60_000, 6_000],
    [20_000, 2_000],
  ])('that lives %d ms until %d ms before, a tenth of its life at most', async (lifetimeMs, beforeMs) => {
    const { world, get } = open();
    world.stored = token('short', START + lifetimeMs, { lifetimeMs });
    await get();
    world.at = START + lifetimeMs - beforeMs - 1;
    await get();
    expect(world.reads).toBe(1);
    world.at += 1;
    await get();
    expect(world.reads).toBe(2);
  });

  test('of five minutes for as many calls as there are, also where it is refreshed 40 s before its end', async () => {
    const { world, get } = open();
    for (let second = 0; second < 2_600; second++) {
      world.at = START + second * 1_000;
      if (second % 260 === 0) {
        world.stored = token(`${second}`, world.at + 300_000, { lifetimeMs: 300_000 });
      }
      await get();
    }
    expect(world.reads).toBe(10);
  });

  test('each name by itself', async () => {
    const { world, get } = open();
    await Promise.all([get(undefined, 'crm'), get(undefined, 'books/acme')]);
    await Promise.all([get(undefined, 'crm'), get(undefined, 'books/acme')]);
    expect(world.reads).toBe(2);
  });

  test('and the one used longest ago is forgotten beyond 1,000', async () => {
    const { world, get } = open();
    for (let index = 0; index < 1_000; index++) await get(undefined, `tenant-${index}`);
    await get(undefined, 'tenant-0');
    expect(world.reads).toBe(1_000);
    await get(undefined, 'one-more');
    await get(undefined, 'tenant-0');
    expect(world.reads).toBe(1_001);
    await get(undefined, 'tenant-1');
    expect(world.reads).toBe(1_002);
  });
});

describe('one read is under way at a time', () => {
  test('for any number of callers of one name', async () => {
    const { world, get } = open();
    const gate = Promise.withResolvers<void>();
    world.gate = gate.promise;
    const callers = Array.from({ length: 50 }, () => get());
    gate.resolve();
    expect(new Set(await Promise.all(callers))).toEqual(new Set([canarySecret('one')]));
    expect(world.reads).toBe(1);
  });

  test('and its failure reaches all of them', async () => {
    const { world, get } = open();
    world.stored = OUTAGE;
    const results = await Promise.allSettled([get(), get(), get()]);
    expect(results.map((result) => result.status === 'rejected' && result.reason)).toEqual([
      OUTAGE,
      OUTAGE,
      OUTAGE,
    ]);
    expect(world.reads).toBe(1);
  });

  test('also when the reading itself throws at once', async () => {
    let reads = 0;
    let at = START;
    const failing = createTokenCache(
      () => {
        reads++;
        throw OUTAGE;
      },
      () => at,
    );
    const source = tokenSource('crm', 'evertoken');
    await expect(failing.get(source)).rejects.toBe(OUTAGE);
    at += 2_000;
    await expect(failing.get(source)).rejects.toBe(OUTAGE);
    expect(reads).toBe(2);
  });
});

describe('when the refresh is late', () => {
  test('a token that is still good is served, and looked up again every two seconds', async () => {
    const { world, get } = open();
    await get();
    world.at = START + HOUR_MS - 30_000;
    for (const [afterMs, reads] of [
      [0, 2],
      [1, 2],
      [1_999, 2],
      [2_000, 3],
      [3_999, 3],
      [4_000, 4],
    ] as const) {
      world.at = START + HOUR_MS - 30_000 + afterMs;
      expect(await get()).toBe(canarySecret('one'));
      expect(world.reads, `${afterMs} ms later`).toBe(reads);
    }
  });

  test('it is served until the instant at which it expires, and never from then on', async () => {
    const { world, get } = open();
    await get();
    world.at = START + HOUR_MS - 1;
    expect(await get()).toBe(canarySecret('one'));
    world.at += 1;
    await expect(get()).rejects.toMatchObject({ code: 'token-expired' });
  });

  test('the error names the instant, the clock and the command, and no token', async () => {
    const { world, get } = open();
    world.at = START + HOUR_MS;
    const error = await get().catch((reason: unknown) => reason);
    expect(String(error)).toBe(
      'TokenReaderError: evertoken/tokens/crm holds a token that expired at 2026-03-01T13:00:00.000Z, and ' +
        'none has replaced it; the clock here says 2026-03-01T13:00:00.000Z. See: evertoken status crm',
    );
    assertNoCanary(inspect(error, { showHidden: true, depth: 10 }), 'the error');
  });

  test('the error names the parameter that holds it', async () => {
    const { world, get } = open();
    world.stored = token('one', START, { parameter: '/evertoken/tokens/crm' });
    await expect(get()).rejects.toMatchObject({
      code: 'token-expired',
      parameter: '/evertoken/tokens/crm',
      message: expect.stringMatching(
        /^evertoken\/tokens\/crm points to the parameter \/evertoken\/tokens\/crm, which holds a token that expired at /,
      ),
    });
  });

  test('the new token is taken as soon as it is found', async () => {
    const { world, get } = open();
    await get();
    world.at = START + HOUR_MS - 30_000;
    await get();
    world.stored = token('two', START + 2 * HOUR_MS);
    world.at += 2_000;
    expect(await get()).toBe(canarySecret('two'));
    await get();
    expect(world.reads).toBe(3);
  });

  test('a token that expires while it is read is not served', async () => {
    const { world, get } = open();
    const gate = Promise.withResolvers<void>();
    world.gate = gate.promise;
    const waiting = get();
    world.at = START + HOUR_MS;
    gate.resolve();
    await expect(waiting).rejects.toMatchObject({ code: 'token-expired' });
  });

  test('a read that lags does not replace a token that lasts longer', async () => {
    const { world, get } = open();
    await get();
    world.at = START + HOUR_MS - 30_000;
    world.stored = token('before', world.at + 10_000);
    expect(await get()).toBe(canarySecret('one'));
  });
});

describe('while Secrets Manager cannot be read', () => {
  test('a token that is still good is served', async () => {
    const { world, get } = open();
    await get();
    world.stored = OUTAGE;
    world.at = START + HOUR_MS - 1;
    expect(await get()).toBe(canarySecret('one'));
    expect(world.reads).toBe(2);
  });

  test('one that has expired is not: the error is that of the read', async () => {
    const { world, get } = open();
    await get();
    world.stored = OUTAGE;
    world.at = START + HOUR_MS;
    await expect(get()).rejects.toBe(OUTAGE);
  });

  test('it is asked again after two seconds, not at every call', async () => {
    const { world, get } = open();
    world.stored = OUTAGE;
    await expect(get()).rejects.toBe(OUTAGE);
    world.at += 1_999;
    await expect(get()).rejects.toBe(OUTAGE);
    expect(world.reads).toBe(1);
    world.stored = token('one', START + HOUR_MS);
    world.at += 1;
    expect(await get()).toBe(canarySecret('one'));
  });

  test('an error of before is not told once a read has succeeded', async () => {
    const { world, get } = open();
    world.stored = OUTAGE;
    await expect(get()).rejects.toBe(OUTAGE);
    world.at += 2_000;
    world.stored = token('one', START + HOUR_MS);
    await get();
    world.at = START + HOUR_MS;
    await expect(get()).rejects.toMatchObject({ code: 'token-expired' });
  });

  test('a clock that is set back does not put off the next read', async () => {
    const { world, get } = open();
    world.stored = OUTAGE;
    await expect(get()).rejects.toBe(OUTAGE);
    world.at -= HOUR_MS;
    world.stored = token('one', START + HOUR_MS);
    expect(await get()).toBe(canarySecret('one'));
  });
});

describe('a rejected token', () => {
  test('is read again at once, and replaced', async () => {
    const { world, get } = open();
    const rejected = await get();
    world.stored = token('two', START + HOUR_MS);
    expect(await get(rejected)).toBe(canarySecret('two'));
    expect(world.reads).toBe(2);
  });

  test('may be given as the header that held it', async () => {
    const { world, get } = open();
    const rejected = await get();
    world.stored = token('two', START + HOUR_MS);
    expect(await get(`Bearer ${rejected}`)).toBe(canarySecret('two'));
  });

  test('is replaced by one that expires sooner: the provider ended the longer one', async () => {
    const { world, get } = open();
    const rejected = await get();
    world.stored = token('two', START + HOUR_MS / 2);
    expect(await get(rejected)).toBe(canarySecret('two'));
  });

  test('is not read again for those who come late with it', async () => {
    const { world, get } = open();
    const rejected = await get();
    world.stored = token('two', START + HOUR_MS);
    await Promise.all([get(rejected), get(rejected), get(rejected)]);
    expect(await get(rejected)).toBe(canarySecret('two'));
    expect(world.reads).toBe(2);
  });

  test('comes back when no other was published, and is looked up every two seconds', async () => {
    const { world, get } = open();
    const rejected = await get();
    for (const [afterMs, reads] of [
      [0, 2],
      [1_999, 2],
      [2_000, 3],
    ] as const) {
      world.at = START + afterMs;
      expect(await get(rejected)).toBe(rejected);
      expect(world.reads, `${afterMs} ms later`).toBe(reads);
    }
  });

  test('comes back while Secrets Manager cannot be read', async () => {
    const { world, get } = open();
    const rejected = await get();
    world.stored = OUTAGE;
    expect(await get(rejected)).toBe(rejected);
  });
});

test('where a token lies is remembered with it', async () => {
  const { world, get } = open();
  world.stored = token('one', START + HOUR_MS, { parameter: '/evertoken/tokens/crm' });
  const rejected = await get();
  world.stored = token('two', START + 2 * HOUR_MS);
  await get(rejected);
  world.at = START + 2 * HOUR_MS - 1;
  await get();
  expect(world.known).toEqual([undefined, '/evertoken/tokens/crm', undefined]);
});

test('nothing shows a token: not the cache, not a stored token', async () => {
  const { cache, get } = open();
  await get();
  const stored = await cache.get(tokenSource('crm', 'evertoken'));
  const shown = [cache, stored].map((each) => inspect(each, { showHidden: true, depth: 10 }));
  assertNoCanary([...shown, JSON.stringify([cache, stored]), String(stored)].join('\n'), 'what is shown');
});
