import type { Credentials } from '../../oauth/credentials.ts';
import { REFRESH_TOKEN } from '../../oauth/grant-type.ts';
import { TokenError } from '../../oauth/token-error.ts';
import type { StoredRefreshToken, Version } from '../ports/stores.ts';
import type { Grant, RefreshRun } from '../refresh-run.ts';
import { classifyFailure, type Failure, RefreshFailed } from '../rules/classify-failure.ts';
import { currentRefreshToken, replacementFor } from './current-refresh-token.ts';

/**
 * Which grant comes next. The next in the connection's list is used when the refresh token is missing, refused
 * for good, or cannot be spent safely; one that is refused is replaced once if another is stored by now. When
 * all fail, the last grant's error is thrown, since that is where help is needed.
 */
export class GrantChain {
  readonly #run: RefreshRun;
  readonly #credentials: Version<Credentials>;
  #index = 0;
  #sent: Version<StoredRefreshToken> | undefined;
  #replacement: Version<StoredRefreshToken> | undefined;
  #isReplaced = false;

  constructor(run: RefreshRun, credentials: Version<Credentials>) {
    this.#run = run;
    this.#credentials = credentials;
  }

  /**
   * What the exchange of the grant at hand uses. One that was refused before is not sent again.
   * @throws RefreshFailed, StoreError
   */
  async read(): Promise<Grant> {
    const { connection, ledger, lease } = this.#run;
    const type = this.#type;
    const credentials = this.#credentials;
    ledger.trying(type);
    if (type !== REFRESH_TOKEN) return { type, credentials, spends: false };
    const refreshToken = this.#replacement ?? (await currentRefreshToken(this.#run));
    if (!refreshToken) throw unusable('no_refresh_token', 'no refresh token is stored yet');
    ledger.usesRefreshToken(refreshToken.versionId);
    const { refusedRefreshTokenVersionId, lastErrorCode, lastErrorMessage } = lease.state;
    if (refusedRefreshTokenVersionId === refreshToken.versionId) {
      throw unusable(
        lastErrorCode ?? 'invalid_grant',
        lastErrorMessage ?? 'the provider refused the stored refresh token',
      );
    }
    this.#sent = refreshToken;
    return { type, credentials, refreshToken, spends: connection.refreshToken.rotates !== 'never' };
  }

  /** Moves on after a grant that failed. @throws `error`, or what came of looking further, when nothing is left */
  async moveOn(error: unknown): Promise<void> {
    let reason = error;
    try {
      if (await this.#hasReplacement(error)) return;
    } catch (another) {
      reason = another;
    }
    const { connection, ledger, lease, ports } = this.#run;
    const failure = classifyFailure(reason, this.#type, lease.state.failures);
    const isLast = this.#index === connection.grants.length - 1;
    if (this.#type !== REFRESH_TOKEN || isLast || !allowsNextGrant(failure, reason)) throw reason;
    ports.log.info('the refresh token cannot be used; trying the next grant', {
      connection: lease.name,
      code: failure.code,
    });
    ledger.spentNothing();
    this.#index += 1;
    this.#sent = undefined;
  }

  /** Marks what was refused, so that it is never sent again; looks once whether another is stored by now. */
  async #hasReplacement(error: unknown): Promise<boolean> {
    const { ledger, lease, ports } = this.#run;
    const sent = this.#sent;
    if (sent === undefined || !isRefused(error, lease.state.failures)) return false;
    ledger.refused(sent.versionId);
    this.#sent = undefined;
    if (this.#isReplaced) return false;
    this.#isReplaced = true;
    const replacement = await replacementFor(sent, this.#run);
    if (!replacement || replacement.versionId === lease.state.refusedRefreshTokenVersionId) return false;
    ports.log.info('another refresh token is stored by now; trying it once', { connection: lease.name });
    this.#replacement = replacement;
    return true;
  }

  get #type(): string {
    return this.#run.connection.grants[this.#index] as string;
  }
}

function isRefused(error: unknown, failures: number): boolean {
  if (!(error instanceof TokenError)) return false;
  return classifyFailure(error, REFRESH_TOKEN, failures).outcome === 'needs-reauthorization';
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

function unusable(code: string, message: string): RefreshFailed {
  return new RefreshFailed({ outcome: 'needs-reauthorization', source: 'provider', code, message });
}
