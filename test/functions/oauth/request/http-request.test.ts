import { generateKeyPairSync } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { identityRulesSchema } from '../../../../functions/oauth/assertion-rules.ts';
import type { Credentials } from '../../../../functions/oauth/credentials.ts';
import {
  type ClientAuthentication,
  errorRulesSchema,
  requestRulesSchema,
} from '../../../../functions/oauth/endpoint-rules.ts';
import {
  DEVICE_CODE,
  JWT_BEARER,
  SAML2_BEARER,
  TOKEN_EXCHANGE,
} from '../../../../functions/oauth/grant-type.ts';
import { buildDeviceAuthorization } from '../../../../functions/oauth/request/device-authorization.ts';
import { type TokenHttpRequest, USER_AGENT } from '../../../../functions/oauth/request/http-request.ts';
import { buildRevocationRequest } from '../../../../functions/oauth/request/revocation-request.ts';
import { buildTokenRequest } from '../../../../functions/oauth/request/token-request.ts';
import type { Kept } from '../../../../functions/oauth/response/redact.ts';
import { Secret } from '../../../../functions/oauth/secret.ts';
import { canarySecret } from '../../../support/canary.ts';
import { fakeSecret, tokenInput } from '../../../support/token-input.ts';

const context = { now: () => 0, uuid: () => 'id' };
const url = 'https://idp.example.com/revoke';
const tokenUrl = 'https://idp.example.com/token';
const errors = errorRulesSchema.parse({});
const token = fakeSecret('token');
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const credentials: Credentials = {
  client_id: 'client',
  client_secret: fakeSecret('client-secret'),
  private_key: new Secret(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()),
  username: 'someone',
  password: fakeSecret('password'),
  fields: {
    account: fakeSecret('account'),
    subject_token: fakeSecret('subject-token'),
    assertion: fakeSecret('stored-assertion'),
  },
};

type Build = (clientAuthentication: ClientAuthentication) => Promise<TokenHttpRequest>;

/** A grant that is a proof, with templates over what is stored. */
function proving(
  grantType: string,
  clientAuthentication: ClientAuthentication,
  use?: 'grant' | 'bearer',
): Promise<TokenHttpRequest> {
  const request = {
    clientAuthentication,
    parameters: { account: '{credential.account}' },
    headers: { 'x-account': '{credential.account}' },
    ...(use && { assertion: { use, claims: { sub: '{credential.account}' } } }),
  };
  return buildTokenRequest(tokenInput({ grantType, credentials, request }), context);
}

/** Every request that carries secrets. */
const REQUESTS: Readonly<Record<string, Build>> = {
  ...Object.fromEntries(
    ['client_credentials', 'refresh_token', 'password', 'authorization_code', DEVICE_CODE].map(
      (grantType): [string, Build] => [
        grantType,
        (clientAuthentication) =>
          buildTokenRequest(
            tokenInput({
              grantType,
              credentials,
              request: { clientAuthentication },
              refresh_token: fakeSecret('refresh'),
              code: fakeSecret('code'),
              code_verifier: fakeSecret('verifier'),
              device_code: fakeSecret('device'),
            }),
            context,
          ),
      ],
    ),
  ),
  'an assertion as the grant': (clientAuthentication) => proving(JWT_BEARER, clientAuthentication, 'grant'),
  'an assertion in the header': (clientAuthentication) =>
    proving('client_credentials', clientAuthentication, 'bearer'),
  'a stored token as the subject': (clientAuthentication) => proving(TOKEN_EXCHANGE, clientAuthentication),
  'a stored assertion': (clientAuthentication) => proving(SAML2_BEARER, clientAuthentication),
  'a token of the role’s own': (clientAuthentication) =>
    buildTokenRequest(
      tokenInput({
        grantType: TOKEN_EXCHANGE,
        credentials,
        identity: identityRulesSchema.parse({ use: 'subject', audience: 'api' }),
        request: { clientAuthentication },
      }),
      { ...context, identityToken: async () => fakeSecret('identity') },
    ),
  'device authorization': (clientAuthentication) => {
    const request = requestRulesSchema.parse({ clientAuthentication });
    return buildDeviceAuthorization({ url, tokenUrl, credentials, request }, context);
  },
  revocation: (clientAuthentication) => {
    const request = requestRulesSchema.parse({ clientAuthentication });
    const style = 'rfc7009';
    const tokenType = 'refresh_token';
    return buildRevocationRequest(
      { style, url, tokenUrl, token, tokenType, request, errors, credentials },
      context,
    );
  },
  'revocation by a bearer': (clientAuthentication) => {
    const request = requestRulesSchema.parse({ clientAuthentication });
    const accessToken = fakeSecret('access');
    return buildRevocationRequest(
      { style: 'bearer-and-token', url, token, accessToken, request, errors },
      context,
    );
  },
};

/** What stands in a request and tells nobody anything that could be misused. */
const PUBLIC = new Set([
  'grant_type',
  'client_id',
  'username',
  'token_type_hint',
  'client_assertion_type',
  'subject_token_type',
]);

const revealed = (kept: Kept) => (kept instanceof Secret ? kept : kept.token).reveal();

function sentSecrets({ headers, body }: TokenHttpRequest): string[] {
  const parameters = [...new URLSearchParams(body?.reveal())].filter(([name]) => !PUBLIC.has(name));
  const { authorization } = headers;
  const header = authorization instanceof Secret ? authorization.reveal().split(' ').slice(1) : [];
  return [...parameters.map(([, value]) => value), ...header];
}

describe.each(Object.entries(REQUESTS))('what nobody may see of a request: %s', (_, build) => {
  it.each(['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'] as const)(
    'holds all that it sends, with %s',
    async (method) => {
      const request = await build(method);
      const kept = request.secrets.map(revealed);
      expect(kept).toEqual(expect.arrayContaining(sentSecrets(request)));
      expect(kept).not.toContain(undefined);
    },
  );
});

it('keeps what a header carries without its scheme, which an answer may leave out', async () => {
  const { secrets } = (await REQUESTS['revocation by a bearer']?.('none')) ?? { secrets: [] };
  expect(secrets.map(revealed)).toEqual([token.reveal(), canarySecret('access')]);
});

it('is a form that asks for JSON, beside the token endpoint too', async () => {
  const request = await REQUESTS['revocation']?.('none');
  expect(request).toMatchObject({
    method: 'POST',
    headers: {
      accept: 'application/json',
      'content-type': 'application/x-www-form-urlencoded',
      'user-agent': USER_AGENT,
    },
  });
});

it('names the version of the package', async () => {
  const { version } = JSON.parse(
    await readFile(new URL('../../../../package.json', import.meta.url), 'utf8'),
  );
  expect(USER_AGENT).toBe(`evertoken/${version}`);
});
