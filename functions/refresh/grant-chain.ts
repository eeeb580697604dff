import { REFRESH_TOKEN } from '../oauth/grant-type.ts';
import { TokenError } from '../oauth/token-error.ts';
import { exchange } from './exchange.ts';
import { type Failure, judge } from './failure.ts';
import type { Keep, Obtained } from './obtained.ts';
import { readCredentials } from './read-credentials.ts';
import type { RefreshRun } from './refresh-run.ts';
import { spendRefreshToken } from './spend-refresh-token.ts';

/**
 * Walks the chain of grants. The next one is used when the refresh token is missing, refused for good, or
 * cannot be spent safely. When all fail, the last grant's error is thrown, since that is where help is
 * needed.
 * @throws TokenError, StoreError, RefreshFailed, ConnectionError
 */
export async function obtainToken(run: RefreshRun, keep: Keep): Promise<Obtained> {
  const { connection, hold, learned, ports } = run;
  // A cached copy may be what was refused: new credentials must be seen at once.
  const credentials = await readCredentials(run, hold.state.failures > 0);
  const last = connection.grants.length - 1;
  for (const [index, grantType] of connection.grants.entries()) {
    learned.grantType = grantType;
    try {
      if (grantType === REFRESH_TOKEN) return await spendRefreshToken(run, credentials, keep);
      const obtained = { exchange: await exchange(run, credentials, grantType), grantType };
      await keep(obtained);
      return obtained;
    } catch (error) {
      const failure = judge(error, grantType, hold.state.failures);
      if (grantType !== REFRESH_TOKEN || index === last || !allowsNextGrant(failure, error)) throw error;
      ports.log.info('the refresh token cannot be used; trying the next grant', {
        connection: hold.name,
        code: failure.code,
      });
    }
  }
  throw new Error('a connection has at least one grant');
}

/** Nothing is in flight, and waiting would not make the refresh token usable. */
function allowsNextGrant(failure: Failure, error: unknown): boolean {
  if (failure.outcome === 'needs-reauthorization') return true;
  // A refusal in words that no rule explains: it may or may not mean the refresh token.
  if (error instanceof TokenError && error.kind === 'unknown') return true;
  return (
    failure.source === 'store' && (failure.outcome === 'misconfigured' || failure.code === 'version_quota')
  );
}
