import type { Secret } from '../../functions/oauth/secret.ts';
import type { ConnectionState } from '../../functions/refresh/connection-state.ts';
import {
  type RescuedRefreshToken,
  type StoredRefreshToken,
  StoreError,
  type Version,
} from '../../functions/refresh/ports/stores.ts';
import { isRevoked } from '../../functions/refresh/rules/refusal.ts';
import { CommandFailed } from '../command-failed.ts';
import type { Deployment } from '../deployment.ts';
import { publishedToken } from './published-token.ts';

/** A refresh token, and the version that a refresh would know it by. */
export interface HeldRefreshToken {
  readonly versionId: string;
  readonly token: Secret;
}

/** What is stored of a connection's tokens, as far as it may be alive. */
export interface TokensAtHand {
  /** Each once, the youngest first, without the one that the state marks as taken back. */
  readonly refreshTokens: readonly HeldRefreshToken[];
  /** The youngest is marked so. */
  readonly wasRevoked: boolean;
  /** A rescued refresh token is left, under a key that the refresher alone may use. */
  readonly isRescueSealed: boolean;
  readonly accessToken: Secret | undefined;
  /** Epoch milliseconds, where known. */
  readonly accessTokenEndsAt: number | undefined;
}

/** As a refresh waits: what was written seconds ago may not be there yet. */
const WAITS_MS = [500, 1_500, 3_000];

/**
 * Reads the tokens of a connection that nobody refreshes meanwhile.
 * @throws CommandFailed when the refresh token that counts cannot be seen; StoreError
 */
export async function readTokens(state: ConnectionState, deployment: Deployment): Promise<TokensAtHand> {
  const { held, isRescueSealed } = await heldRefreshTokens(state, deployment);
  const isMarked = ({ versionId }: HeldRefreshToken) => isRevoked(state, versionId);
  const published = await publishedToken(state.name, state.definition, deployment);
  return {
    refreshTokens: held.filter((each) => !isMarked(each)),
    wasRevoked: held[0] !== undefined && isMarked(held[0]),
    isRescueSealed,
    accessToken: published?.access_token,
    accessTokenEndsAt: published?.expiresAt ?? (published && state.expiresAt),
  };
}

/**
 * The current version, the one that the state names, and what a refresh may have left that was cut off. One of
 * them counts, and each may be alive: a person may have stored another, or a commit may be missing.
 */
async function heldRefreshTokens(
  state: ConnectionState,
  deployment: Deployment,
): Promise<{ held: readonly HeldRefreshToken[]; isRescueSealed: boolean }> {
  const { name, attempt, refreshTokenVersionId: known } = state;
  const { refreshTokens } = deployment;
  const current = await refreshTokens.read(name, {}, { known });
  const named = await namedVersion(state, current, deployment);
  const cutOff = attempt === undefined ? undefined : await refreshTokens.read(name, { versionId: attempt });
  const versions = [current, cutOff, named]
    .filter((version) => version !== undefined)
    .sort((one, other) => other.createdAt - one.createdAt)
    .map(({ versionId, value }) => ({ versionId, token: value.refresh_token }));
  const rescue = cutOff ? undefined : await rescueOf(state, deployment);
  const isRescueSealed = rescue === 'sealed';
  const rescued = isRescueSealed ? undefined : rescue;
  const all = rescued ? [...versions, heldAs(rescued)] : versions;
  // It takes the place of what it replaces, unless somebody has stored another since.
  if (rescued && current?.versionId === rescued.replaces) all.unshift(heldAs(rescued));
  const isFirst = ({ token }: HeldRefreshToken, index: number) =>
    all.findIndex((other) => other.token.equals(token)) === index;
  return { held: all.filter(isFirst), isRescueSealed };
}

/** A refresh stores it under the id of its attempt. */
function heldAs({ attempt, token }: RescuedRefreshToken): HeldRefreshToken {
  return { versionId: attempt, token: token.refresh_token };
}

/**
 * `sealed` where there is one under a key that the refresher alone may use. Without an open attempt a rescue is
 * unlikely: a person who may not look need not.
 * @throws CommandFailed where it may be the one that counts; StoreError
 */
async function rescueOf(
  { name, attempt, paused }: ConnectionState,
  { rescues }: Deployment,
): Promise<RescuedRefreshToken | 'sealed' | undefined> {
  if (attempt === undefined && !(await rescues.mayExist(name))) return undefined;
  try {
    return await rescues.get(name);
  } catch (error) {
    const isDenied = error instanceof StoreError && error.kind === 'denied';
    if (attempt !== undefined && isDenied) {
      const resume = paused ? `evertoken resume ${name}, then ` : '';
      throw new CommandFailed(
        `"${name}" may have a rescued refresh token, which the refresher alone can read; nothing was revoked. Have it stored first: ${resume}evertoken refresh ${name}`,
      );
    }
    if (attempt !== undefined) throw error;
    // Who may not read the parameter is told so before its key is asked.
    return isDenied && !error.message.includes('ssm:GetParameter') ? 'sealed' : undefined;
  }
}

async function namedVersion(
  { name, refreshTokenVersionId: versionId, obtainedAt = 0 }: ConnectionState,
  current: Version<StoredRefreshToken> | undefined,
  { refreshTokens, clock }: Deployment,
): Promise<Version<StoredRefreshToken> | undefined> {
  if (versionId === undefined || versionId === current?.versionId) return current;
  for (const waitMs of [...WAITS_MS, undefined]) {
    const named = await refreshTokens.read(name, { versionId });
    if (named) return named;
    // Whoever stored a younger one needs no older one.
    if (current && current.createdAt > obtainedAt) return undefined;
    if (waitMs !== undefined) await clock.sleep(waitMs);
  }
  throw new CommandFailed(
    `The refresh token of "${name}" cannot be seen yet (version ${versionId}); nothing was revoked. Try again in a minute.`,
  );
}
