import { beforeEach, describe, expect, it } from 'vitest';
import { Secret } from '../../../../functions/oauth/secret.ts';
import { TokenError } from '../../../../functions/oauth/token-error.ts';
import type { RefreshPorts } from '../../../../functions/refresh/refresh-run.ts';
import {
  exchangeGrant,
  readCredentials,
  tokenUrl,
} from '../../../../functions/refresh/steps/exchange-grant.ts';
import { canarySecret } from '../../../support/canary.ts';
import { RefreshWorld } from '../../../support/refresh-world.ts';
import { clientCredentials, runOf } from '../run-of.ts';

let world: RefreshWorld;
let ports: RefreshPorts;

beforeEach(() => {
  world = new RefreshWorld();
  world.storeCredentials(world.provider.clientSecret);
  ports = world.ports();
});

const calls = (method: string) => world.calls.filter((call) => call.method === method);

/** A grant with the credentials that are held in memory by now. */
async function grantWithHeld() {
  const credentials = await ports.credentials.read('client');
  if (!credentials) throw new Error('credentials are stored');
  world.calls.length = 0;
  return { ...clientCredentials(world), credentials };
}

describe('a client that is refused', () => {
  it('quirk 64: is tried once more with other credentials where such are stored by now, though the old are in memory', async () => {
    const grant = await grantWithHeld();
    world.provider.clientSecret = canarySecret('rotated');
    world.storeCredentials(world.provider.clientSecret);
    const run = runOf(world, { ports });
    expect((await exchangeGrant(run, grant)).exchange.token.access_token).toBeDefined();
    expect(calls('exchange')).toHaveLength(2);
    expect(calls('read').map(({ port, signal }) => [port, signal])).toEqual([
      ['credentials', run.lease.signal],
    ]);
    const stored = world.secrets.get('credentials/client', {})?.versionId;
    expect(run.ledger.notes.toChange()).toMatchObject({ credentialsVersionId: stored });
  });

  it('is not tried again with the same credentials', async () => {
    const grant = await grantWithHeld();
    world.provider.clientSecret = canarySecret('rotated');
    await expect(exchangeGrant(runOf(world, { ports }), grant)).rejects.toMatchObject({
      code: 'invalid_client',
    });
    expect(calls('exchange')).toHaveLength(1);
  });

  it.each([
    new TokenError('unanswered', 'timeout', 'no answer came'),
    new TokenError('refused', 'invalid_grant', 'it is dead'),
    new RangeError('a mistake of ours'),
  ])('is not what $message says: nothing is read, and nothing sent again', async (error) => {
    const grant = await grantWithHeld();
    world.storeCredentials(canarySecret('rotated'));
    world.intercept = (call, effect) => (call.method === 'exchange' ? Promise.reject(error) : effect());
    await expect(exchangeGrant(runOf(world, { ports }), grant)).rejects.toBe(error);
    expect(calls('exchange')).toHaveLength(1);
    expect(calls('read')).toEqual([]);
  });
});

describe('the credentials of a connection', () => {
  it('come from memory, or past it when they must be fresh', async () => {
    const { credentials: held } = await grantWithHeld();
    world.storeCredentials(canarySecret('rotated'));
    const run = runOf(world, { ports });
    expect(await readCredentials(run, { fresh: false })).toEqual(held);
    expect(run.ledger.notes.toChange()).toEqual({ credentialsVersionId: held.versionId });
    const fresh = await readCredentials(run, { fresh: true });
    expect(fresh.versionId).not.toBe(held.versionId);
    expect(run.ledger.notes.toChange()).toEqual({ credentialsVersionId: fresh.versionId });
  });

  it('without a value are awaited', async () => {
    const run = runOf(world, { connection: { credentials: 'none' } });
    await expect(readCredentials(run, { fresh: false })).rejects.toMatchObject({
      failure: {
        outcome: 'awaiting-credentials',
        source: 'store',
        code: 'no_credentials',
        message: expect.stringMatching(/credentials .*no value/),
      },
    });
    expect(run.ledger.notes.toChange()).toEqual({ credentialsVersionId: null });
  });
});

describe('where a grant goes', () => {
  const TOKEN_URL = 'https://idp.example.com/token';
  const REFRESH_URL = 'https://idp.example.com/refresh';
  const ISSUER = 'https://issuer.example.com';
  const credentials = { client_id: 'client', client_secret: new Secret(canarySecret('client')) };
  const boundTo = (origin: string) => ({ ...credentials, allowed_token_origins: [origin] });

  it.each([
    ['refresh_token', { tokenUrl: TOKEN_URL, refreshUrl: REFRESH_URL }, REFRESH_URL],
    ['client_credentials', { tokenUrl: TOKEN_URL, refreshUrl: REFRESH_URL }, TOKEN_URL],
    ['refresh_token', { tokenUrl: TOKEN_URL, issuer: ISSUER }, TOKEN_URL],
    ['refresh_token', { refreshUrl: REFRESH_URL, issuer: ISSUER, tokenUrl: undefined }, REFRESH_URL],
  ])('as a %s is known without asking: %o', async (grantType, connection, expected) => {
    expect(await tokenUrl(runOf(world, { connection }), grantType, credentials)).toBe(expected);
    expect(world.calls).toEqual([]);
  });

  it('is asked of the issuer where only that is known, until the lease ends', async () => {
    const run = runOf(world, { connection: { tokenUrl: undefined, issuer: ISSUER } });
    expect(await tokenUrl(run, 'refresh_token', boundTo(ISSUER))).toBe(`${ISSUER}/token`);
    expect(calls('discover').map(({ connection, signal }) => [connection, signal])).toEqual([
      [ISSUER, run.lease.signal],
    ]);
  });

  it('is asked of no issuer to which the credentials may not go', async () => {
    const run = runOf(world, { connection: { tokenUrl: undefined, issuer: ISSUER } });
    await expect(tokenUrl(run, 'refresh_token', boundTo('https://idp.example.com'))).rejects.toMatchObject({
      kind: 'configuration',
      code: 'origin_not_allowed',
    });
    expect(world.calls).toEqual([]);
  });

  it('is a mistake of the declaration where nothing is known', async () => {
    const run = runOf(world, { connection: { tokenUrl: undefined, issuer: undefined } });
    await expect(tokenUrl(run, 'refresh_token', credentials)).rejects.toMatchObject({
      name: 'ConnectionError',
      message: expect.stringMatching(/"tokenUrl" or "issuer"/),
    });
  });
});
