import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { expectParameters, Refusal, readForm } from './form-request.ts';
import { mintJwt, mintOpaqueToken } from './minted-token.ts';
import {
  bearerToken,
  listenOnLoopback,
  type ProviderOptions,
  type ProviderServer,
  sendJson,
} from './provider-server.ts';
import { TokenEndpointControls } from './token-endpoint-controls.ts';

export interface KajabiOptions extends ProviderOptions {
  readonly clientId: string;
  readonly clientSecret: string;
  /** The account that may ask with user name and password. Default: none may. */
  readonly user?: { readonly username: string; readonly password: string };
  /**
   * Whether a request with user name and password carries `grant_type=password` too. The documentation's
   * prose says no, one of its examples says yes. Default false.
   */
  readonly passwordTakesGrantType?: boolean;
  /** Lifetime of refresh tokens, by their `exp` claim. Default 40 access-token lifetimes. */
  readonly refreshTokenLifetimeSeconds?: number;
}

/** An access token and the refresh token that came with it. */
interface Pair {
  readonly accessToken: string;
  readonly accessTokenExpiresAt: number;
  readonly refreshToken: string;
  readonly refreshTokenExpiresAt: number;
  /** Whether the refresh token may be used: not one that came with a user name and password, and only once. */
  refreshable: boolean;
  revoked: boolean;
}

/**
 * Kajabi's public API v1, as far as tokens go, refusing every parameter that its documentation does not
 * name. Where the documentation is silent on rotation, the strict reading holds: a refresh answers with a
 * new refresh token and the old one is spent.
 */
