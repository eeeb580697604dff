import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK } from 'jose';
import Provider from 'oidc-provider';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SignatureAlgorithm } from '../../../../functions/oauth/assertion-rules.ts';
import type { TokenRequestInput } from '../../../../functions/oauth/request/token-request.ts';
import { createTokenEndpoint } from '../../../../functions/oauth/transport/token-endpoint.ts';
import { KEY_OF } from '../../../support/signing-keys.ts';
import { tokenErrorOf, tokenInput } from '../../../support/token-input.ts';

/** Ed25519 is EdDSA under the name of RFC 9864; each is tried with a client of its own. */
const ALGORITHMS = [
  'RS256',
  'RS512',
  'PS256',
  'PS384',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
] as const;

const server = createServer();
let tokenUrl = '';

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  tokenUrl = `${origin}/token`;
  const clients = await Promise.all(
    ALGORITHMS.map(async (alg) => ({
      client_id: `client-${alg}`,
      token_endpoint_auth_method: 'private_key_jwt' as const,
      token_endpoint_auth_signing_alg: alg,
      jwks: { keys: [{ ...(await exportJWK(KEY_OF[alg].publicKey)), kid: 'key-1', use: 'sig' }] },
      grant_types: ['client_credentials'],
      response_types: [],
      redirect_uris: [],
    })),
  );
  const provider = new Provider(origin, {
    clients,
    enabledJWA: { clientAuthSigningAlgValues: [...ALGORITHMS] },
    features: { devInteractions: { enabled: false }, clientCredentials: { enabled: true } },
    cookies: { keys: ['unused: no browser comes here'] },
  });
  provider.silent = true;
  server.on('request', provider.callback());
});

afterAll(() => {
  server.close();
  server.closeAllConnections();
});

/** A client of this server, whose assertions have these ids. */
function exchange(
  alg: SignatureAlgorithm,
  jti: string,
  more: Partial<TokenRequestInput['credentials']> = {},
) {
  const endpoint = createTokenEndpoint({
    now: Date.now,
    uuid: () => jti,
    allowedOrigins: [new URL(tokenUrl).origin],
  });
  return endpoint.exchange(
    tokenInput({
      tokenUrl,
      credentials: { client_id: `client-${alg}`, private_key: KEY_OF[alg].pem, key_id: 'key-1', ...more },
      request: { clientAuthentication: 'private_key_jwt', assertion: { use: 'client', algorithms: [alg] } },
    }),
  );
}

describe('a certified server', () => {
  it.each(ALGORITHMS)('takes an assertion with %s, each jti once', async (alg) => {
    const bearer = { token_type: 'Bearer', access_token: expect.anything() };
    expect((await exchange(alg, `${alg}-1`)).token).toMatchObject(bearer);
    expect((await exchange(alg, `${alg}-2`)).token).toMatchObject(bearer);
    expect(await tokenErrorOf(() => exchange(alg, `${alg}-2`))).toMatchObject({
      kind: 'client-refused',
      code: 'invalid_client',
      status: 401,
    });
  });

  it('refuses an assertion that another key signed, whose parts are in no error', async () => {
    const error = await tokenErrorOf(() =>
      exchange('RS256', 'other', { client_id: 'client-PS256', key_id: 'key-2' }),
    );
    expect(error).toMatchObject({ kind: 'client-refused', code: 'invalid_client' });
    expect(JSON.stringify(error) + error.message).not.toMatch(/eyJ/);
  });
});
