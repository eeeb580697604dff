import { exportJWK, generateKeyPair } from 'jose';
import Provider, { type Configuration } from 'oidc-provider';
import {
  listenOnLoopback,
  type ProviderOptions,
  type ProviderServer,
  type RequestHandler,
} from './provider-server.ts';
import { RotatingStore } from './rotating-store.ts';
import { TokenEndpointControls } from './token-endpoint-controls.ts';

export interface RotatingOptions extends ProviderOptions {
  /** Authenticates with HTTP Basic, form-encoded (RFC 6749 section 2.3.1). */
  readonly clientId: string;
  readonly clientSecret: string;
  /** Lifetime of each refresh token, counted anew at every rotation. Default 14 days. */
  readonly refreshTokenLifetimeSeconds?: number;
}

export interface RotatingServer extends ProviderServer {
  readonly revocationUrl: string;
  readonly issuer: string;
  /** The first refresh token of a new family, as a person's consent in a browser would have brought it. */
  mintRefreshToken(): Promise<string>;
  /** Families that died because one of their refresh tokens was used twice: the ids of their grants. */
  readonly revokedFamilies: readonly string[];
}

const ACCOUNT = 'demo';
const SCOPE = 'openid offline_access';

/**
 * A certified authorization server, oidc-provider, that hands out single-use refresh tokens: each refresh
 * replaces the token, and a second use of a spent one revokes its whole family (RFC 9700 section 4.14.2).
 */
export async function startRotating(options: RotatingOptions): Promise<RotatingServer> {
  const tokenEndpoint = new TokenEndpointControls(options.clock);
  const revokedFamilies: string[] = [];
  let clientSecret = options.clientSecret;
  const store = new RotatingStore(options.clock, () => ({
    client_id: options.clientId,
    client_secret: clientSecret,
    token_endpoint_auth_method: 'client_secret_basic',
    grant_types: ['refresh_token', 'client_credentials'],
    response_types: [],
    redirect_uris: [],
    id_token_signed_response_alg: 'ES256',
  }));
  const configuration = await configure(options, store);

  function handlerFor(origin: string): { provider: Provider; handle: RequestHandler } {
    const provider = new Provider(origin, configuration);
    // Koa would print what goes wrong; here it is counted or answered instead.
    provider.silent = true;
    markTokens(provider, options.mark);
    provider.on('grant.error', (context, error) => {
      tokenEndpoint.reject(context.status, error.error, error.error_detail ?? error.message);
    });
    provider.on('grant.revoked', (_, grantId) => revokedFamilies.push(grantId));
    const serve = provider.callback();
    return {
      provider,
      handle: async (request, response) => {
        const isTokenRequest = request.method === 'POST' && request.url?.split('?')[0] === '/token';
        if (isTokenRequest) await tokenEndpoint.serve(request, response, () => serve(request, response));
        else await serve(request, response);
      },
    };
  }

  let provider: Provider | undefined;
  const server = await listenOnLoopback(options.port ?? 0, (origin) => {
    const made = handlerFor(origin);
    provider = made.provider;
    return made.handle;
  });

  return {
    origin: server.origin,
    issuer: server.origin,
    tokenUrl: `${server.origin}/token`,
    revocationUrl: `${server.origin}/token/revocation`,
    protectedUrl: `${server.origin}/me`,
    tokenEndpoint,
    revokedFamilies,
    mintRefreshToken: () => mintRefreshToken(provider as Provider, options.clientId),
    setClientSecret: (secret) => {
      clientSecret = secret;
    },
    killRefreshTokens: () => store.clear('RefreshToken'),
    close: server.close,
  };
}

async function configure(options: RotatingOptions, store: RotatingStore): Promise<Configuration> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const { lifetimeSeconds, refreshTokenLifetimeSeconds = 14 * 86_400 } = options;
  return {
    adapter: store.adapter,
    jwks: { keys: [{ ...(await exportJWK(privateKey)), alg: 'ES256', use: 'sig' }] },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      revocation: { enabled: true, allowedPolicy: (_, client, token) => token.clientId === client.clientId },
    },
    responseTypes: ['code'],
    scopes: SCOPE.split(' '),
    rotateRefreshToken: true,
    clockTolerance: 0,
    findAccount: (_, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
    ttl: {
      AccessToken: lifetimeSeconds,
      ClientCredentials: lifetimeSeconds,
      IdToken: lifetimeSeconds,
      RefreshToken: refreshTokenLifetimeSeconds,
      Grant: 10 * 365 * 86_400,
    },
    cookies: { keys: ['unused: no browser comes here'] },
  };
}

async function mintRefreshToken(provider: Provider, clientId: string): Promise<string> {
  const client = await provider.Client.find(clientId);
  if (!client) throw new Error('the client is not registered');
  const grant = new provider.Grant({ accountId: ACCOUNT, clientId });
  grant.addOIDCScope(SCOPE);
  const grantId = await grant.save();
  const refreshToken = new provider.RefreshToken({
    client,
    accountId: ACCOUNT,
    grantId,
    gty: 'authorization_code',
    scope: SCOPE,
  });
  return refreshToken.save();
}

/** oidc-provider's tokens are their ids: whoever names the ids marks the tokens. */
export function markTokens(provider: Provider, mark: string | undefined): void {
  if (mark === undefined) return;
  for (const model of [
    provider.AccessToken,
    provider.AuthorizationCode,
    provider.ClientCredentials,
    provider.DeviceCode,
    provider.RefreshToken,
  ]) {
    const prototype = model.prototype as unknown as { generateTokenId(): string };
    const generate = prototype.generateTokenId;
    prototype.generateTokenId = function markedTokenId() {
      return `${mark}.${generate.call(this)}`;
    };
  }
}
