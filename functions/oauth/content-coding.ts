import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';

const DECODERS = new Map([
  ['gzip', gunzipSync],
  ['x-gzip', gunzipSync],
  ['deflate', inflateSync],
  ['br', brotliDecompressSync],
]);

/**
 * Undoes the coding of a body (RFC 9110 section 8.4.1). Requests ask for none; a server that compresses all
 * the same has answered nonetheless, and its answer may hold the only copy of a refresh token.
 * @param maxBytes what the decoded body may have: a small body can unpack to a huge one
 * @returns `undefined` when the coding is unknown, the body is broken, or the limit is passed
 */
export function decodeContent(
  body: Buffer,
  coding: string | undefined,
  maxBytes: number,
): Buffer | undefined {
  const name = coding?.trim().toLowerCase() ?? '';
  if (name === '' || name === 'identity') return body;
  try {
    return DECODERS.get(name)?.(body, { maxOutputLength: maxBytes });
  } catch {
    return undefined;
  }
}
