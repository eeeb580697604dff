import type { IncomingMessage } from 'node:http';
import { AwsError } from './error-answer.ts';
import type { WireRequest } from './message.ts';

/** The largest request of any service here: DynamoDB's BatchWriteItem. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;

const LOOPBACK_HOST = /^(127\.\d{1,3}\.\d{1,3}\.\d{1,3}|localhost|\[::1\])(:\d+)?$/i;

/**
 * Keeps web pages out: a browser always sends Origin with a POST, and a page that reaches a loopback
 * address through a name of its own (DNS rebinding) shows that name as Host.
 * @throws AwsError `AccessDeniedException`, 403
 */
export function refuseBrowsers(request: IncomingMessage): void {
  if (request.headers.origin !== undefined) {
    throw new AwsError('AccessDeniedException', 'Requests from web pages are refused.', 403);
  }
  if (!LOOPBACK_HOST.test(request.headers.host ?? '')) {
    throw new AwsError('AccessDeniedException', 'The Host header must name a loopback address.', 403);
  }
}

/** @throws AwsError `RequestEntityTooLargeException`, 413, above 16 MiB */
export async function readRequest(request: IncomingMessage): Promise<WireRequest> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    // Read to the end all the same: a client that is still sending would not see the answer.
    if (length <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  if (length > MAX_BODY_BYTES) {
    throw new AwsError('RequestEntityTooLargeException', 'The request is larger than 16 MiB.', 413);
  }
  return {
    method: request.method ?? '',
    path: new URL(request.url ?? '/', 'http://127.0.0.1').pathname,
    headers: request.headers,
    body: Buffer.concat(chunks),
  };
}
