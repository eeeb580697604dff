import type { Credentials } from '../../oauth/credentials.ts';
import { REFRESH_TOKEN } from '../../oauth/grant-type.ts';
import { TokenError } from '../../oauth/token-error.ts';
import type { RefreshTokenVersion, Version } from '../ports/stores.ts';
import type { Grant, RefreshRun } from '../refresh-run.ts';
import { classifyFailure, type Failure, failureContext, RefreshFailed } from '../rules/classify-failure.ts';
import { circumstances, isRevoked, refusalOf, refusedUntil } from '../rules/refusal.ts';
import { refreshTokenTryAt } from '../rules/retry-schedule.ts';
import { currentRefreshToken, replacementFor } from './current-refresh-token.ts';
import { requireSettled } from './recover-open-attempt.ts';

/** Sends without an answer after which the next grant takes over. */
const UNANSWERED_SENDS = 2;

/**
 * Which grant comes next. The next in the connection's list is used when the refresh token is missing, refused,
 * left without an answer twice, or cannot be spent safely; one that is refused for sure is replaced once if
 * another is stored by now. When all fail, the last grant's error is thrown, since that is where help is
 * needed.
 */
export class GrantChain {
  readonly #run: RefreshRun;
  readonly #credentials: Version<Credentials>;
  #index = 0;
  #sent: RefreshTokenVersion | undefined;
  #replacement: RefreshTokenVersion | undefined;
  #isReplaced = false;
  /** There is no refresh token, or it was refused for sure: only then a minted one may take its place. */
  #isGone = false;

  constructor(run: RefreshRun, credentials: Version<Credentials>) {
    this.#run = run;
    this.#credentials = credentials;
  }

  /**
   * What the exchange of the grant at hand uses.
   * @throws RefreshFailed for a refresh token that is not to be sent now; StoreError
   */
  async read(): Promise<Grant> {
    const { connection, ledger, lease } = this.#run;
    const type = this.#type;
    const credentials = this.#credentials;
    ledger.trying(type);
    if (type !== REFRESH_TOKEN) {
      const isUnknown = this.#index === 0 && lease.state.refreshTokenVersionId === undefined;
      return { type, credentials, spends: false, mayReplaceRefreshToken: this.#isGone || isUnknown };
    }
    const refreshToken = this.#replacement ?? (await currentRefreshToken(this.#run));
    if (!refreshToken) {
      this.#isGone = true;
      throw unusable('no_refresh_token', 'no refresh token is stored yet');
    }
    requireSettled(this.#run, refreshToken);
    ledger.usesRefreshToken(refreshToken.versionId);
    this.#requireWorthSending(refreshToken.versionId);
    this.#sent = refreshToken;
    const spends = connection.refreshToken.rotates !== 'never';
    return { type, credentials, refreshToken, spends, mayReplaceRefreshToken: true };
  }

  /** Moves on after a grant that failed. @throws `error`, or what came of looking further, when nothing is left */
  async moveOn(error: unknown): Promise<void> {
    let reason = error;
    try {
      if (await this.#hasReplacement(error)) return;
    } catch (another) {
      reason = another;
    }
    const { connection, lease, ports } = this.#run;
    const failure = this.#failureOf(reason);
    const isLast = this.#index === connection.grants.length - 1;
    if (this.#type !== REFRESH_TOKEN || isLast || !this.#allowsNextGrant(failure, reason)) throw reason;
    ports.log.info('the refresh token cannot be used; trying the next grant', {
      connection: lease.name,
      code: failure.code,
    });
    this.#index += 1;
    this.#sent = undefined;
  }

  /** What was refused for sure is not shown again soon, and what is refused without a sure reason seldom. */
  #requireWorthSending(versionId: string): void {
    const { connection, force, lease, ports } = this.#run;
    const { state } = lease;
    if (force && !isRevoked(state, versionId)) return;
    const now = ports.clock.now();
    const until = refusedUntil(state, versionId, this.#circumstances, ports.timing);
    const { lastErrorCode: code = 'invalid_grant', lastErrorMessage: message } = state;
    if (until !== undefined && until > now) {
      this.#isGone = true;
      throw unusable(code, message ?? 'the provider refused the stored refresh token');
    }
    const isUnsure = (state.failuresByKind?.['unsure'] ?? 0) > 0 && until === undefined;
    const isLast = this.#index === connection.grants.length - 1;
    if (isLast || !isUnsure || refreshTokenTryAt(state, ports.timing) <= now) return;
    throw new RefreshFailed({
      outcome: 'retry-later',
      source: 'provider',
      kind: 'unsure',
      code,
      message: message ?? 'the provider refuses the refresh token without a reason that is sure',
    });
  }

  /** Remembers what was refused for sure, and looks once whether another is stored by now. */
  async #hasReplacement(error: unknown): Promise<boolean> {
    const { ledger, lease, ports } = this.#run;
    const { state } = lease;
    const sent = this.#sent;
    if (sent === undefined || !(error instanceof TokenError) || error.kind !== 'refused') return false;
    const now = ports.clock.now();
    ledger.refused(refusalOf(state, sent.versionId, this.#circumstances, now));
    this.#sent = undefined;
    // What an earlier send did is not known yet: nothing is replaced on such evidence.
    if (ledger.isOpen) return false;
    this.#isGone = true;
    if (this.#isReplaced) return false;
    this.#isReplaced = true;
    const replacement = await replacementFor(sent, this.#run);
    if (replacement === undefined) return false;
    const until = refusedUntil(state, replacement.versionId, this.#circumstances, ports.timing);
    if (until !== undefined && until > now) return false;
    ports.log.info('another refresh token is stored by now; trying it once', { connection: lease.name });
    this.#replacement = replacement;
    return true;
  }

  /** Nothing can come of waiting for the refresh token, or its reader cannot wait. */
  #allowsNextGrant(failure: Failure, error: unknown): boolean {
    const { kind, outcome, source, code } = failure;
    if (outcome === 'needs-reauthorization' || kind === 'unsure') return true;
    if (kind === 'unanswered') return (this.#run.ledger.unansweredSends ?? 0) >= UNANSWERED_SENDS;
    // The provider names the request as wrong: another grant is another request.
    if (kind === 'configuration') return error instanceof TokenError && error.status !== undefined;
    return source === 'store' && (outcome === 'misconfigured' || code === 'version_quota');
  }

  #failureOf(error: unknown): Failure {
    const { lease, ports } = this.#run;
    return classifyFailure(error, failureContext(lease.state, this.#type, ports.clock.now()));
  }

  get #circumstances(): string {
    return circumstances(this.#run.lease.state.definition, this.#credentials.versionId);
  }

  get #type(): string {
    return this.#run.connection.grants[this.#index] as string;
  }
}

function unusable(code: string, message: string): RefreshFailed {
  const base = { outcome: 'needs-reauthorization', source: 'provider', kind: 'refused' } as const;
  return new RefreshFailed({ ...base, code, message });
}
