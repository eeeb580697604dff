import { insist } from './insist.ts';
import { refreshTokenEnd } from './keep-refresh-token.ts';
import { accessTokenExpiresAt } from './lifetime.ts';
import type { Obtained } from './obtained.ts';
import type { RefreshRun } from './refresh-run.ts';
import type { Published } from './settlement.ts';
import { STEPS } from './timing.ts';

/** The commit must still fit before the calls are aborted. */
const COMMIT_MS = 5_000;

/**
 * Publishes the token that consumers read, on every try under one id: the attempt's, or a rotation's.
 * @throws StoreError when it cannot be published before the lease ends.
 */
export async function publishToken(
  run: RefreshRun,
  obtained: Obtained,
): Promise<Omit<Published, 'rescued' | 'marginSeconds'>> {
  const { hold, ports, connection, learned, publishAs } = run;
  const { token, requestedAt } = obtained.exchange;
  const expiresAt = accessTokenExpiresAt(obtained.exchange, connection);
  const tokenVersionId = publishAs?.versionId ?? learned.attempt;
  const published = {
    token,
    expires_at: Math.floor(expiresAt / 1000),
    obtained_at: Math.floor(requestedAt / 1000),
  };
  const until = hold.endsAt - STEPS.abortBeforeEndMs - COMMIT_MS;
  const failure = await insist(ports, { until, signal: hold.signal }, (options) =>
    ports.tokens.publish(connection, published, tokenVersionId, {
      ...options,
      ...(publishAs && { stages: publishAs.stages }),
    }),
  );
  if (failure) throw failure;
  return {
    tokenVersionId,
    obtainedAt: requestedAt,
    expiresAt,
    refreshTokenExpiresAt: refreshTokenEnd(run, obtained),
  };
}
