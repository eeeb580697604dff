import { ConnectionError } from '../../connections/resolve-connection.ts';
import { PASSWORD, REFRESH_TOKEN } from '../../oauth/grant-type.ts';
import { TokenError } from '../../oauth/token-error.ts';
import type { FailureSource, LastingOutcome } from '../connection-state.ts';
import { StoreError } from '../ports/stores.ts';

/** A refresh that did not bring a token, judged: what it means and what a person should do. */
export interface Failure {
  readonly outcome: Exclude<LastingOutcome, 'refreshed'>;
  readonly source: FailureSource;
  readonly code: string;
  readonly message: string;
  readonly retryAfterMs?: number | undefined;
  /** The trouble is the provider's or AWS's as a whole, not this connection's. */
  readonly outage?: boolean;
  /** The earliest instant at which trying again makes sense, where one is known. */
  readonly retryAt?: number;
}

/** Ends a refresh with a failure that has been judged already. */
export class RefreshFailed extends Error {
  override readonly name = 'RefreshFailed';
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.message);
    this.failure = failure;
  }
}

/** An error that no rule explains is tried this often before a person is asked. */
export const UNKNOWN_ERROR_TRIES = 5;

/**
 * What an error means for the connection. `failures` counts the failures in a row before this one.
 * Anything unexpected is thrown on by the caller's own choice: here it is a failure that is tried again.
 */
export function classifyFailure(error: unknown, grantType: string | undefined, failures: number): Failure {
  if (error instanceof RefreshFailed) return error.failure;
  if (error instanceof TokenError) return classifyTokenError(error, grantType, failures);
  if (error instanceof StoreError) return classifyStoreError(error);
  if (error instanceof ConnectionError) {
    return { outcome: 'misconfigured', source: 'connection', code: error.code, message: error.message };
  }
  // The text of an unforeseen error may hold anything: only its name is safe to show.
  const name = error instanceof Error ? error.name : typeof error;
  return {
    outcome: 'retry-later',
    source: 'connection',
    code: 'unexpected_error',
    message: `an unexpected ${name} ended the refresh`,
  };
}

function classifyTokenError(error: TokenError, grantType: string | undefined, failures: number): Failure {
  const base = { source: 'provider', code: error.code, message: error.message } as const;
  switch (error.kind) {
    case 'invalid-grant':
      return { ...base, outcome: grantType === REFRESH_TOKEN ? 'needs-reauthorization' : 'misconfigured' };
    case 'configuration':
      return { ...base, outcome: 'misconfigured' };
    case 'throttled':
      return { ...base, outcome: 'retry-later', retryAfterMs: error.retryAfterMs };
    case 'transient':
    case 'never-sent':
    case 'no-answer':
      return { ...base, outcome: 'retry-later', retryAfterMs: error.retryAfterMs, outage: true };
    case 'unknown':
      if (failures + 1 < UNKNOWN_ERROR_TRIES) {
        return { ...base, outcome: 'retry-later', retryAfterMs: error.retryAfterMs };
      }
      return { ...base, outcome: grantType === REFRESH_TOKEN ? 'needs-reauthorization' : 'misconfigured' };
  }
}

function classifyStoreError(error: StoreError): Failure {
  const base = { source: 'store', code: error.code, message: error.message } as const;
  const transient = error.kind === 'transient';
  return {
    ...base,
    outcome: transient || error.kind === 'limit' ? 'retry-later' : 'misconfigured',
    outage: transient,
  };
}

/** What to do about a failure, for the one who reads it. */
export function remedy(
  failure: Pick<Failure, 'outcome' | 'source' | 'code'>,
  connection: { readonly name: string; readonly credentials: string; readonly grantType: string | undefined },
): string {
  const { name, credentials, grantType } = connection;
  switch (failure.outcome) {
    case 'awaiting-credentials':
      return `Store the credentials in the secret "${credentials}"; the next tick picks them up.`;
    case 'needs-reauthorization':
      return `Sign in again (evertoken authorize ${name}), or store a new refresh token; the next tick picks it up.`;
    case 'misconfigured':
      if (failure.source === 'store') {
        return 'Allow the refresher to read and write its secrets and to use their key; it tries again by itself.';
      }
      if (failure.source === 'connection') return `Correct the declaration of "${name}" and deploy it.`;
      return grantType === PASSWORD
        ? `Correct user name and password in the secret "${credentials}"; the next tick picks them up.`
        : `Compare client id, client secret, scope and grants with the provider's settings; a change of the secret "${credentials}" is picked up by the next tick.`;
    case 'retry-later':
      return 'Nothing: it is tried again by itself.';
  }
}
