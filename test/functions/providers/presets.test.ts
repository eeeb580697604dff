import { describe, expect, it } from 'vitest';
import { type Connection, connectionSchema } from '../../../functions/connections/connection.ts';
import { providerPresetSchema } from '../../../functions/connections/provider-preset.ts';
import { resolveConnection } from '../../../functions/connections/resolve-connection.ts';
import { buildTokenRequest, type TokenRequestInput } from '../../../functions/oauth/request/token-request.ts';
import { loadPreset } from '../../../functions/providers/load-preset.ts';
import { loadPresetSync, presetIds, presetIdsSync } from '../../../functions/providers/presets.ts';
import { canarySecret } from '../../support/canary.ts';
import { fakeSecret, tokenErrorOf } from '../../support/token-input.ts';

const context = { now: () => 0, uuid: () => 'u' };

const credentials = {
  client_id: 'client-1',
  client_secret: fakeSecret('client-secret'),
  username: 'someone@example.com',
  password: fakeSecret('password'),
};

/** The request of one grant type, as a connection that says no more than its provider makes it. */
async function request(provider: string, more: Partial<TokenRequestInput> & { grantType: string }) {
  const connection: Connection = connectionSchema.parse({ provider, credentials: 'c' });
  const resolved = resolveConnection('c', connection, await loadPreset(provider));
  const tokenUrl = resolved.tokenUrl ?? '';
  const built = await buildTokenRequest({ ...resolved, tokenUrl, credentials, ...more }, context);
  const parameters = Object.fromEntries(new URLSearchParams(built.body?.reveal()));
  return { ...built, parameters, basic: 'authorization' in built.headers };
}

describe('loadPreset', () => {
  it.each([
    '',
    '.',
    '..',
    '../connections/connection',
    'a/b',
    'a\\b',
    'kajabi.json',
    'KAJABI',
    '%2e%2e',
    'kajabi\0',
  ])('knows none of the id %j', async (id) => expect(await loadPreset(id)).toBeUndefined());

  it('knows none that has no file', async () => expect(await loadPreset('nobody')).toBeUndefined());

  it('reads a file once', async () => {
    expect(await loadPreset('kajabi')).toBe(await loadPreset('kajabi'));
  });
});

describe('for a caller that cannot wait', () => {
  it('the presets are the same', async () => {
    expect(presetIdsSync()).toEqual(await presetIds());
    expect(loadPresetSync('kajabi')).toEqual(await loadPreset('kajabi'));
  });

  it.each(['nobody', '../connections/connection', ''])('there is none of the id %j', (id) =>
    expect(loadPresetSync(id)).toBeUndefined(),
  );
});

describe('every preset', async () => {
  it.each(await presetIds())('%s is valid and called as its file', async (id) => {
    const preset = await loadPreset(id);
    expect(preset?.id).toBe(id);
    expect(providerPresetSchema.parse(preset)).toEqual(preset);
  });

  it('is listed', async () =>
    expect(await presetIds()).toEqual(expect.arrayContaining(['kajabi', 'slashid'])));
});

describe('kajabi', () => {
  const url = 'https://api.kajabi.com/v1/oauth/token';

  it('refreshes first, and mints anew when that is refused', async () => {
    expect((await loadPreset('kajabi'))?.grants).toEqual(['refresh_token', 'client_credentials']);
  });

  it('sends client credentials in the body, and nothing else', async () => {
    const built = await request('kajabi', { grantType: 'client_credentials', scope: 'ignored' });
    expect(built).toMatchObject({ method: 'POST', basic: false });
    expect(built.url.reveal()).toBe(url);
    expect(built.headers['content-type']).toBe('application/x-www-form-urlencoded');
    expect(built.parameters).toEqual({
      grant_type: 'client_credentials',
      client_id: 'client-1',
      client_secret: canarySecret('client-secret'),
    });
  });

  it('names no client when it refreshes', async () => {
    const built = await request('kajabi', {
      grantType: 'refresh_token',
      refresh_token: fakeSecret('refresh'),
    });
    expect(built).toMatchObject({ basic: false, identifiesClient: false });
    expect(built.parameters).toEqual({
      grant_type: 'refresh_token',
      refresh_token: canarySecret('refresh'),
    });
  });

  it('sends a user name and a password, and no grant type', async () => {
    const built = await request('kajabi', { grantType: 'password' });
    expect(built.basic).toBe(false);
    expect(built.parameters).toEqual({
      username: 'someone@example.com',
      password: canarySecret('password'),
    });
  });

  it('keeps no refresh token that came with a password, and reads the end of the others', async () => {
    expect((await loadPreset('kajabi'))?.refreshToken).toMatchObject({
      notFromGrants: ['password'],
      jwtExpiry: true,
    });
  });

  it('is probed at its cheapest call, and revoked with the token itself', async () => {
    expect(await loadPreset('kajabi')).toMatchObject({
      probe: { method: 'GET', url: 'https://api.kajabi.com/v1/me' },
      revocation: { url: 'https://api.kajabi.com/v1/oauth/revoke', style: 'bearer-and-token' },
    });
  });
});

describe('slashid', () => {
  it('authenticates with HTTP Basic', async () => {
    const built = await request('slashid', { grantType: 'client_credentials', scope: 'read write' });
    expect(built.url.reveal()).toBe('https://api.slashid.com/oauth2/tokens');
    expect(built.basic).toBe(true);
    expect(built.parameters).toEqual({ grant_type: 'client_credentials', scope: 'read write' });
  });

  it('refreshes with a scope only where one is declared', async () => {
    const built = await request('slashid', {
      grantType: 'refresh_token',
      refresh_token: fakeSecret('refresh'),
    });
    expect(built.basic).toBe(true);
    expect(built.parameters).toEqual({ grant_type: 'refresh_token', refresh_token: canarySecret('refresh') });
  });

  it('exchanges a code with the client in the body and the verifier under its RFC name', async () => {
    const built = await request('slashid', {
      grantType: 'authorization_code',
      code: fakeSecret('code'),
      redirect_uri: 'http://127.0.0.1:1/callback',
      code_verifier: fakeSecret('verifier'),
    });
    expect(built.basic).toBe(false);
    expect(built.parameters).toEqual({
      grant_type: 'authorization_code',
      code: canarySecret('code'),
      redirect_uri: 'http://127.0.0.1:1/callback',
      code_verifier: canarySecret('verifier'),
      client_id: 'client-1',
      client_secret: canarySecret('client-secret'),
    });
  });

  it('lacks the password grant', async () => {
    const preset = await loadPreset('slashid');
    const connection = connectionSchema.parse({
      provider: 'slashid',
      credentials: 'c',
      grants: ['password'],
    });
    expect(() => resolveConnection('c', connection, preset)).toThrow(/no grant type "password"/);
  });
});

it('a preset needs what its requests carry', async () => {
  const input = { grantType: 'client_credentials', credentials: { client_id: 'c' } };
  for (const provider of ['kajabi', 'slashid']) {
    const error = await tokenErrorOf(() => request(provider, input));
    expect(error).toMatchObject({ kind: 'configuration', code: 'missing_client_secret' });
  }
});