export async function startKajabi(options: KajabiOptions): Promise<ProviderServer> {
  const { clock, lifetimeSeconds, mark } = options;
  const refreshTokenLifetimeSeconds = options.refreshTokenLifetimeSeconds ?? lifetimeSeconds * 40;
  const tokenEndpoint = new TokenEndpointControls(clock);
  const pairs = new Set<Pair>();
  let clientSecret = options.clientSecret;

  function issue(refreshable: boolean) {
    const now = clock.now();
    for (const pair of pairs) {
      if (pair.accessTokenExpiresAt <= now && pair.refreshTokenExpiresAt <= now) pairs.delete(pair);
    }
    const refreshTokenExpiresAt = now + refreshTokenLifetimeSeconds * 1000;
    const claims = {
      iat: Math.floor(now / 1000),
      exp: Math.floor(refreshTokenExpiresAt / 1000),
      jti: randomUUID(),
    };
    const pair: Pair = {
      accessToken: mintOpaqueToken(mark),
      accessTokenExpiresAt: now + lifetimeSeconds * 1000,
      refreshToken: mintJwt(claims, mark),
      refreshTokenExpiresAt,
      refreshable,
      revoked: false,
    };
    pairs.add(pair);
    return {
      access_token: pair.accessToken,
      refresh_token: pair.refreshToken,
      token_type: 'Bearer',
      expires_in: lifetimeSeconds,
    };
  }

  function byClientCredentials(parameters: ReadonlyMap<string, string>) {
    expectParameters(parameters, 'client credentials', ['grant_type', 'client_id', 'client_secret']);
    if (
      parameters.get('client_id') !== options.clientId ||
      parameters.get('client_secret') !== clientSecret
    ) {
      throw new Refusal(401, 'invalid_client', 'unknown client or wrong secret');
    }
    return issue(true);
  }

  function byRefreshToken(parameters: ReadonlyMap<string, string>) {
    expectParameters(parameters, 'refresh', ['grant_type', 'refresh_token']);
    const pair = [...pairs].find(({ refreshToken }) => refreshToken === parameters.get('refresh_token'));
    if (!pair?.refreshable || pair.revoked || pair.refreshTokenExpiresAt <= clock.now()) {
      throw new Refusal(400, 'invalid_grant', 'the refresh token is unknown, used, revoked or expired');
    }
    pair.refreshable = false;
    return issue(true);
  }

  function byPassword(parameters: ReadonlyMap<string, string>) {
    const grantType = options.passwordTakesGrantType === true ? ['grant_type'] : [];
    expectParameters(parameters, 'user name and password', [...grantType, 'username', 'password']);
    if (
      options.user === undefined ||
      parameters.get('username') !== options.user.username ||
      parameters.get('password') !== options.user.password
    ) {
      throw new Refusal(401, 'invalid_grant', 'unknown user or wrong password');
    }
    return issue(false);
  }

  async function exchange(request: IncomingMessage) {
    if (request.headers.authorization !== undefined) {
      throw new Refusal(400, 'invalid_request', 'the token endpoint takes no Authorization header');
    }
    const parameters = await readForm(request);
    switch (parameters.get('grant_type')) {
      case 'client_credentials':
        return byClientCredentials(parameters);
      case 'refresh_token':
        return byRefreshToken(parameters);
      case undefined:
      case 'password':
        return byPassword(parameters);
      default:
        throw new Refusal(400, 'unsupported_grant_type', 'no such grant type');
    }
  }

  /** The pair whose access token the request bears, while that token is valid. */
  function bearer(request: IncomingMessage): Pair | undefined {
    const token = bearerToken(request);
    const pair = [...pairs].find(({ accessToken }) => accessToken === token);
    return pair && !pair.revoked && pair.accessTokenExpiresAt > clock.now() ? pair : undefined;
  }

  async function revoke(request: IncomingMessage, response: ServerResponse) {
    if (!bearer(request)) {
      return sendProblem(response, 401, 'Unauthorized', 'The access token is invalid');
    }
    const parameters = await readForm(request);
    expectParameters(parameters, 'revoke', ['token']);
    const token = parameters.get('token');
    for (const pair of pairs) {
      if (pair.accessToken === token || pair.refreshToken === token) pair.revoked = true;
    }
    response.writeHead(200, { 'Content-Length': '0' }).end();
  }

  async function serve(request: IncomingMessage, response: ServerResponse) {
    switch (`${request.method} ${request.url?.split('?')[0]}`) {
      case 'POST /v1/oauth/token':
        return tokenEndpoint.serve(request, response, async () => {
          try {
            sendJson(response, 200, await exchange(request));
          } catch (error) {
            if (!(error instanceof Refusal)) throw error;
            tokenEndpoint.reject(error.status, error.code, error.message);
            sendJson(response, error.status, { error: error.code });
          }
        });
      case 'POST /v1/oauth/revoke':
        try {
          return await revoke(request, response);
        } catch (error) {
          if (!(error instanceof Refusal)) throw error;
          return sendProblem(response, error.status, 'Bad Request', error.message);
        }
      case 'GET /v1/me':
        if (!bearer(request)) {
          return sendProblem(response, 401, 'Unauthorized', 'The access token is invalid');
        }
        return sendJson(response, 200, { data: { id: '1', type: 'users', attributes: { name: 'Demo' } } });
      default:
        return sendProblem(response, 404, 'Not Found', 'No such path');
    }
  }

  const server = await listenOnLoopback(options.port ?? 0, () => serve);
  return {
    origin: server.origin,
    tokenUrl: `${server.origin}/v1/oauth/token`,
    revocationUrl: `${server.origin}/v1/oauth/revoke`,
    protectedUrl: `${server.origin}/v1/me`,
    tokenEndpoint,
    setClientSecret: (secret) => {
      clientSecret = secret;
    },
    killRefreshTokens: () => {
      for (const pair of pairs) pair.refreshable = false;
    },
    close: server.close,
  };
}

/** The error shape of everything but the token endpoint. */
function sendProblem(response: ServerResponse, status: number, title: string, detail: string): void {
  sendJson(response, status, { errors: [{ status: String(status), title, detail }] });
}
