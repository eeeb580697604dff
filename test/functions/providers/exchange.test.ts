import { afterEach, describe, expect, it } from 'vitest';
import { createPkce } from '../../../cli/authorization/pkce.ts';
import { connectionSchema } from '../../../functions/connections/connection.ts';
import { resolveConnection } from '../../../functions/connections/resolve-connection.ts';
import type { TokenRequestInput } from '../../../functions/oauth/request/token-request.ts';
import { jwtExpirySeconds } from '../../../functions/oauth/response/jwt-expiry.ts';
import { Secret } from '../../../functions/oauth/secret.ts';
import { createTokenEndpoint } from '../../../functions/oauth/transport/token-endpoint.ts';
import { loadPreset } from '../../../functions/providers/load-preset.ts';
import type { Clock } from '../../../functions/refresh/ports/outside.ts';
import { startKajabi } from '../../../local/providers/kajabi.ts';
import type { ProviderServer } from '../../../local/providers/provider-server.ts';
import { startRotating } from '../../../local/providers/rotating.ts';
import { startSlashId } from '../../../local/providers/slashid.ts';
import { CANARY, canarySecret } from '../../support/canary.ts';
import { fakeSecret, tokenErrorOf } from '../../support/token-input.ts';

const clock: Clock = { now: Date.now, sleep: () => Promise.resolve() };
const client = { clientId: 'client-1', clientSecret: canarySecret('client secret: +&') };
const options = { ...client, clock, lifetimeSeconds: 3600, mark: CANARY };
const credentials = { client_id: client.clientId, client_secret: new Secret(client.clientSecret) };

let server: ProviderServer | undefined;

afterEach(async () => {
  await server?.close();
});

/** Asks a server of the strict kind, by the preset, for one grant. */
async function exchange(
  provider: string | undefined,
  input: Partial<TokenRequestInput> & { grantType: string },
) {
  const { tokenUrl = '', origin = '' } = server ?? {};
  const connection = connectionSchema.parse({ provider, tokenUrl, credentials: 'c' });
  const preset = provider === undefined ? undefined : await loadPreset(provider);
  const endpoint = createTokenEndpoint({ now: clock.now, uuid: crypto.randomUUID, allowedOrigins: [origin] });
  return endpoint.exchange({
    ...resolveConnection('c', connection, preset),
    tokenUrl,
    credentials,
    ...input,
  });
}

/** Whether the API behind the server takes the token. */
async function works(token: Secret): Promise<boolean> {
  const headers = { authorization: `Bearer ${token.reveal()}` };
  return (await fetch(server?.protectedUrl ?? '', { headers })).ok;
}

describe('Kajabi', () => {
  it('mints by client credentials, and refreshes what it minted', async () => {
    server = await startKajabi(options);
    const { token: minted } = await exchange('kajabi', { grantType: 'client_credentials' });
    expect(minted).toMatchObject({ token_type: 'Bearer', expiresInSeconds: 3600 });
    expect(jwtExpirySeconds(minted.refresh_token ?? new Secret(''))).toBeGreaterThan(Date.now() / 1000);
    const { token } = await exchange('kajabi', {
      grantType: 'refresh_token',
      ...(minted.refresh_token && { refresh_token: minted.refresh_token }),
    });
    expect(await works(token.access_token ?? new Secret(''))).toBe(true);
  });

  it('says that a refresh token is dead, so that the next grant can mint anew', async () => {
    server = await startKajabi(options);
    const error = await tokenErrorOf(() =>
      exchange('kajabi', { grantType: 'refresh_token', refresh_token: fakeSecret('unknown') }),
    );
    expect(error.kind).toBe('refused');
  });

  it('takes a user name and a password', async () => {
    const user = { username: 'someone@example.com', password: canarySecret('password') };
    server = await startKajabi({ ...options, user });
    const { token } = await exchange('kajabi', {
      grantType: 'password',
      credentials: { username: user.username, password: new Secret(user.password) },
    });
    expect(await works(token.access_token ?? new Secret(''))).toBe(true);
  });

  it('says that a client secret is wrong', async () => {
    server = await startKajabi(options);
    server.setClientSecret(canarySecret('another'));
    const error = await tokenErrorOf(() => exchange('kajabi', { grantType: 'client_credentials' }));
    expect(error.kind).toBe('client-refused');
  });
});

describe('SlashID', () => {
  it('mints by client credentials', async () => {
    server = await startSlashId(options);
    const { token } = await exchange('slashid', { grantType: 'client_credentials', scope: 'read' });
    expect(token).toMatchObject({ token_type: 'bearer', scope: 'read' });
    expect(token.refresh_token).toBeUndefined();
    expect(await works(token.access_token ?? new Secret(''))).toBe(true);
  });

  it('exchanges a code, and refreshes with what came', async () => {
    const slashId = await startSlashId(options);
    server = slashId;
    const pkce = await createPkce();
    const redirect_uri = 'http://127.0.0.1:1/callback';
    const code = slashId.authorize({ redirectUri: redirect_uri, codeChallenge: pkce.code_challenge });
    const { token: first } = await exchange('slashid', {
      grantType: 'authorization_code',
      code: new Secret(code),
      code_verifier: pkce.code_verifier,
      redirect_uri,
    });
    const { token } = await exchange('slashid', {
      grantType: 'refresh_token',
      ...(first.refresh_token && { refresh_token: first.refresh_token }),
    });
    expect(token.refresh_token).toBeUndefined();
    expect(await works(token.access_token ?? new Secret(''))).toBe(true);
  });

  it('does not say which of two things a 400 on refresh is, and what it says is shown', async () => {
    server = await startSlashId(options);
    const error = await tokenErrorOf(() =>
      exchange('slashid', { grantType: 'refresh_token', refresh_token: fakeSecret('unknown') }),
    );
    expect(error).toMatchObject({ kind: 'unsure', code: 'http_400' });
    expect(error.message).toContain('the refresh token is not valid');
  });
});

describe('a certified authorization server, found by its issuer', () => {
  it('rotates a refresh token, and refuses the spent one', async () => {
    const rotating = await startRotating(options);
    server = rotating;
    const endpoint = createTokenEndpoint({
      now: clock.now,
      uuid: crypto.randomUUID,
      allowedOrigins: [rotating.origin],
    });
    expect(await endpoint.discover(rotating.issuer)).toBe(rotating.tokenUrl);
    const refresh_token = new Secret(await rotating.mintRefreshToken());
    const input = { grantType: 'refresh_token', refresh_token };
    const { token } = await exchange(undefined, input);
    expect(token.refresh_token?.equals(refresh_token)).toBe(false);
    expect(await works(token.access_token ?? new Secret(''))).toBe(true);
    expect(await tokenErrorOf(() => exchange(undefined, input))).toMatchObject({
      kind: 'refused',
      code: 'invalid_grant',
    });
  });
});
