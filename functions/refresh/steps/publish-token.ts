import { hash } from 'node:crypto';
import { REFRESH_TOKEN } from '../../oauth/grant-type.ts';
import type { Secret } from '../../oauth/secret.ts';
import { applyChange } from '../connection-state.ts';
import type { ExchangedToken, RefreshRun } from '../refresh-run.ts';
import { retryUntil } from '../retry-until.ts';
import { RefreshFailed } from '../rules/classify-failure.ts';
import { afterAnother, afterNone, askedEarliestSeconds } from '../rules/earliest.ts';
import { accessTokenExpiresAt } from '../rules/expiry.ts';
import type { PublishedFacts } from '../rules/next-state.ts';
import { STEPS } from '../rules/timing.ts';
import { secretsInTurn, tokenPlace } from '../rules/token-place.ts';
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
  const { token, requestedAt, problem } = exchanged.exchange;
  const { access_token } = token;
  if (problem !== undefined || access_token === undefined) throw problem ?? new Error('no access token');
  await publishTo?.verify?.(access_token, lease);
  const tokenDigest = digestOf(access_token);
  const known = { ...lease.state, isSame: lease.state.tokenDigest === tokenDigest };
  const { expiresAt, isInMilliseconds } = accessTokenExpiresAt(exchanged.exchange, connection, known);
  if (isInMilliseconds) {
    ports.log.warn('the lifetime of a token was taken for milliseconds', { connection: connection.name });
  }
  if (expiresAt <= ports.clock.now()) throw deadToken(connection.name);
  const tokenVersionId = publishTo?.versionId ?? ledger.attempt;
  const published = {
    token: { ...token, access_token },
    expires_at: Math.floor(expiresAt / 1000),
    obtained_at: Math.floor(requestedAt / 1000),
  };
  const { isSame } = known;
  const earliestRefreshSeconds = learnEarliest(run, requestedAt, isSame);
  const place = tokenPlace(
    connection,
    lease.state,
    { obtainedAt: requestedAt, expiresAt, isSame },
    ports.timing,
  );
  // A rotation makes a version of the secret of its own, which must lead to the token too.
  const isMove =
    place !== (lease.state.publishedTo ?? 'secret') || (place === 'parameter' && publishTo !== undefined);
  if (place === 'secret' || isMove) ledger.versions.wroteToken(ports.clock.now());
  const until = lease.endsAt - STEPS.abortBeforeEndMs - COMMIT_MS;
  const failure = await retryUntil(ports, { until, signal: lease.signal }, (options) =>
    ports.tokens.publish(connection, published, tokenVersionId, {
      ...options,
      place,
      isMove,
      ...(publishTo && { stages: publishTo.stages }),
    }),
  );
  ledger.notes.published(failure === undefined);
  if (failure) throw failure;
  return {
    tokenVersionId,
    tokenDigest,
    obtainedAt: requestedAt,
    expiresAt,
    isSame,
    place,
    secrets: secretsInTurn(connection, place),
    refreshTokenExpiresAt: refreshTokenEnd(run, exchanged),
    marginSeconds: connection.marginSeconds,
    earliestRefreshSeconds,
    endsPrevious: connection.accessToken.endsPrevious,
    onlyRefreshed: connection.grants.every((grant) => grant === REFRESH_TOKEN),
    isRescued: ledger.isRescued,
  };
}

/** Notes how early the provider gives another token, where it gave none before; how early it is asked then, in seconds. */
function learnEarliest(
  { lease: { state }, ledger, connection }: RefreshRun,
  at: number,
  isSame: boolean,
): number | undefined {
  const learned = isSame ? afterNone(state, at) : afterAnother(state, at);
  ledger.notes.learned(learned);
  return askedEarliestSeconds(connection.accessToken.earliestRefreshSeconds, applyChange(state, learned));
}

/** To know a token again without keeping it. */
function digestOf(accessToken: Secret): string {
  return hash('sha256', accessToken.reveal(), 'base64url').slice(0, 22);
}

/** Its expiry is as good as known, and lies in the past: readers keep what they have. */
function deadToken(name: string): RefreshFailed {
  return new RefreshFailed({
    outcome: 'retry-later',
    source: 'provider',
    kind: 'unsure',
    code: 'expired_token',
    message: `the provider answered for "${name}" with a token that has expired already`,
  });
}
