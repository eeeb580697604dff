type FetchArguments = Parameters<typeof fetch>;

/**
 * Whether `fetch(input, init)` can be called again with the same arguments. A stream is used up by the first
 * call, and so is a Request that has a body: nothing tells what it was made from, and a copy made in advance
 * would hold all of it in memory.
 */
export function isRepeatable(input: FetchArguments[0], init: FetchArguments[1]): boolean {
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
