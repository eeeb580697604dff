import type { StoredToken } from './stored-token.ts';
import type { TokenSource } from './token-location.ts';
import { TokenReaderError } from './token-reader-error.ts';

/** From this time before its expiry on, a token is read again: one that lives shorter, from a tenth of its life on. */
const READ_BEFORE_EXPIRY_MS = 60_000;
const READ_BEFORE_EXPIRY_SHARE = 0.1;

/** A read that brought nothing new is not repeated sooner. */
const READ_GAP_MS = 2_000;

/** As many tokens as are kept, the last used ones. */
const MOST_ENTRIES = 1_000;

interface Entry {
  token?: StoredToken;
  /** The read that is under way; it never rejects. */
  reading?: Promise<void> | undefined;
  /** Why the last read failed; undefined when it did not. */
  error?: unknown;
  /** When a read last ended that brought nothing new. Epoch milliseconds. */
  nothingNewAt?: number | undefined;
}

export interface TokenCache {
  /**
   * The token to use now. `rejected` is one that was answered with 401: it is read again, and comes back all
   * the same when no other has been published. One that is at hand comes at once, without a promise: a service reads
   * it for each of its requests.
   * @throws TokenReaderError in the promise
   */
  get(source: TokenSource, rejected?: string): StoredToken | Promise<StoredToken>;
}

/**
 * Keeps tokens until shortly before they expire, and reads each once however many callers wait for it.
 * A token that is still good is served whatever goes wrong with a read; one that has expired never is.
 * @param read gets the parameter of the token of before
 * @param now epoch milliseconds
 */
export function createTokenCache(
  read: (source: TokenSource, parameter: string | undefined) => Promise<StoredToken>,
  now: () => number,
): TokenCache {
  const entries = new Map<string, Entry>();
  let lastUsed: Entry | undefined;

  function entryOf(source: TokenSource): Entry {
    const key = keyOf(source);
    const entry = entries.get(key) ?? {};
    if (entry === lastUsed) return entry;
    lastUsed = entry;
    // A Map keeps the order in which keys were set: the first is the one that was used longest ago.
    entries.delete(key);
    entries.set(key, entry);
    for (const oldest of entries.keys()) {
      if (entries.size <= MOST_ENTRIES) break;
      entries.delete(oldest);
    }
    return entry;
  }

  function isReadDue({ token, nothingNewAt }: Entry, rejected: string | undefined): boolean {
    const at = now();
    if (token && !token.isIn(rejected) && at < readAgainAt(token)) return false;
    // A clock that was set back must not stop the reads until it has caught up.
    return nothingNewAt === undefined || at < nothingNewAt || at >= nothingNewAt + READ_GAP_MS;
  }

  async function readInto(entry: Entry, source: TokenSource, rejected: string | undefined): Promise<void> {
    const before = entry.token;
    try {
      const token = await read(source, before?.parameter);
      entry.error = undefined;
      // Reads are eventually consistent: one that lags must not take the place of a token that lasts longer.
      if (!before || before.isIn(rejected) || token.expiresAt >= before.expiresAt) entry.token = token;
    } catch (error) {
      entry.error = error;
    }
    const isNew = entry.token !== undefined && !before?.isIn(entry.token.reveal());
    entry.nothingNewAt = isNew ? undefined : now();
  }

  async function readIfDue(
    entry: Entry,
    source: TokenSource,
    rejected: string | undefined,
  ): Promise<StoredToken> {
    if (isReadDue(entry, rejected)) {
      entry.reading ??= readInto(entry, source, rejected).finally(() => {
        entry.reading = undefined;
      });
      await entry.reading;
    }
    const { token, error } = entry;
    if (token && now() < token.expiresAt) return token;
    throw error ?? expired(source, token, now());
  }

  return {
    get(source, rejected) {
      const entry = entryOf(source);
      const { token } = entry;
      return token && rejected === undefined && now() < readAgainAt(token)
        ? token
        : readIfDue(entry, source, rejected);
    },
  };
}

function keyOf({ secretId, fields }: TokenSource): string {
  for (const _ in fields) return secretId + JSON.stringify(fields);
  return secretId;
}

function readAgainAt({ expiresAt, lifetimeMs }: StoredToken): number {
  return expiresAt - Math.min(READ_BEFORE_EXPIRY_MS, READ_BEFORE_EXPIRY_SHARE * lifetimeMs);
}

function expired(
  { secretId, statusCommand }: TokenSource,
  token: StoredToken | undefined,
  at: number,
): TokenReaderError {
  const instant = (epochMs: number) => new Date(epochMs).toISOString();
  return new TokenReaderError(
    'token-expired',
    secretId,
    `holds a token that expired at ${instant(token?.expiresAt ?? 0)}, and none has replaced it; the clock here says ${instant(at)}. See: ${statusCommand}`,
    token?.parameter,
  );
}
