import { createRemoteJWKSet, exportJWK, generateKeyPair, type JWK, type JWTPayload, jwtVerify } from 'jose';
import Provider, { errors } from 'oidc-provider';
import { expectParameters, Refusal, readForm } from '../../local/providers/form-request.ts';
import { listenOnLoopback, type RequestHandler, sendJson } from '../../local/providers/provider-server.ts';
import { markTokens } from '../../local/providers/rotating.ts';
import { memoryAdapter } from '../cli/authorization/support/memory-adapter.ts';
import { canarySecret } from './canary.ts';

export const AUDIENCE = 'https://federation.example.com';
export const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
/** A client that has neither a secret nor a key. */
export const PUBLIC_CLIENT = 'public-client';
const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const LIFETIME_SECONDS = 3600;
const FEDERATED_PATH = '/federated/token';

export interface ProvingProviderOptions {
  /** Public keys of clients that sign, by their client_id. Read at each request. */
  readonly keys?: () => Readonly<Record<string, JWK>>;
  /** The issuer of identity tokens, known once AWS listens. */
  readonly identityIssuer?: () => string;
  /** ARNs of the roles that are trusted. Default: any. */
  readonly roles?: readonly string[];
}

export interface ProvingProvider {
  readonly origin: string;
  /** oidc-provider's: private_key_jwt, and token exchange for identity tokens. */
  readonly tokenUrl: string;
  /** Takes an identity token as client assertion, as RFC 7523 section 3 says, and nothing else. */
  readonly federatedUrl: string;
  /** Every assertion and subject token that brought a token. */
  readonly proofs: readonly string[];
  close(): Promise<void>;
}

/** An authorization server that stores no secret of its clients: it knows their keys, or whom it trusts. */
export async function startProvingProvider(options: ProvingProviderOptions): Promise<ProvingProvider> {
  const proofs: string[] = [];
  const verify = identityVerifier(options);
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const signingKey = { ...(await exportJWK(privateKey)), alg: 'ES256', use: 'sig' };

  const server = await listenOnLoopback(0, (origin) => {
    const provider = new Provider(origin, {
      adapter: adapterWith(options.keys ?? (() => ({}))),
      jwks: { keys: [signingKey] },
      features: { devInteractions: { enabled: false }, clientCredentials: { enabled: true } },
      enabledJWA: { clientAuthSigningAlgValues: ['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA'] },
      ttl: { ClientCredentials: LIFETIME_SECONDS },
      cookies: { keys: ['unused: no browser comes here'] },
    });
    provider.silent = true;
    markTokens(provider, canarySecret('proven'));
    provider.on('grant.success', ({ oidc }) => {
      const { client_assertion, subject_token } = oidc.params ?? {};
      proofs.push(String(client_assertion ?? subject_token));
    });
    provider.registerGrantType<{ subject_token?: string; subject_token_type?: string }>(
      TOKEN_EXCHANGE,
      async (context) => {
        const { client, params } = context.oidc;
        if (params.subject_token_type !== 'urn:ietf:params:oauth:token-type:jwt' || client === undefined) {
          throw new errors.InvalidRequest('subject_token_type');
        }
        await verify(params.subject_token ?? '').catch((error: Error) => {
          throw new errors.InvalidGrant(error.message);
        });
        const token = new provider.ClientCredentials({ client } as never);
        context.body = {
          access_token: await token.save(),
          issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
          token_type: 'Bearer',
          expires_in: LIFETIME_SECONDS,
        };
      },
      ['subject_token', 'subject_token_type', 'audience', 'scope'],
    );
    const serve = provider.callback();
    const federated = federatedEndpoint(verify, proofs);
    return async (request, response) =>
      request.url === FEDERATED_PATH ? federated(request, response) : serve(request, response);
  });
  return {
    origin: server.origin,
    tokenUrl: `${server.origin}/token`,
    federatedUrl: server.origin + FEDERATED_PATH,
    proofs,
    close: server.close,
  };
}

type Verify = (token: string) => Promise<JWTPayload>;

/** Judges an identity token by its issuer's key set; one that was shown before is refused. */
function identityVerifier({ identityIssuer, roles }: ProvingProviderOptions): Verify {
  const seen = new Set<string>();
  return async (token) => {
    const issuer = identityIssuer?.() ?? '';
    const jwks = createRemoteJWKSet(new URL(`${issuer}/.well-known/jwks.json`));
    const { payload } = await jwtVerify(token, jwks, { issuer, audience: AUDIENCE, maxTokenAge: '5m' });
    const { sub = '', jti, exp = 0, iat = 0 } = payload;
    if (roles && !roles.includes(sub)) throw new Error('this role is not trusted');
    if (jti === undefined || seen.has(jti)) throw new Error('this token was shown before');
    if (exp - iat > 300) throw new Error('this token lives too long');
    seen.add(jti);
    return payload;
  };
}

/** A token endpoint in the manner of Entra's federated credentials: the assertion is AWS's, not the client's. */
function federatedEndpoint(verify: Verify, proofs: string[]): RequestHandler {
  return async (request, response) => {
    try {
      const parameters = await readForm(request);
      expectParameters(
        parameters,
        'a federated client',
        ['grant_type', 'client_id', 'client_assertion_type', 'client_assertion'],
        ['scope'],
      );
      if (parameters.get('client_assertion_type') !== JWT_BEARER) {
        throw new Refusal(400, 'invalid_request', 'client_assertion_type');
      }
      const assertion = parameters.get('client_assertion') ?? '';
      await verify(assertion).catch((error: Error) => {
        throw new Refusal(401, 'invalid_client', error.message);
      });
      if (parameters.get('client_id') !== PUBLIC_CLIENT)
        throw new Refusal(401, 'invalid_client', 'client_id');
      proofs.push(assertion);
      sendJson(response, 200, {
        access_token: canarySecret(`federated-${proofs.length}`),
        token_type: 'Bearer',
        expires_in: LIFETIME_SECONDS,
      });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      sendJson(response, error.status, { error: error.code, error_description: error.message });
    }
  };
}

function adapterWith(keys: () => Readonly<Record<string, JWK>>): ReturnType<typeof memoryAdapter> {
  const memory = memoryAdapter();
  const bare = { redirect_uris: [], response_types: [], id_token_signed_response_alg: 'ES256' };
  return (model) => {
    if (model !== 'Client') return memory(model);
    return {
      ...memory(model),
      find: async (id) => {
        const grant = { ...bare, client_id: id };
        if (id === PUBLIC_CLIENT) {
          return { ...grant, grant_types: [TOKEN_EXCHANGE], token_endpoint_auth_method: 'none' } as never;
        }
        const key = keys()[id];
        if (key === undefined) return undefined;
        return {
          ...grant,
          grant_types: ['client_credentials'],
          token_endpoint_auth_method: 'private_key_jwt',
          jwks: { keys: [key] },
        } as never;
      },
    };
  };
}
