import { revocationOf } from '../../functions/connections/preset-endpoints.ts';
import { presetOf } from '../../functions/connections/preset-of.ts';
import {
  type ResolvedConnection,
  resolveConnection,
} from '../../functions/connections/resolve-connection.ts';
import type { Credentials } from '../../functions/oauth/credentials.ts';
import type { RevocationStyle } from '../../functions/oauth/request/revocation-request.ts';
import type { Secret } from '../../functions/oauth/secret.ts';
import { TokenError } from '../../functions/oauth/token-error.ts';
import type { ConnectionState } from '../../functions/refresh/connection-state.ts';
import { StoreError } from '../../functions/refresh/ports/stores.ts';
import { identityCredentials } from '../../functions/refresh/steps/identity-credentials.ts';
import { CommandFailed } from '../command-failed.ts';
import type { Deployment } from '../deployment.ts';
import type { TokensAtHand } from './tokens-at-hand.ts';

/**
 * What became of one kind of token:
 * - `revoked`: the provider took it back; `revoked-before`: in an earlier run, which noted it;
 * - `unknown`: the provider has no such token (any more), which is as good (RFC 7009 section 2.2);
 * - `expired`: the provider did not take it back, and its time is over;
 * - `kept`: the provider did not take it back; `unsure`: it may have, and no answer says;
 * - `none`: there is none.
 */
export type Fate = 'revoked' | 'revoked-before' | 'unknown' | 'expired' | 'kept' | 'unsure' | 'none';

/** A fate, and why where it is `kept` or `unsure`. */
export interface Outcome {
  readonly fate: Fate;
  readonly code?: string;
  /** A sentence. */
  readonly reason?: string;
}

export interface Revoked {
  readonly refreshToken: Outcome;
  readonly accessToken: Outcome;
  /** The version of the refresh token that died; absent where none did. */
  readonly deadVersionId?: string | undefined;
}

/** A rescue that was overtaken, which a refresh does not store either. */
const SEALED: Outcome = {
  fate: 'kept',
  code: 'rescue_sealed',
  reason:
    "a rescued one is left, which the refresher alone can read: take the grant back in the provider's own settings",
};

/** How a connection's tokens are taken back: all that has to be known before anything is sent. */
export interface RevocationPlan {
  readonly connection: ResolvedConnection;
  readonly wasPaused: boolean;
  readonly endpoint:
    | { readonly style: 'rfc7009'; readonly url: string; readonly tokenUrl: string }
    | { readonly style: Exclude<RevocationStyle, 'rfc7009'>; readonly url: string };
}

