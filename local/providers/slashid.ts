import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { expectParameters, Refusal, readForm } from './form-request.ts';
import { mintOpaqueToken } from './minted-token.ts';
import {
  bearerToken,
  listenOnLoopback,
  type ProviderOptions,
  type ProviderServer,
  sendJson,
} from './provider-server.ts';
import { TokenEndpointControls } from './token-endpoint-controls.ts';

export interface SlashIdOptions extends ProviderOptions {
  readonly clientId: string;
  readonly clientSecret: string;
  /** Whether a refresh answers with a new refresh token and spends the old one. Default false: it omits it. */
  readonly rotateRefreshTokens?: boolean;
  /** What the PKCE value is called: RFC 7636 section 4.5, or the provider's page. Default `code_verifier`. */
  readonly pkceParameter?: 'code_verifier' | 'code_challenge';
}

/** What a person agreed to in a browser. */
export interface Consent {
  readonly redirectUri: string;
  /** Space-delimited; a refresh token comes only with `offline_access` in it. Default `openid offline_access`. */
  readonly scope?: string;
  /** S256 challenge (RFC 7636 section 4.2). Default: none, and no verifier is asked for. */
  readonly codeChallenge?: string;
}

export interface SlashIdServer extends ProviderServer {
  /** An authorization code, as a browser would bring it to the redirect URI. Good once, for a minute. */
  authorize(consent: Consent): string;
  /** A refresh token, as if a code had been exchanged. */
  mintRefreshToken(scope?: string): string;
}

const CODE_LIFETIME_MS = 60_000;
const DEFAULT_SCOPE = 'openid offline_access';

