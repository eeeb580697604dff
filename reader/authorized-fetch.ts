/** The headers that show a token to its API. */
export interface TokenHeaders {
  /** The header that carries the token, such as `Authorization`. */
  readonly name: string;
  readonly value: string;
  /** Headers of a constant value beside it. */
  readonly others: Readonly<Record<string, string>>;
}

/** The headers to send; `rejected` is the value of one that was answered with 401. */
export type HeaderSource = (
  rejected: string | undefined,
  signal: AbortSignal | null | undefined,
) => Promise<TokenHeaders>;

/**
 * A `fetch` that sets the header of the token. After a 401 it asks for another header, and sends a request that can be
 * repeated once more; a 401 says that the API has not acted on it (RFC 9110 section 15.5.2).
 * @param send the `fetch` underneath; the global one of the moment of the call by default
 */
export function authorizedFetch(header: HeaderSource, send?: typeof fetch): typeof fetch {
  return async (input, init) => {
    const signal = init?.signal ?? (input instanceof Request ? input.signal : undefined);
    const fetchWith = ({ name, value, others }: TokenHeaders) => {
      const headers = new Headers(init?.headers ?? (input instanceof Request ? input.headers : undefined));
      for (const [other, constant] of Object.entries(others)) headers.set(other, constant);
      headers.set(name, value);
      return (send ?? fetch)(input, { ...init, headers });
    };
    const sent = await header(undefined, signal);
    const response = await fetchWith(sent);
    if (response.status !== 401) return response;
    // Also for a request that is not repeated, so that the next one has the new token.
    const another = await header(sent.value, signal).catch(() => sent);
    if (another.value === sent.value || !isRepeatable(input, init)) return response;
    // An answer that nobody reads would keep its connection.
    await response.body?.cancel();
    return fetchWith(another);
  };
}

type FetchArguments = Parameters<typeof fetch>;

/**
 * Whether `fetch(input, init)` can be called again with the same arguments. A stream is used up by the first
 * call, and so is a Request that has a body: nothing tells what it was made from, and a copy made in advance
 * would hold all of it in memory.
 */
function isRepeatable(input: FetchArguments[0], init: FetchArguments[1]): boolean {
  const body: unknown = init?.body ?? (input instanceof Request ? input.body : undefined);
  return (
    body === undefined ||
    body === null ||
    typeof body === 'string' ||
    body instanceof ArrayBuffer ||
    ArrayBuffer.isView(body) ||
    body instanceof Blob ||
    body instanceof FormData ||
    body instanceof URLSearchParams
  );
}
