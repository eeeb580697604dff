import type { CallOptions } from '../refresh/ports/outside.ts';
import { StoreError, type StoreErrorKind } from '../refresh/ports/stores.ts';
import { inert } from '../text/inert.ts';

/** AWS's error names by what they mean for a refresh. What is not listed goes by who was at fault. */
const NAMES: Readonly<Record<Exclude<StoreErrorKind, 'malformed'>, readonly string[]>> = {
  denied: [
    'AccessDenied',
    'AccessDeniedException',
    'CredentialsProviderError',
    'IncompleteSignatureException',
    'InvalidRequestException',
    'InvalidSignatureException',
    'KMSAccessDeniedException',
    'KMSOptInRequired',
    'MissingAuthenticationTokenException',
    'NotAuthorizedException',
    'OptInRequired',
    'UnrecognizedClientException',
  ],
  unusable: [
    'DecryptionFailure',
    'EncryptionFailure',
    'InvalidKeyId',
    'KMSDisabledException',
    'KMSInvalidStateException',
    'KMSNotFoundException',
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

/** One of several troubles that AWS tells under the same error names; its words tell them apart. */
interface Trouble {
  readonly kind: StoreErrorKind;
  /** Ours, since each has a remedy of its own. */
  readonly code: string;
  readonly words: RegExp;
}

const MARKED_FOR_DELETION = 'SecretMarkedForDeletion';

/**
 * In the order in which they are looked for: keys are scheduled for deletion too, and have policies of their own.
 * AWS documents none of these words, so they are matched loosely; what no words tell is told by the name alone.
 */
const TROUBLES: readonly Trouble[] = [
  {
    kind: 'unusable',
    code: 'KeyUnusable',
    words:
      /key\S* (?:is|was|has been) (?:disabled|pending|unavailable|not enabled|deleted|scheduled)|key ['"a]\S* does not exist/i,
  },
  { kind: 'unusable', code: MARKED_FOR_DELETION, words: /(?:marked|scheduled) (?:for deletion|deleted)/i },
  {
    kind: 'denied',
    code: 'KeyAccessDenied',
    words: /access to kms|\bkms:[a-z]|:kms:|default kms|ciphertext refers to|kms key access/i,
  },
  {
    kind: 'denied',
    code: 'ResourcePolicyDenies',
    words: /explicit deny in (?:a|the) resource-based policy/i,
  },
  { kind: 'denied', code: 'ResourcePolicyLacksGrant', words: /no resource-based policy allows/i },
];

/** By error name, where the words tell nothing. */
const CODES: Readonly<Record<string, string>> = {
  ...Object.fromEntries(NAMES.unusable.map((name) => [name, 'KeyUnusable'])),
  KMSAccessDeniedException: 'KeyAccessDenied',
};

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
    const trouble = known === 'denied' || known === 'unusable' ? troubleOf(error) : undefined;
    const message = `${call}: ${name}: ${inert(error.message.slice(0, MAX_MESSAGE_LENGTH))}`;
    return new StoreError(trouble?.kind ?? known, trouble?.code ?? CODES[name] ?? name, message);
  }
  const status = error.$metadata?.httpStatusCode;
  const detail = error.code ?? (status === undefined ? undefined : `HTTP ${status}`);
  const suffix = detail === undefined ? '' : ` (${detail})`;
  return new StoreError(kindByFault(error), name, `${call}: ${name}${suffix}`);
}

/** What `call` would be answered, for a secret that can only be described still. */
export function markedForDeletion(call: string): StoreError {
  return new StoreError('unusable', MARKED_FOR_DELETION, `${call}: the secret is marked for deletion`);
}

function troubleOf({ message }: SdkError): Trouble | undefined {
  return TROUBLES.find(({ words }) => words.test(message));
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
