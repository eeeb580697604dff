import { type Revocation, revocationOf } from '../../functions/connections/preset-endpoints.ts';
import {
  type ResolvedConnection,
  resolveConnection,
} from '../../functions/connections/resolve-connection.ts';
import type { RevocationInput } from '../../functions/oauth/request/revocation-request.ts';
import type { Secret } from '../../functions/oauth/secret.ts';
import { TokenError } from '../../functions/oauth/token-error.ts';
import type { ConnectionState } from '../../functions/refresh/connection-state.ts';
import { CommandFailed } from '../command-failed.ts';
import type { Deployment } from '../deployment.ts';
import { presetOf } from './preset-of.ts';
import { publishedToken } from './published-token.ts';

/** What became of each kind of token. */
export interface Revoked {
  readonly refreshToken: 'revoked' | 'none';
  /** `kept`: the provider does not take back access tokens; it lives until its expiry. */
  readonly accessToken: 'revoked' | 'kept' | 'none';
}

/** How a connection's tokens are taken back: all that has to be known before anything is sent. */
export interface RevocationPlan {
  readonly connection: ResolvedConnection;
  readonly revocation: Revocation;
}

/** @throws CommandFailed where the provider has no endpoint for it; TokenError, ConnectionError */
export async function planRevocation(
  { name, definition }: Pick<ConnectionState, 'name' | 'definition'>,
  deployment: Pick<Deployment, 'presets' | 'tokenEndpoint'>,
): Promise<RevocationPlan> {
  const preset = await presetOf(definition, deployment);
  const connection = resolveConnection(name, definition, preset);
  const revocation = revocationOf(definition, preset) ?? (await discovered(connection, deployment));
  if (revocation) return { connection, revocation };
  if (preset.revocation) {
    throw new CommandFailed(
      `"${name}" has a token endpoint of its own, so its tokens do not go to ${preset.name}'s revocation endpoint; nothing was revoked. Set "revocationUrl" beside it.`,
    );
  }
  const who = definition.provider === undefined ? 'This provider' : preset.name;
  throw new CommandFailed(
    `${who} has no revocation endpoint that is known here; nothing was revoked. If it has one, set "revocationUrl" in the connection; ` +
      `else take the grant back in the provider's own settings, and stop refreshing with: evertoken pause ${name}`,
  );
}

async function discovered(
  { issuer }: ResolvedConnection,
  { tokenEndpoint }: Pick<Deployment, 'tokenEndpoint'>,
): Promise<Revocation | undefined> {
  if (issuer === undefined) return undefined;
  const { revocation_endpoint: url } = await tokenEndpoint.metadata(issuer);
  return url === undefined ? undefined : { url, style: 'rfc7009' };
}

/**
 * Takes back the refresh token, then the access token: the first often ends the second too, and the other
 * way round a refresh could bring a new one (RFC 7009 section 2.1). May be repeated.
 * @throws CommandFailed when there is nothing to take back; TokenError, StoreError
 */
export async function revokeTokens(
  { name, definition }: Pick<ConnectionState, 'name' | 'definition'>,
  { connection, revocation }: RevocationPlan,
  refreshToken: Secret | undefined,
  deployment: Deployment,
): Promise<Revoked> {
  const accessToken = (await publishedToken(name, definition, deployment))?.access_token;
  if (refreshToken === undefined && accessToken === undefined) {
    throw new CommandFailed(`"${name}" has no tokens; nothing was revoked.`);
  }
  const credentials = await deployment.credentials.read(connection.credentials);
  const send = (token: Secret, tokenType: RevocationInput['tokenType']) =>
    deployment.tokenEndpoint.revoke({
      ...revocation,
      token,
      tokenType,
      accessToken,
      request: connection.request,
      errors: connection.errors,
      credentials: credentials?.value ?? {},
      tokenUrl: connection.tokenUrl,
    });
  if (revocation.style === 'bearer-and-token') {
    return revokeByBearer(refreshToken, accessToken, connection.name, send);
  }
  if (refreshToken) await send(refreshToken, 'refresh_token');
  return {
    refreshToken: refreshToken ? 'revoked' : 'none',
    accessToken: accessToken ? await revokeAccessToken(() => send(accessToken, 'access_token')) : 'none',
  };
}

type Send = (token: Secret, tokenType: RevocationInput['tokenType']) => Promise<void>;

/** One request, since either token takes the other with it, and bears the access token. */
async function revokeByBearer(
  refreshToken: Secret | undefined,
  accessToken: Secret | undefined,
  name: string,
  send: Send,
): Promise<Revoked> {
  if (accessToken === undefined) {
    throw new CommandFailed(
      `This provider wants a valid access token with the revocation, and "${name}" has none: refresh it first.`,
    );
  }
  try {
    await send(refreshToken ?? accessToken, refreshToken ? 'refresh_token' : 'access_token');
  } catch (error) {
    if (!(error instanceof TokenError) || error.status !== 401) throw error;
    throw new CommandFailed(
      `The provider does not accept the access token of "${name}", which must come with the revocation; nothing was revoked. Get another first: evertoken refresh ${name} --force`,
    );
  }
  return { refreshToken: refreshToken ? 'revoked' : 'none', accessToken: 'revoked' };
}

/** RFC 7009 section 2.2.1: a provider may only take back refresh tokens. */
async function revokeAccessToken(send: () => Promise<void>): Promise<'revoked' | 'kept'> {
  try {
    await send();
    return 'revoked';
  } catch (error) {
    if (error instanceof TokenError && error.code === 'unsupported_token_type') return 'kept';
    throw error;
  }
}
