import type { IncomingMessage } from 'node:http';

const MAX_BODY_BYTES = 64 * 1024;

/** A request that a provider refuses. The message names parameters, never their values. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;
  /** An error code of RFC 6749 section 5.2. */
  readonly code: string;

  constructor(status: number, code: string, reason: string) {
    super(reason);
    this.status = status;
    this.code = code;
  }
}

/**
 * The parameters of a form-encoded request. Strict: exactly that content type, nothing in the query
 * string, no parameter twice, none empty (RFC 6749 section 3.2). @throws Refusal
 */
export async function readForm(request: IncomingMessage): Promise<ReadonlyMap<string, string>> {
  const contentType = request.headers['content-type'];
  if (contentType !== 'application/x-www-form-urlencoded') {
    throw new Refusal(400, 'invalid_request', 'Content-Type must be application/x-www-form-urlencoded');
  }
  if (request.url?.includes('?')) {
    throw new Refusal(400, 'invalid_request', 'parameters do not belong into the query string');
  }
  const parameters = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(await readBody(request))) {
    if (parameters.has(name)) throw new Refusal(400, 'invalid_request', `parameter "${name}" came twice`);
    if (value === '') throw new Refusal(400, 'invalid_request', `parameter "${name}" is empty`);
    parameters.set(name, value);
  }
  return parameters;
}

/** Refuses a parameter that is neither in `required` nor in `optional`, and one of `required` that is missing. */
export function expectParameters(
  parameters: ReadonlyMap<string, string>,
  way: string,
  required: readonly string[],
  optional: readonly string[] = [],
): void {
  for (const name of parameters.keys()) {
    if (!required.includes(name) && !optional.includes(name)) {
      throw new Refusal(400, 'invalid_request', `parameter "${name}" is not documented for ${way}`);
    }
  }
  for (const name of required) {
    if (!parameters.has(name)) {
      throw new Refusal(400, 'invalid_request', `parameter "${name}" is missing for ${way}`);
    }
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) throw new Refusal(400, 'invalid_request', 'the body is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
