import { ConnectionError } from '../../connections/connection-error.ts';
import { PASSWORD, REFRESH_TOKEN } from '../../oauth/grant-type.ts';
import { ORIGIN_NOT_ALLOWED } from '../../oauth/request/allowed-origins.ts';
import { AWS_REFUSALS } from '../../oauth/request/signer.ts';
import { TokenError } from '../../oauth/token-error.ts';
import type { FailureSource, LastingOutcome } from '../connection-state.ts';
import { StoreError } from '../ports/stores.ts';
import { storeAgain, storeRemedy } from './store-remedy.ts';

/** A refresh that did not bring a token, judged: what it means and what a person should do. */
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

/** An error that no rule explains is tried this often before a person is asked. */
export const UNSURE_TRIES = 5;

/** What the evidence is judged with. */
export interface FailureContext {
  /** The grant that failed; absent where none was tried. */
  readonly grantType: string | undefined;
  /** Failures in a row before this one, by kind. */
  readonly failuresByKind: Readonly<Record<string, number>>;
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

function classifyTokenError(error: TokenError, { grantType, failuresByKind }: FailureContext): Failure {
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
      const isShown = (failuresByKind['unsure'] ?? 0) + 1 >= UNSURE_TRIES;
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

/** What of a connection a remedy speaks of. */
interface Remedied {
  readonly name: string;
  /** The secret; absent where the role's own identity stands in for it. */
  readonly credentials: string | undefined;
  readonly grants: readonly string[];
}

/** What to do about a failure, for the one who reads it. */
export function remedy(
  failure: Pick<Failure, 'outcome' | 'source' | 'kind' | 'code' | 'message'>,
  { name, credentials, grants }: Remedied,
): string {
  switch (failure.outcome) {
    case 'awaiting-credentials':
      return `Store the credentials in the secret "${credentials}"; the next tick picks them up.`;
    case 'needs-reauthorization':
      return `Sign in again (evertoken authorize ${name}), or store a new refresh token; the next tick picks it up.`;
    case 'misconfigured':
      if (failure.source === 'store') {
        return (
          storeRemedy(failure, 'the refresher') ??
          'Allow the refresher to read and write its secrets and to use their key; it tries again by itself.'
        );
      }
      if (failure.source === 'connection') return `Correct the declaration of "${name}" and deploy it.`;
      if (failure.code === ORIGIN_NOT_ALLOWED) {
        return `If they may be sent there, have whoever owns the credentials add the origin to "allowed_token_origins" in the secret "${credentials}" (evertoken credentials set writes it from the connections that use them). If not, correct the URLs of "${name}". Nothing was sent.`;
      }
      // AWS said no to what signs or vouches here, and the message says what it takes.
      if (AWS_REFUSALS.some((code) => code === failure.code)) {
        return `Do what the message says; "${name}" is tried again by itself.`;
      }
      if (credentials === undefined) return identityRemedy(failure.code, name);
      if (failure.code.startsWith('missing_')) return storeAgain(credentials);
      if (failure.code.startsWith('http_')) {
        return `Compare client id, client secret, scope and grants with the provider's settings; a change of the secret "${credentials}" is picked up by the next tick. Where they are right, look at the token URL and the provider's status page: a block page, a route that moved, a service that is off. It is tried again by itself.`;
      }
      // A refresh token that is refused asks for somebody to sign in: what else is refused is the other grant's.
      return (failure.kind === 'refused' || failure.kind === 'unsure') && grants.includes(PASSWORD)
        ? `Correct user name and password in the secret "${credentials}"; the next tick picks them up.`
        : `Compare client id, client secret, scope and grants with the provider's settings; a change of the secret "${credentials}" is picked up by the next tick.`;
    case 'retry-later':
      return 'Nothing: it is tried again by itself.';
  }
}

/** For a connection that proves itself with the role's own identity. */
function identityRemedy(code: string, name: string): string {
  return code === 'missing_client_id'
    ? `Set "clientId" in the declaration of "${name}" and deploy it.`
    : `Compare what the provider trusts with what AWS says of the functions: the issuer of the account (aws iam get-outbound-web-identity-federation-info), the ARN of the function's role as subject, and the audience in the rules of "${name}"; then client id, scope and grants. It is tried again by itself.`;
}
