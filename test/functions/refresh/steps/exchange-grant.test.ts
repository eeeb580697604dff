import { beforeEach, describe, expect, it } from 'vitest';
import { requestRulesSchema } from '../../../../functions/oauth/endpoint-rules.ts';
import { SELF_SIGNED } from '../../../../functions/oauth/grant-type.ts';
import { Secret } from '../../../../functions/oauth/secret.ts';
import { TokenError } from '../../../../functions/oauth/token-error.ts';
import type { Exchange, TokenSet } from '../../../../functions/oauth/token-set.ts';
import type { Grant, RefreshRun } from '../../../../functions/refresh/refresh-run.ts';
import { exchangeGrant } from '../../../../functions/refresh/steps/exchange-grant.ts';
import { assertNoCanary, canarySecret } from '../../../support/canary.ts';
import { type Call, RefreshWorld } from '../../../support/refresh-world.ts';
import { clientCredentials, grantOf, runOf, v1 } from '../run-of.ts';
import { NOW, SECOND } from '../state-of.ts';

let world: RefreshWorld;

beforeEach(() => {
  world = new RefreshWorld();
});

const answerWith = (token: Partial<TokenSet> = {}, more: Partial<Exchange> = {}): Exchange => ({
  requestedAt: NOW,
  token: { access_token: new Secret(canarySecret('access')), token_type: 'Bearer', extras: {}, ...token },
  ...more,
});

/** Puts `effect` in the place of one method of a port. */
function instead(method: string, effect: () => unknown): void {
  world.intercept = async <T>(call: Call, usual: () => Promise<T>) =>
    call.method === method ? ((await effect()) as T) : usual();
}

const failing = (error: Error) => () => Promise.reject(error);
const calls = (method: string) => world.calls.filter((call) => call.method === method);

describe('an exchange', () => {
  it('asks for what the connection declares, with the refresh token, until the lease ends', async () => {
    instead('exchange', () => answerWith());
    const run = runOf(world, { connection: { scope: 'read write' } });
    const { request, response, errors, tokenUrl } = run.connection;
    const grant = grantOf(world);
    expect(await exchangeGrant(run, grant)).toMatchObject({
      grantType: 'refresh_token',
      sent: grant.refreshToken,
      mayReplaceRefreshToken: true,
    });
    const [sent] = calls('exchange');
    expect(sent?.input).toEqual({
      ...{ request, response, errors, tokenUrl, grantType: 'refresh_token', scope: 'read write' },
      credentials: grant.credentials.value,
      refresh_token: grant.refreshToken?.value.refresh_token,
    });
    expect(sent?.signal).toBe(run.lease.signal);
  });

  it('says what signs, and what vouches, in the place of a stored secret', async () => {
    instead('exchange', () => answerWith());
    const signingKey = { kmsKeyArn: 'arn:aws:kms:eu-west-1:123456789012:key/1' };
    const identity = { use: 'client', audience: 'api', algorithm: 'RS256', lifetimeSeconds: 300 } as const;
    await exchangeGrant(runOf(world, { connection: { signingKey, identity } }), grantOf(world));
    expect(calls('exchange')[0]?.input).toMatchObject({ signingKey, identity });
  });

  it.each([
    [{}, false],
    [{ clientCertificate: true }, true],
    [{ clientAuthentication: 'tls_client_auth' }, true],
  ] as const)(
    'asks the issuer where a client goes, with %j to where certificates are shown: %s',
    async (rules, mutualTls) => {
      instead('exchange', () => answerWith());
      const asked: unknown[] = [];
      const ports = world.ports();
      const discover = async (_: string, options?: { readonly mutualTls?: boolean }) => {
        asked.push(options?.mutualTls);
        return 'https://idp.example.com/found';
      };
      const request = requestRulesSchema.parse(rules);
      const connection = { tokenUrl: undefined, issuer: 'https://idp.example.com', request };
      const run = runOf(world, {
        connection,
        ports: { ...ports, tokenEndpoint: { exchange: ports.tokenEndpoint.exchange, discover } },
      });
      await exchangeGrant(run, clientCredentials(world));
      expect(asked).toEqual([mutualTls]);
      expect(calls('exchange')[0]?.input?.tokenUrl).toBe('https://idp.example.com/found');
    },
  );

  it('of a grant that asks nobody needs no endpoint, and looks for none', async () => {
    instead('exchange', () => answerWith());
    const connection = { tokenUrl: undefined, issuer: 'https://idp.example.com' };
    await exchangeGrant(runOf(world, { connection }), { ...clientCredentials(world), type: SELF_SIGNED });
    expect(calls('exchange')[0]?.input).toMatchObject({ grantType: SELF_SIGNED, tokenUrl: '' });
    expect(calls('discover')).toEqual([]);
  });

  it('of another grant sends no refresh token', async () => {
    instead('exchange', () => answerWith());
    await exchangeGrant(runOf(world), clientCredentials(world));
    expect(calls('exchange')[0]?.input).not.toHaveProperty('refresh_token');
  });
});