/** @throws CommandFailed where the provider has no endpoint for it; TokenError, ConnectionError */
export async function planRevocation(
  { name, definition, paused: wasPaused = false }: Pick<ConnectionState, 'name' | 'definition' | 'paused'>,
  deployment: Pick<Deployment, 'presets' | 'tokenEndpoint'>,
): Promise<RevocationPlan> {
  const preset = await presetOf(definition, deployment.presets);
  const connection = resolveConnection(name, definition, preset);
  const known = revocationOf(definition, preset);
  if (known !== undefined && known.style !== 'rfc7009') {
    return { connection, wasPaused, endpoint: { style: known.style, url: known.url } };
  }
  const { issuer } = connection;
  const isAllKnown = known !== undefined && connection.tokenUrl !== undefined;
  const metadata =
    isAllKnown || issuer === undefined ? undefined : await deployment.tokenEndpoint.metadata(issuer);
  const url = known?.url ?? metadata?.revocation_endpoint;
  const tokenUrl = connection.tokenUrl ?? metadata?.token_endpoint;
  if (url !== undefined && tokenUrl !== undefined) {
    return { connection, wasPaused, endpoint: { style: 'rfc7009', url, tokenUrl } };
  }
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

/**
 * Takes back the refresh token, then the access token, which the first often takes with it (RFC 7009 section
 * 2.1). Nobody may refresh the connection meanwhile. May be repeated.
 * @throws CommandFailed, TokenError, StoreError: only while it is sure that nothing was taken back
 */
export async function revokeTokens(
  plan: RevocationPlan,
  tokens: TokensAtHand,
  deployment: Deployment,
): Promise<Revoked> {
  const { refreshTokens, accessToken, accessTokenEndsAt, wasRevoked, isRescueSealed } = tokens;
  const before: Outcome = { fate: wasRevoked ? 'revoked-before' : 'none' };
  if (refreshTokens.length === 0 && accessToken === undefined) {
    if (wasRevoked) return { refreshToken: before, accessToken: { fate: 'none' } };
    throw new CommandFailed(`"${plan.connection.name}" has no tokens; nothing was revoked.`);
  }
  const takeBack = takingBack(await sending(plan, tokens, deployment), plan);
  const outcomes: Outcome[] = [];
  for (const { token } of refreshTokens) outcomes.push(await takeBack(token, 'refresh_token'));
  const refreshToken = worst([before, ...outcomes, ...(isRescueSealed ? [SEALED] : [])]);
  const youngest = wasRevoked ? before : outcomes[0];
  const isDead = youngest?.fate === 'revoked' || youngest?.fate === 'unknown';
  const revoked = { refreshToken, ...(isDead && { deadVersionId: refreshTokens[0]?.versionId }) };
  if (accessToken === undefined) return { ...revoked, accessToken: { fate: 'none' } };
  // The access token bore the request, and dies with the refresh token: it cannot bear another.
  const isShared = plan.endpoint.style !== 'rfc7009' && ['revoked', 'unsure'].includes(refreshToken.fate);
  const outcome = isShared ? refreshToken : await takeBack(accessToken, 'access_token');
  const isOver = accessTokenEndsAt !== undefined && accessTokenEndsAt <= deployment.clock.now();
  return { ...revoked, accessToken: isOver && mayLive(outcome) ? { fate: 'expired' } : outcome };
}

/** Whether a token may live on. */
export function mayLive({ fate }: Outcome): boolean {
  return fate === 'kept' || fate === 'unsure';
}

type Act<Result> = (token: Secret, tokenType: 'refresh_token' | 'access_token') => Promise<Result>;

/** Reads what a request needs beside the token. @throws CommandFailed, StoreError */
async function sending(
  plan: RevocationPlan,
  { accessToken }: TokensAtHand,
  { credentials, tokenEndpoint }: Deployment,
): Promise<Act<void>> {
  const { connection, endpoint } = plan;
  const { name, request, errors } = connection;
  if (endpoint.style !== 'rfc7009') {
    if (accessToken === undefined) {
      throw new CommandFailed(
        `This provider wants a valid access token with the revocation, and "${name}" has none; nothing was revoked. Get one first: ${refreshing(plan)}`,
      );
    }
    // They are not sent; where their owner says that they may go, tokens that they brought go too.
    const stored = await readable(connection, credentials);
    return (token) =>
      tokenEndpoint.revoke({ ...endpoint, token, accessToken, request, errors, credentials: stored });
  }
  const { credentials: ref, signingKey, identity } = connection;
  const stored = ref === undefined ? undefined : (await credentials.read(ref))?.value;
  const proof = { credentials: stored ?? identityCredentials(connection)?.value ?? {}, signingKey, identity };
  return (token, tokenType) =>
    tokenEndpoint.revoke({ ...endpoint, token, tokenType, request, errors, ...proof });
}

/** The credentials, as far as the person may read them. */
async function readable(
  { credentials: ref }: ResolvedConnection,
  credentials: Deployment['credentials'],
): Promise<Credentials> {
  try {
    return (ref === undefined ? undefined : await credentials.read(ref))?.value ?? {};
  } catch (error) {
    if (error instanceof StoreError && error.kind === 'denied') return {};
    throw error;
  }
}

/** Sends, and says what came of it; throws instead as long as it is sure that nothing was taken back. */
function takingBack(send: Act<void>, plan: RevocationPlan): Act<Outcome> {
  const { connection, endpoint } = plan;
  let isFirst = true;
  return async (token, tokenType) => {
    try {
      await send(token, tokenType);
      return { fate: 'revoked' };
    } catch (error) {
      const isBearerRefused =
        endpoint.style !== 'rfc7009' && error instanceof TokenError && error.status === 401;
      // What should be taken back is what bore the request.
      if (isBearerRefused && tokenType === 'access_token') return { fate: 'unknown' };
      if (isFirst && isBearerRefused) {
        throw new CommandFailed(
          `The provider does not accept the access token of "${connection.name}", which must come with the revocation; nothing was revoked. Get another first: ${refreshing(plan)}`,
        );
      }
      if (isFirst && tookNothing(error)) throw error;
      return outcomeOf(error);
    } finally {
      isFirst = false;
    }
  };
}

function refreshing({ connection: { name }, wasPaused }: RevocationPlan): string {
  return `${wasPaused ? `evertoken resume ${name}, then ` : ''}evertoken refresh ${name} --force`;
}

/** The request never left, or whoever asked was not let in. */
function tookNothing(error: unknown): boolean {
  if (!(error instanceof TokenError)) return false;
  const { kind, status } = error;
  return (
    kind === 'never-sent' || kind === 'client-refused' || (kind === 'configuration' && status === undefined)
  );
}

function outcomeOf(error: unknown): Outcome {
  if (!(error instanceof TokenError)) return { fate: 'unsure', reason: 'The request ended unexpectedly.' };
  const { kind, code, message } = error;
  if (kind === 'refused') return { fate: 'unknown' };
  return { fate: kind === 'unanswered' ? 'unsure' : 'kept', code, reason: message };
}

const FROM_WORST: readonly Fate[] = [
  'unsure',
  'kept',
  'revoked',
  'unknown',
  'expired',
  'revoked-before',
  'none',
];

function worst(outcomes: readonly Outcome[]): Outcome {
  const rank = ({ fate }: Outcome) => FROM_WORST.indexOf(fate);
  return outcomes.reduce((one, other) => (rank(other) < rank(one) ? other : one));
}