/** SlashID's token endpoint, refusing every parameter that its documentation does not name. */
export async function startSlashId(options: SlashIdOptions): Promise<SlashIdServer> {
  const { clock, lifetimeSeconds, mark } = options;
  const pkceParameter = options.pkceParameter ?? 'code_verifier';
  const tokenEndpoint = new TokenEndpointControls(clock);
  const accessTokenExpiry = new Map<string, number>();
  const refreshTokenScope = new Map<string, string>();
  const codes = new Map<string, Consent & { expiresAt: number }>();
  let clientSecret = options.clientSecret;

  function accessToken(scope: string) {
    const now = clock.now();
    for (const [token, expiresAt] of accessTokenExpiry) if (expiresAt <= now) accessTokenExpiry.delete(token);
    const token = mintOpaqueToken(mark);
    accessTokenExpiry.set(token, now + lifetimeSeconds * 1000);
    return { access_token: token, expires_in: lifetimeSeconds, scope, token_type: 'bearer' };
  }

  function mintRefreshToken(scope = DEFAULT_SCOPE): string {
    const token = mintOpaqueToken(mark);
    refreshTokenScope.set(token, scope);
    return token;
  }

  /** The documentation does not say how special characters are written into the header: both ways pass. */
  function isClient(authorization: string): boolean {
    const [, encoded] = /^Basic ([A-Za-z0-9+/]+=*)$/i.exec(authorization) ?? [];
    const given = Buffer.from(encoded ?? '', 'base64').toString('utf8');
    const formEncode = (text: string) => new URLSearchParams([['', text]]).toString().slice(1);
    return (
      given === `${options.clientId}:${clientSecret}` ||
      given === `${formEncode(options.clientId)}:${formEncode(clientSecret)}`
    );
  }

  function requireClient(authorization: string | undefined): void {
    if (authorization === undefined || !isClient(authorization)) {
      throw new Refusal(403, 'invalid_client', 'the client could not be authenticated');
    }
  }

  function byClientCredentials(parameters: ReadonlyMap<string, string>) {
    expectParameters(parameters, 'client_credentials', ['grant_type'], ['scope']);
    return accessToken(parameters.get('scope') ?? '');
  }

  function byRefreshToken(parameters: ReadonlyMap<string, string>) {
    expectParameters(parameters, 'refresh_token', ['grant_type', 'refresh_token'], ['scope']);
    const token = parameters.get('refresh_token') ?? '';
    const granted = refreshTokenScope.get(token);
    if (granted === undefined) throw new Refusal(400, 'invalid_grant', 'the refresh token is not valid');
    const scope = parameters.get('scope') ?? granted;
    if (scope.split(' ').some((value) => !granted.split(' ').includes(value))) {
      throw new Refusal(400, 'invalid_scope', 'the scope exceeds what was granted');
    }
    if (options.rotateRefreshTokens !== true) return accessToken(scope);
    refreshTokenScope.delete(token);
    return { ...accessToken(scope), refresh_token: mintRefreshToken(granted) };
  }

  function byAuthorizationCode(parameters: ReadonlyMap<string, string>, authorization: string | undefined) {
    expectParameters(
      parameters,
      'authorization_code',
      ['grant_type', 'code', 'redirect_uri', 'client_id'],
      ['client_secret', pkceParameter],
    );
    const secret = parameters.get('client_secret');
    // RFC 6749 section 2.3: one way to authenticate a request, not two.
    if (secret !== undefined && authorization !== undefined) {
      throw new Refusal(400, 'invalid_request', 'the client authenticated twice');
    }
    if (secret === undefined) requireClient(authorization);
    if (parameters.get('client_id') !== options.clientId || (secret ?? clientSecret) !== clientSecret) {
      throw new Refusal(403, 'invalid_client', 'the client could not be authenticated');
    }
    const code = parameters.get('code') ?? '';
    const consent = codes.get(code);
    codes.delete(code);
    if (!consent || consent.expiresAt <= clock.now()) {
      throw new Refusal(400, 'invalid_grant', 'the code is unknown, used or expired');
    }
    if (consent.redirectUri !== parameters.get('redirect_uri')) {
      throw new Refusal(400, 'invalid_grant', 'redirect_uri differs from the one of the authorization');
    }
    if (challengeOf(parameters.get(pkceParameter)) !== consent.codeChallenge) {
      throw new Refusal(400, 'invalid_grant', `${pkceParameter} does not fit the authorization`);
    }
    const scope = consent.scope ?? DEFAULT_SCOPE;
    const offline = scope.split(' ').includes('offline_access');
    return { ...accessToken(scope), ...(offline && { refresh_token: mintRefreshToken(scope) }) };
  }

  async function exchange(request: IncomingMessage) {
    const { authorization } = request.headers;
    const parameters = await readForm(request);
    switch (parameters.get('grant_type')) {
      case 'client_credentials':
        requireClient(authorization);
        return byClientCredentials(parameters);
      case 'refresh_token':
        requireClient(authorization);
        return byRefreshToken(parameters);
      case 'authorization_code':
        return byAuthorizationCode(parameters, authorization);
      default:
        throw new Refusal(400, 'unsupported_grant_type', 'grant_type is missing or unknown');
    }
  }

  async function serve(request: IncomingMessage, response: ServerResponse) {
    switch (`${request.method} ${request.url?.split('?')[0]}`) {
      case 'POST /oauth2/tokens':
        return tokenEndpoint.serve(request, response, async () => {
          try {
            sendJson(response, 200, await exchange(request));
          } catch (error) {
            if (!(error instanceof Refusal)) throw error;
            tokenEndpoint.reject(error.status, error.code, error.message);
            sendErrors(response, error.status, error.message);
          }
        });
      // SlashID issues tokens for its customers' APIs: this path stands for one.
      case 'GET /protected': {
        const expiresAt = accessTokenExpiry.get(bearerToken(request) ?? '');
        if (expiresAt === undefined || expiresAt <= clock.now()) {
          return sendErrors(response, 401, 'the access token is not valid');
        }
        return sendJson(response, 200, { ok: true });
      }
      default:
        return sendErrors(response, 404, 'no such path');
    }
  }

  const server = await listenOnLoopback(options.port ?? 0, () => serve);
  return {
    origin: server.origin,
    tokenUrl: `${server.origin}/oauth2/tokens`,
    protectedUrl: `${server.origin}/protected`,
    tokenEndpoint,
    authorize: (consent) => {
      const code = mintOpaqueToken(mark);
      codes.set(code, { ...consent, expiresAt: clock.now() + CODE_LIFETIME_MS });
      return code;
    },
    mintRefreshToken,
    setClientSecret: (secret) => {
      clientSecret = secret;
    },
    killRefreshTokens: () => refreshTokenScope.clear(),
    close: server.close,
  };
}

/** RFC 7636 section 4.6; `undefined` when no verifier came. */
function challengeOf(verifier: string | undefined): string | undefined {
  return verifier && createHash('sha256').update(verifier).digest('base64url');
}

/** SlashID's own error envelope, which knows no OAuth error code. */
function sendErrors(response: ServerResponse, status: number, message: string): void {
  sendJson(response, status, {
    meta: { pagination: { limit: 0, offset: 0, total_count: 0 } },
    errors: [{ httpcode: status, message }],
  });
}