describe('the note of an exchange', () => {
  const notesOf = async (grant: Grant, run: RefreshRun = runOf(world)) => {
    await exchangeGrant(run, grant).catch(() => undefined);
    return run.ledger.notes.toChange();
  };

  it('is when it began, and whether it carried a refresh token', async () => {
    instead('exchange', () => answerWith({}, { requestedAt: NOW + 7 }));
    expect(await notesOf(grantOf(world))).toEqual({ exchangedAt: NOW + 7, refreshTokenSentAt: NOW + 7 });
    expect(await notesOf(clientCredentials(world))).toEqual({ exchangedAt: NOW + 7 });
  });

  it.each<[string, Error, boolean]>([
    ['was refused', new TokenError('refused', 'invalid_grant', 'x', { status: 400 }), true],
    ['had no answer', new TokenError('unanswered', 'timeout', 'x'), true],
    ['was throttled', new TokenError('throttled', 'http_429', 'x', { status: 429 }), true],
    ['was called wrong', new TokenError('configuration', 'invalid_scope', 'x', { status: 400 }), true],
    ['lacked a secret', new TokenError('configuration', 'missing_client_secret', 'x'), false],
    ['never left', new TokenError('never-sent', 'connect_timeout', 'x'), false],
    ['met a mistake of ours', new RangeError('x'), false],
  ])('that %s is made where the provider may have seen it', async (_, error, isSeen) => {
    instead('exchange', () => {
      world.clock.advance(3 * SECOND);
      throw error;
    });
    const at = NOW + 3 * SECOND;
    expect(await notesOf(grantOf(world))).toEqual(isSeen ? { exchangedAt: at, refreshTokenSentAt: at } : {});
  });

  it('of a grant without a refresh token names none when it fails', async () => {
    instead('exchange', failing(new TokenError('unanswered', 'timeout', 'x')));
    expect(await notesOf(clientCredentials(world))).toEqual({ exchangedAt: NOW });
  });
});

describe('what others at the origin should know', () => {
  const throttled = new TokenError('throttled', 'http_429', 'slow down', { status: 429 });

  it('is noted of a failure, and taken back by a success', async () => {
    const run = runOf(world);
    instead('exchange', failing(throttled));
    await expect(exchangeGrant(run, clientCredentials(world))).rejects.toBe(throttled);
    const key = 'https://idp.example.com#client';
    expect(world.state.cooldownItems.get(key)).toMatchObject({ reason: 'http_429' });
    instead('exchange', () => answerWith());
    await exchangeGrant(run, clientCredentials(world));
    expect(world.state.cooldownItems.size).toBe(0);
    const noted = [...calls('setCooldown'), ...calls('clearCooldown')];
    expect(noted.map(({ connection, signal }) => [connection, signal])).toEqual([
      [key, run.lease.signal],
      [key, run.lease.signal],
    ]);
  });

  it('costs no token, and hides no failure, where it cannot be noted', async () => {
    const run = runOf(world);
    world.intercept = async (call, effect) => {
      if (call.method === 'exchange' && calls('exchange').length === 1) throw throttled;
      if (call.method.endsWith('Cooldown')) throw new RangeError(canarySecret('unforeseen'));
      return effect();
    };
    await expect(exchangeGrant(run, clientCredentials(world))).rejects.toBe(throttled);
    expect((await exchangeGrant(run, clientCredentials(world))).grantType).toBe('client_credentials');
    expect(world.logged).toEqual(Array(2).fill(expect.stringMatching(/^warn .* \{"error":"RangeError"\}$/)));
    assertNoCanary(world.logged.join(), 'the log');
  });

  it('is nothing where neither a token URL nor an issuer is known', async () => {
    const refreshUrl = 'https://idp.example.com/refresh';
    const run = runOf(world, { connection: { tokenUrl: undefined, refreshUrl } });
    instead('exchange', () => answerWith());
    await exchangeGrant(run, grantOf(world));
    instead('exchange', failing(throttled));
    await expect(exchangeGrant(run, { ...grantOf(world), spends: false })).rejects.toBe(throttled);
    expect(world.calls.map(({ method }) => method)).toEqual(['exchange', 'exchange']);
    expect(world.logged).toEqual([]);
  });
});

describe('an answer that is used although it is odd', () => {
  const loggedOf = async (scope: string | undefined, exchange: Exchange) => {
    instead('exchange', () => exchange);
    await exchangeGrant(runOf(world, { connection: { scope } }), grantOf(world, { refreshToken: v1() }));
    return world.logged;
  };

  it('is told where it grants less than the scope that is declared, with what is missing', async () => {
    const logged = await loggedOf('read write admin', answerWith({ scope: 'profile read' }));
    expect(logged).toEqual([
      expect.stringMatching(/^warn .*scope.* \{"connection":"crm","missing":"write admin"\}$/),
    ]);
  });

  it.each<[string, string | undefined, string | undefined]>([
    ['grants as much', 'read write', 'write read'],
    ['grants more', 'read', 'read write'],
    ['says nothing of it', 'read write', undefined],
    ['grants what nobody declared', undefined, 'read'],
  ])('is no matter where it %s', async (_, declared, scope) => {
    expect(await loggedOf(declared, answerWith(scope === undefined ? {} : { scope }))).toEqual([]);
  });

  it('is told where it brought no access token that can be used, with the code for it', async () => {
    const problem = new TokenError('configuration', 'token_type_unknown', canarySecret('words'));
    const logged = await loggedOf(undefined, answerWith({}, { problem }));
    expect(logged).toEqual([
      expect.stringMatching(/^warn .*access token.* \{"connection":"crm","code":"token_type_unknown"\}$/),
    ]);
    assertNoCanary(logged.join(), 'the log');
  });
});
