/**
 * A provider with ways of its own, on this machine: JSON in, 200 for everything, the token in `data`, its lifetime in
 * milliseconds. `node examples/own-provider/server.ts`
 */
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';

/** Of local mode's credentials `rotating-demo`. All of it is made up. */
const CLIENT = { app: 'demo-rotating-client', app_secret: 'fake-rotating-client-secret' };
const PORT = Number(process.argv[2] ?? 8780);
const LIFETIME_MS = 45_000;

const server = createServer(async (request, response) => {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  const answer = answerTo(request.method, request.url, text);
  console.log(`${request.method} ${request.url}: ${answer.ok ? 'a token' : answer.failure.id}`);
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
});

server.listen(PORT, '127.0.0.1', () => console.log(`http://127.0.0.1:${PORT}`));

type Answer =
  | { readonly ok: true; readonly data: { readonly token: string; readonly ttl_ms: number } }
  | { readonly ok: false; readonly failure: { readonly id: string; readonly text: string } };

function answerTo(method: string | undefined, url: string | undefined, text: string): Answer {
  const failure = (id: string, words: string): Answer => ({ ok: false, failure: { id, text: words } });
  if (method !== 'POST' || url !== '/token') return failure('NO_SUCH_PLACE', 'Tokens are at POST /token.');
  const asked = parsed(text);
  if (asked === undefined) return failure('NO_JSON', 'Send a JSON object.');
  if (asked['grant_type'] !== 'client_credentials')
    return failure('NO_SUCH_GRANT', 'Ask by client_credentials.');
  const isClient = Object.entries(CLIENT).every(([name, value]) => asked[name] === value);
  if (!isClient) return failure('SECRET_WRONG', 'Check app and app_secret.');
  return { ok: true, data: { token: `tide-${randomUUID()}`, ttl_ms: LIFETIME_MS } };
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
