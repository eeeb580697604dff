import { beforeEach, describe, expect, it } from 'vitest';
import { resolveConnection } from '../../../../functions/connections/resolve-connection.ts';
import { Secret } from '../../../../functions/oauth/secret.ts';
import { TokenError } from '../../../../functions/oauth/token-error.ts';
import type { Exchange, TokenSet } from '../../../../functions/oauth/token-set.ts';
import { AttemptLedger } from '../../../../functions/refresh/attempt-ledger.ts';
import {
  type PublishedToken,
  type PublishOptions,
  StoreError,
} from '../../../../functions/refresh/ports/stores.ts';
import type { PublishTarget, RefreshRun } from '../../../../functions/refresh/refresh-run.ts';
import { RefreshFailed } from '../../../../functions/refresh/rules/classify-failure.ts';
import { TIMING } from '../../../../functions/refresh/rules/timing.ts';
import { publishToken } from '../../../../functions/refresh/steps/publish-token.ts';
import { assertNoCanary, canarySecret } from '../../../support/canary.ts';
import { RefreshWorld, ROTATING } from '../../../support/refresh-world.ts';
import { HOUR, MINUTE, NOW, SECOND, stateOf } from '../state-of.ts';

type Changes = Parameters<typeof stateOf>[0];

interface Written {
  readonly at: number;
  readonly token: PublishedToken;
  readonly versionId: string;
  readonly options: PublishOptions | undefined;
}

let world: RefreshWorld;
let written: Written[];
/** What the store does with a write. */
let store: (options: PublishOptions | undefined) => Promise<void>;

beforeEach(() => {
  world = new RefreshWorld();
  written = [];
  store = async () => undefined;
});

function runOf(changes: Changes = {}, publishTo?: PublishTarget): RefreshRun {
  const state = stateOf({ attempt: 'own', ...changes });
  const signal = new AbortController().signal;
  const ports = world.ports();
  return {
    lease: { name: 'crm', owner: 'o', state, endsAt: NOW + 2 * MINUTE, signal },
    connection: resolveConnection('crm', ROTATING),
    ports: {
      ...ports,
      tokens: {
        ...ports.tokens,
        publish: async (_, token, versionId, options) => {
          written.push({ at: world.clock.now(), token, versionId, options });
          await store(options);
        },
      },
    },
    ledger: new AttemptLedger(state, 'own', TIMING),
    force: false,
    publishTo,
  };
}

const access_token = new Secret(canarySecret('access-token'));

function publish(run: RefreshRun, token: Partial<TokenSet> = {}, exchange: Partial<Exchange> = {}) {
  return world.clock.run(() =>
    publishToken(run, {
      exchange: {
        requestedAt: NOW,
        token: { access_token, token_type: 'Bearer', expiresInSeconds: 3600, extras: {}, ...token },
        ...exchange,
      },
      grantType: 'refresh_token',
      mayReplaceRefreshToken: true,
    }),
  );
}

describe('what readers get', () => {
  it('is the token with its times in whole seconds, under the id of the attempt', async () => {
    const run = runOf();
    await publish(run, { expiresInSeconds: 1800.5, scope: 'read' }, { requestedAt: NOW + 999 });
    expect(written).toMatchObject([
      {
        token: {
          token: { access_token, token_type: 'Bearer', scope: 'read' },
          obtained_at: NOW / SECOND,
          expires_at: NOW / SECOND + 1801,
        },
        versionId: 'own',
      },
    ]);
    expect(written[0]?.options).toEqual({ signal: expect.any(AbortSignal), place: 'secret', isMove: false });
  });

  it('goes under the id and the stages of a rotation, which judges it before anybody can read it', async () => {
    const judged: unknown[] = [];
    const run = runOf(
      {},
      {
        versionId: 'rotation',
        stages: ['AWSPENDING'],
        verify: async (...judging) => {
          expect(written).toEqual([]);
          judged.push(...judging);
        },
      },
    );
    expect((await publish(run)).tokenVersionId).toBe('rotation');
    expect(judged).toEqual([access_token, run.lease]);
    expect(written).toMatchObject([{ versionId: 'rotation', options: { stages: ['AWSPENDING'] } }]);
  });

  it('needs no judge for a rotation that has none', async () => {
    await publish(runOf({}, { versionId: 'rotation', stages: ['AWSCURRENT'] }));
    expect(written).toHaveLength(1);
  });

  it('is nothing that a rotation refused', async () => {
    const refused = new Error('refused');
    const verify = async () => {
      throw refused;
    };
    await expect(publish(runOf({}, { versionId: 'rotation', stages: [], verify }))).rejects.toBe(refused);
    expect(written).toEqual([]);
  });
});

