import type { ExchangedToken, RefreshRun } from '../refresh-run.ts';
import { retryUntil } from '../retry-until.ts';
import { accessTokenExpiresAt } from '../rules/expiry.ts';
import type { PublishedFacts } from '../rules/next-state.ts';
import { STEPS } from '../rules/timing.ts';
import { refreshTokenEnd } from './persist-refresh-token.ts';

/** The commit must still fit before the calls are aborted. */
const COMMIT_MS = 5_000;

/**
 * Publishes the token that consumers read, on every try under one id: the attempt's, or a rotation's, which
 * judges it first.
 * @throws StoreError when it cannot be published before the lease ends; RefreshFailed when it is judged unfit
 */
export async function publishToken(run: RefreshRun, exchanged: ExchangedToken): Promise<PublishedFacts> {
  const { lease, ports, connection, ledger, publishTo } = run;
  const { token, requestedAt } = exchanged.exchange;
  await publishTo?.verify?.(token.access_token, lease);
  const expiresAt = accessTokenExpiresAt(exchanged.exchange, connection);
  const tokenVersionId = publishTo?.versionId ?? ledger.attempt;
  const published = {
    token,
    expires_at: Math.floor(expiresAt / 1000),
    obtained_at: Math.floor(requestedAt / 1000),
  };
  const until = lease.endsAt - STEPS.abortBeforeEndMs - COMMIT_MS;
  const failure = await retryUntil(ports, { until, signal: lease.signal }, (options) =>
    ports.tokens.publish(connection, published, tokenVersionId, {
      ...options,
      ...(publishTo && { stages: publishTo.stages }),
    }),
  );
  if (failure) throw failure;
  return {
    tokenVersionId,
    obtainedAt: requestedAt,
    expiresAt,
    refreshTokenExpiresAt: refreshTokenEnd(run, exchanged),
    marginSeconds: connection.marginSeconds,
    isRescued: ledger.isRescued,
  };
}
