import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { parseStoredToken, type StoredToken } from './stored-token.ts';
import type { TokenSource } from './token-location.ts';
import { TokenReaderError, type TokenReaderErrorCode } from './token-reader-error.ts';
import { unlessAborted } from './unless-aborted.ts';

/**
 * Reads the current version once, retries of the SDK included, within `timeoutMs`.
 * @throws TokenReaderError any but `token-expired`: whether it has expired is for the caller to judge.
 */
export async function readToken(
  client: SecretsManagerClient,
  source: TokenSource,
  timeoutMs: number,
): Promise<StoredToken> {
  const timeout = AbortSignal.timeout(timeoutMs);
  let text: string | undefined;
  try {
    const command = new GetSecretValueCommand({ SecretId: source.secretId });
    // The SDK hears of the signal only once it has found credentials.
    const answer = await unlessAborted(client.send(command, { abortSignal: timeout }), timeout);
    text = answer.SecretString;
  } catch (error) {
    throw readError(error, source, timeout.aborted ? `no answer within ${timeoutMs} ms` : undefined);
  }
  return parseStoredToken(text, source);
}

/** In our own words, without a `cause`: the SDK's errors hold the response. */
function readError(error: unknown, source: TokenSource, reason = reasonOf(error)): TokenReaderError {
  const [code, problem] = judge(reason, source);
  return new TokenReaderError(code, source.secretId, problem);
}

function judge(reason: string, { statusCommand }: TokenSource): [TokenReaderErrorCode, string] {
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
  if (/^(AccessDenied|DecryptionFailure)/.test(reason)) {
    return [
      'access-denied',
      `may not be read; it takes secretsmanager:GetSecretValue, and kms:Decrypt with its key. ${reason}`,
    ];
  }
  return ['read-failed', `could not be read: ${reason}`];
}

/** Messages of the service are safe to show; those of a parser quote what it read, which is the secret. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error';
  const { name, message, code } = error as Error & { readonly code?: unknown };
  if ('$fault' in error) return `${name}: ${message}`;
  return typeof code === 'string' ? `${name} (${code})` : name;
}
