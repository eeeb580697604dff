import type { IncomingMessage } from 'node:http';

/** The longest form of the page. */
const MOST_BYTES = 10_000;

/** Why a request is not answered. */
export interface Refusal {
  readonly status: number;
  readonly message: string;
  readonly allow?: string;
}

/**
 * Why a request is refused; `undefined` when it is not. Under a name of its own a page of another site does not reach
 * this one (DNS rebinding), since only its address is a valid Host; and nobody presses its buttons from elsewhere,
 * since a browser says with each POST where it comes from.
 * @param host as the server is called: address and port
 */
export function refusalOf({ headers, method }: IncomingMessage, host: string): Refusal | undefined {
  if (!namesOf(host).includes(headers.host ?? '')) {
    return { status: 421, message: 'This address is not served here.' };
  }
  if (method !== 'GET' && method !== 'POST') {
    return { status: 405, message: 'Only GET and POST are served here.', allow: 'GET, POST' };
  }
  if (method === 'GET') return undefined;
  const site = headers['sec-fetch-site'];
  const isOwn = headers.origin === `http://${headers.host}` && (site === undefined || site === 'same-origin');
  return isOwn ? undefined : { status: 403, message: 'A button is pressed on the page itself.' };
}

/** The fields of a form; `undefined` for what is none, or too long for one. */
export async function readForm(request: IncomingMessage): Promise<URLSearchParams | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MOST_BYTES) return undefined;
    chunks.push(chunk);
  }
  const isForm = /^application\/x-www-form-urlencoded\b/.test(request.headers['content-type'] ?? '');
  return isForm ? new URLSearchParams(Buffer.concat(chunks).toString()) : undefined;
}

function namesOf(host: string): readonly string[] {
  return [host, host.replace(/^127\.0\.0\.1/, 'localhost')];
}
