import { ConnectionError } from '../../connections/connection-error.ts';
import { REFRESH_TOKEN } from '../../oauth/grant-type.ts';
import { TokenError } from '../../oauth/token-error.ts';
import type { ConnectionState, FailureSource, LastingOutcome } from '../connection-state.ts';
import { StoreError } from '../ports/stores.ts';

/** A refresh that did not bring a token, judged: what it means. What to do about it: `remedy`. */
export interface Failure {
  readonly outcome: Exclude<LastingOutcome, 'refreshed'>;
  readonly source: FailureSource;
  /** What kind of evidence it is: failures are counted by it. Default: the code. */
  readonly kind?: string;
  readonly code: string;
  readonly message: string;
  readonly retryAfterMs?: number | undefined;
  /** The token has too long to live for another: nothing is wrong. */
  readonly isEarly?: boolean;
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

/** An error that no rule explains is tried this often before a person is asked, and while readers have a token on. */
export const UNSURE_TRIES = 5;

/** What the evidence is judged with. */
export interface FailureContext {
  /** The grant that failed; absent where none was tried. */
  readonly grantType: string | undefined;
  /** Failures in a row before this one, by kind. */
  readonly failuresByKind: Readonly<Record<string, number>>;
  /** Whether readers have a token that lives: what is not sure can wait then. */
  readonly hasToken: boolean;
}

/** What the evidence is judged with where a connection stands like this. `now` in epoch milliseconds. */
export function failureContext(
  { failuresByKind = {}, expiresAt }: ConnectionState,
  grantType: string | undefined,
  now: number,
): FailureContext {
  return { grantType, failuresByKind, hasToken: expiresAt !== undefined && expiresAt > now };
}

/**
 * What an error means for the connection. Kinds are counted apart: outages say nothing about a refusal.
 * Anything unexpected is thrown on by the caller's own choice: here it is a failure that is tried again.
 */
export function classifyFailure(error: unknown, context: FailureContext): Failure {
  if (error instanceof RefreshFailed) return error.failure;
  if (error instanceof TokenError) return classifyTokenError(error, context);
  if (error instanceof StoreError) return classifyStoreError(error);
  if (error instanceof ConnectionError) {
    return {
      outcome: 'misconfigured',
      source: 'connection',
      kind: 'connection',
      code: error.code,
      message: error.message,
    };
  }
  // The text of an unforeseen error may hold anything: only its name is safe to show.
  const name = error instanceof Error ? error.name : typeof error;
  return {
    outcome: 'retry-later',
    source: 'connection',
    kind: 'unexpected',
    code: 'unexpected_error',
    message: `an unexpected ${name} ended the refresh`,
  };
}

function classifyTokenError(
  error: TokenError,
  { grantType, failuresByKind, hasToken }: FailureContext,
): Failure {
  const { kind, code, message, retryAfterMs, isEarly } = error;
  const base = {
    source: 'provider',
    kind,
    code,
    message,
    retryAfterMs,
    ...(isEarly && { isEarly }),
  } as const;
  switch (kind) {
    case 'refused':
      return { ...base, outcome: grantType === REFRESH_TOKEN ? 'needs-reauthorization' : 'misconfigured' };
    case 'client-refused':
    case 'configuration':
      return { ...base, outcome: 'misconfigured' };
    case 'throttled':
      return { ...base, outcome: 'retry-later' };
    case 'never-sent':
    case 'unanswered':
      return { ...base, outcome: 'retry-later', outage: true };
    case 'unsure': {
      const isShown = !hasToken && (failuresByKind['unsure'] ?? 0) + 1 >= UNSURE_TRIES;
      return { ...base, outcome: isShown ? 'misconfigured' : 'retry-later' };
    }
  }
}

function classifyStoreError(error: StoreError): Failure {
  const transient = error.kind === 'transient';
  return {
    source: 'store',
    kind: `store-${error.kind}`,
    code: error.code,
    message: error.message,
    outcome: transient || error.kind === 'limit' ? 'retry-later' : 'misconfigured',
    outage: transient,
  };
}
