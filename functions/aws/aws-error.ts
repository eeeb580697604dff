import type { CallOptions } from '../refresh/ports/outside.ts';
import { StoreError, type StoreErrorKind } from '../refresh/ports/stores.ts';

/** AWS's error names by what they mean for a refresh. What is not listed goes by who was at fault. */
const NAMES: Readonly<Record<Exclude<StoreErrorKind, 'malformed'>, readonly string[]>> = {
  denied: [
    'AccessDenied',
    'AccessDeniedException',
    'CredentialsProviderError',
    'DecryptionFailure',
    'EncryptionFailure',
    'IncompleteSignatureException',
    'InvalidKeyId',
    'InvalidRequestException',
    'InvalidSignatureException',
    'KMSAccessDeniedException',
    'KMSDisabledException',
    'KMSInvalidStateException',
    'KMSNotFoundException',
    'KMSOptInRequired',
    'MissingAuthenticationTokenException',
    'NotAuthorizedException',
    'OptInRequired',
    'UnrecognizedClientException',
  ],
  missing: ['ParameterNotFound', 'ParameterVersionNotFound', 'ResourceNotFoundException'],
  transient: [
    'AbortError',
    'ConcurrentModificationException',
    'ExpiredTokenException',
    'InternalFailure',
    'InternalServerError',
    'InternalServiceError',
    'KMSInternalException',
    'KMSThrottlingException',
    'PriorRequestNotComplete',
    'ProvisionedThroughputExceededException',
    'ReplicatedWriteConflictException',
    'RequestLimitExceeded',
    'RequestTimeTooSkewed',
    'RequestTimeout',
    'ServiceUnavailable',
    'ServiceUnavailableException',
    'SlowDown',
    'ThrottledException',
    'Throttling',
    'ThrottlingException',
    'TimeoutError',
    'TooManyRequestsException',
    'TooManyUpdates',
    'TransactionInProgressException',
  ],
  conflict: ['ParameterAlreadyExists', 'ResourceExistsException'],
  limit: [
    'HierarchyLevelLimitExceededException',
    'ItemCollectionSizeLimitExceededException',
    'LimitExceededException',
    'ParameterLimitExceeded',
    'ParameterMaxVersionLimitExceeded',
  ],
};

const KIND_BY_NAME = new Map(
  Object.entries(NAMES).flatMap(([kind, names]) =>
    names.map((name) => [name, kind as StoreErrorKind] as const),
  ),
);

const MAX_MESSAGE_LENGTH = 500;

interface SdkError {
  readonly name: string;
  readonly message: string;
  readonly $fault?: 'client' | 'server';
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly code?: string;
}

/**
 * What a failed SDK call means. `call` names operation and resource, e.g. `PutSecretValue evertoken/tokens/crm`.
 * AWS's own message is kept for the error names listed above, which speak of permissions, keys and states;
 * that of a validation error may quote the value that it refused, and a parser's the answer that it read.
 * Whatever is not recognised counts as transient: the call may have taken effect.
 */
export function toStoreError(error: unknown, call: string): StoreError {
  if (error instanceof StoreError) return error;
  if (!isSdkError(error)) return new StoreError('transient', 'UnknownError', `${call} failed`);
  const { name } = error;
  const known = KIND_BY_NAME.get(name);
  if (known !== undefined) {
    return new StoreError(known, name, `${call}: ${name}: ${error.message.slice(0, MAX_MESSAGE_LENGTH)}`);
  }
  const status = error.$metadata?.httpStatusCode;
  const detail = error.code ?? (status === undefined ? undefined : `HTTP ${status}`);
  const suffix = detail === undefined ? '' : ` (${detail})`;
  return new StoreError(kindByFault(error), name, `${call}: ${name}${suffix}`);
}

/** Runs one SDK call. @throws StoreError and nothing else */
export async function storeCall<T>(call: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw toStoreError(error, call);
  }
}

function kindByFault({ $fault, $metadata }: SdkError): StoreErrorKind {
  const status = $metadata?.httpStatusCode;
  if (status === 429 || (status !== undefined && status >= 500)) return 'transient';
  return $fault === 'client' ? 'denied' : 'transient';
}

function isSdkError(error: unknown): error is SdkError {
  return error instanceof Error;
}

/** The second argument of every SDK client's `send`. */
export function sendOptions(options: CallOptions | undefined): { abortSignal?: AbortSignal } {
  return options?.signal === undefined ? {} : { abortSignal: options.signal };
}
