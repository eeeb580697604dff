import type { AwsRefusal } from '../oauth/request/signer.ts';
import { TokenError } from '../oauth/token-error.ts';
import { toStoreError } from './aws-error.ts';

/** A code of ours, and the sentence that says what it takes. */
type Refusal = readonly [code: AwsRefusal, message: string];

/** What the errors of one call mean. */
export interface SigningErrors {
  /** For what may pass. */
  readonly unavailable: string;
  /** For a caller that may not. */
  readonly denied: Refusal;
  /** By AWS's name for it. */
  readonly byName: Readonly<Record<string, Refusal>>;
  /** For whatever else AWS does not do. */
  readonly refused: AwsRefusal;
}

const DENIED: ReadonlySet<string> = new Set([
  'AccessDenied',
  'AccessDeniedException',
  'NotAuthorizedException',
]);

/** A client's faults all the same: the role's session is about to end, and Lambda renews it. */
const PASSING: ReadonlySet<string> = new Set([
  'SessionDurationEscalation',
  'SessionDurationEscalationException',
]);

/** How long a call may take that stands between a proof and a send, all tries together, milliseconds. */
const CALL_MS = 5_000;

/** The signal of one call: it ends with the refresh that it is made for, and soon. */
export function callSignal(signal: AbortSignal | undefined): AbortSignal {
  const soon = AbortSignal.timeout(CALL_MS);
  return signal === undefined ? soon : AbortSignal.any([signal, soon]);
}

/**
 * A call to KMS or STS that failed, as a request that never left: what may pass is `never-sent`, what a person must
 * change is `configuration`. AWS's own words are left out, since nobody knows what they quote.
 * @param call operation and resource, e.g. `Sign arn:aws:kms:…`
 */
export function signingError(error: unknown, call: string, errors: SigningErrors): TokenError {
  if (error instanceof TokenError) return error;
  const name = error instanceof Error ? error.name : 'UnknownError';
  const known = Object.hasOwn(errors.byName, name) ? errors.byName[name] : undefined;
  const refusal = known ?? (DENIED.has(name) ? errors.denied : undefined);
  if (refusal !== undefined) return new TokenError('configuration', ...refusal);
  const { kind, code } = toStoreError(error, call);
  return kind === 'transient' || kind === 'limit' || PASSING.has(name)
    ? new TokenError(
        'never-sent',
        errors.unavailable,
        `${call} is not possible at this moment (${code}); nothing was sent.`,
      )
    : new TokenError('configuration', errors.refused, `${call} was refused (${name}); nothing was sent.`);
}