describe('an answer without an access token that can be used', () => {
  const problem = new TokenError('unsure', 'invalid_token_type', 'the token is of another type');
  const none = { token_type: 'Bearer', extras: {} };

  it.each<[string, Partial<Exchange>, unknown]>([
    ['says why', { token: none, problem }, problem],
    ['says why, though it brought one', { problem }, problem],
    ['fails where it does not say why', { token: none }, new Error('no access token')],
  ])('%s, and is not published', async (_, exchange, error) => {
    await expect(publish(runOf(), {}, exchange)).rejects.toEqual(error);
    expect(written).toEqual([]);
  });
});

describe('a token that has expired already', () => {
  it('is not published: readers keep what they have', async () => {
    const error = await publish(runOf(), {}, { requestedAt: NOW - HOUR }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(RefreshFailed);
    expect(error).toMatchObject({
      failure: {
        outcome: 'retry-later',
        source: 'provider',
        kind: 'unsure',
        code: 'expired_token',
        message: expect.stringMatching(/"crm".* expired/),
      },
    });
    expect(written).toEqual([]);
  });

  it('is published while a millisecond of it is left', async () => {
    await publish(runOf(), {}, { requestedAt: NOW - HOUR + 1 });
    expect(written).toHaveLength(1);
  });
});

describe('a lifetime in milliseconds', () => {
  it('is taken for what it is, and logged', async () => {
    expect((await publish(runOf(), { expiresInSeconds: 3_600_000 })).expiresAt).toBe(NOW + HOUR);
    expect(world.logged).toEqual([expect.stringMatching(/^warn .*milliseconds \{"connection":"crm"\}$/)]);
  });

  it('is no matter where it comes in seconds', async () => {
    await publish(runOf());
    expect(world.logged).toEqual([]);
  });
});

describe('a token that comes again', () => {
  it('is known by a digest, of which nobody could make the token', async () => {
    const { tokenDigest, isSame } = await publish(runOf());
    expect(isSame).toBe(false);
    expect(tokenDigest).toMatch(/^[\w-]{22}$/);
    assertNoCanary(tokenDigest, 'the digest');
    expect((await publish(runOf({ tokenDigest }))).isSame).toBe(true);
    const other = new Secret(canarySecret('another-token'));
    expect((await publish(runOf({ tokenDigest }), { access_token: other })).isSame).toBe(false);
  });
});

describe('a store that does not take it', () => {
  const transient = () => new StoreError('transient', 'InternalServiceError', 'try again');

  it('is asked again under the same id, which counts as one version', async () => {
    const run = runOf();
    let failures = 0;
    store = async () => {
      if (failures++ < 3) throw transient();
    };
    await publish(run);
    expect(new Set(written.map(({ versionId }) => versionId))).toEqual(new Set(['own']));
    expect(written).toHaveLength(4);
    expect(run.ledger.toChange()).toMatchObject({
      tokenWritesByHour: { [NOW / HOUR]: 1 },
      unpublished: null,
    });
  });

  it('is asked until the commit needs the time, ten seconds before the lease ends', async () => {
    const run = runOf();
    store = async () => {
      throw transient();
    };
    await expect(publish(run)).rejects.toEqual(transient());
    const last = written.at(-1)?.at ?? 0;
    expect(last).toBeLessThan(run.lease.endsAt - 10 * SECOND);
    expect(last).toBeGreaterThan(run.lease.endsAt - 20 * SECOND);
    expect(run.ledger.toChange()).toMatchObject({ unpublished: true });
  });

  it('is waited for no longer than that either', async () => {
    const run = runOf();
    store = async (options) => {
      await world.clock.sleep(HOUR, options?.signal);
      throw transient();
    };
    await expect(publish(run)).rejects.toEqual(transient());
    expect(world.clock.now()).toBe(run.lease.endsAt - 10 * SECOND);
  });
});
