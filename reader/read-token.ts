import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { SSMClient } from '@aws-sdk/client-ssm';
import { createParameterRead } from './read-parameter.ts';
import { parseStored, StoredToken } from './stored-token.ts';
import type { TokenSource } from './token-location.ts';
import { TokenReaderError, type TokenReaderErrorCode } from './token-reader-error.ts';
import { unlessAborted } from './unless-aborted.ts';

export interface TokenReadProps {
  readonly client: SecretsManagerClient;
  readonly ssm: SSMClient | undefined;
  /** For the secret and the parameter together, the SDK's retries included. */
  readonly readTimeoutMs: number;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/**
 * Reads the token of a source, and follows a secret that points to a parameter. `known` is the parameter that held
 * the token of before: the secret is asked again only where that is gone or holds an expired token.
 * @throws TokenReaderError any but `token-expired`: whether it has expired is for the caller to judge.
 */
export type TokenRead = (source: TokenSource, known: string | undefined) => Promise<StoredToken>;

export function createTokenRead({ client, ssm, readTimeoutMs, now }: TokenReadProps): TokenRead {
  const parameterValue = createParameterRead(client, ssm);

  return async (source, known) => {
    const timeout = AbortSignal.timeout(readTimeoutMs);

    async function within<T>(work: Promise<T>, parameter?: string): Promise<T> {
      try {
        // The SDK hears of the signal only once it has found credentials.
        return await unlessAborted(work, timeout);
      } catch (error) {
        const reason = timeout.aborted ? `no answer within ${readTimeoutMs} ms` : reasonOf(error);
        const [code, problem] = parameter ? judgeParameter(reason, source) : judgeSecret(reason, source);
        // In our own words, without a `cause`: the SDK's errors hold the response.
        throw new TokenReaderError(code, source.secretId, problem, parameter);
      }
    }

    async function readSecret(): Promise<StoredToken | string> {
      const command = new GetSecretValueCommand({ SecretId: source.secretId });
      const { SecretString } = await within(client.send(command, { abortSignal: timeout }));
      return parseStored(SecretString, source);
    }

    async function readParameter(name: string): Promise<StoredToken> {
      return parseStored(await within(parameterValue(name, timeout), name), source, name);
    }

    const place = known ?? (await readSecret());
    if (place instanceof StoredToken) return place;
    const found = await readParameter(place).catch(unlessGone);
    if (found instanceof StoredToken && !(known && found.expiresAt <= now())) return found;
    // It may have been moved back: the secret is written before the parameter is deleted.
    const next = await readSecret();
    if (next instanceof StoredToken) return next;
    if (next !== place) return readParameter(next);
    if (found instanceof StoredToken) return found;
    throw found;
  };
}

/** @throws any other error */
function unlessGone(error: unknown): TokenReaderError {
  if (error instanceof TokenReaderError && error.code === 'unknown-connection') return error;
  throw error;
}

type Judgement = [TokenReaderErrorCode, problem: string];

function judgeSecret(reason: string, { statusCommand }: TokenSource): Judgement {
  // Secrets Manager has one exception for a secret that does not exist and for one that was never written.
  if (/^ResourceNotFound.*secret value/.test(reason)) {
    return ['no-token-yet', `is empty: the first refresh has not come to its end. See: ${statusCommand}`];
  }
  if (/^ResourceNotFound|marked for deletion/.test(reason)) {
    return [
      'unknown-connection',
      'does not exist or is marked for deletion. Check the name, the namespace, the account and the Region',
    ];
  }
  if (/^(AccessDenied|DecryptionFailure)/.test(reason))
    return denied('secretsmanager:GetSecretValue', reason);
  return failed(reason);
}

function judgeParameter(reason: string, { statusCommand }: TokenSource): Judgement {
  if (/^ParameterNotFound/.test(reason)) {
    return [
      'unknown-connection',
      `does not exist here. It is only in the account and the Region of the deployment. See: ${statusCommand}`,
    ];
  }
  if (/^(AccessDenied|InvalidKeyId)/.test(reason)) return denied('ssm:GetParameter on it', reason);
  return failed(reason);
}

const denied = (action: string, reason: string): Judgement => [
  'access-denied',
  `may not be read; it takes ${action}, and kms:Decrypt with its key. ${reason}`,
];
const failed = (reason: string): Judgement => ['read-failed', `could not be read: ${reason}`];

/** Messages of the service are safe to show; those of a parser quote what it read, which is the secret. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error';
  const { name, message, code } = error as Error & { readonly code?: unknown };
  if ('$fault' in error) return `${name}: ${message}`;
  return typeof code === 'string' ? `${name} (${code})` : name;
}
