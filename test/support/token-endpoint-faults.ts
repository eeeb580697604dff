import type { IncomingMessage, ServerResponse } from 'node:http';
import { deflateRawSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { canarySecret } from './canary.ts';

/** The fields of a good answer, RFC 6749 section 5.1. */
export type TokenAnswer = Readonly<Record<string, unknown>>;

/** One token request that is about to be answered badly. */
export interface FaultyExchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Epoch milliseconds. */
  readonly now: number;
  /** A URL of the same server that must never be asked. */
  readonly elsewhere: string;
  /** What the request brought. */
  readonly refreshToken: string | undefined;
  /** The access token that was issued last. */
  readonly lastAccessToken: string | undefined;
  /**
   * Acts on the request, once: spends its refresh token and issues another, or, where refresh tokens do not
   * rotate, leaves it alive.
   */
  answer(rotates?: boolean): TokenAnswer;
}

/** What is done in place of a good answer, once the request was read; `reset` does not even read it. */
export type Fault = ((exchange: FaultyExchange) => void) | 'reset';

const MiB = 1_048_576;
const HALF_AN_HOUR_SECONDS = 1_800;
/** Between two bytes of an answer that drips: a second, scaled as the limits of the tests are. */
const DRIP_MS = 5;
const HTML = '<!doctype html><title>Sign in to the guest network</title>';

/** All that token endpoints have been seen to do to their clients; one of them at a time is switched on. */
export const FAULTS = {
  '400': status(400),
  '400 invalid_grant': status(400, {}, '{"error":"invalid_grant"}'),
  '401': status(401),
  '403': status(403),
  '301': ({ response, elsewhere }) => response.writeHead(301, { location: elsewhere }).end(),
  '404': status(404),
  '405': status(405),
  'HTML 403': status(
    403,
    { 'content-type': 'text/html' },
    '<!doctype html><title>Attention Required!</title>',
  ),
  invalid_scope: status(400, {}, '{"error":"invalid_scope"}'),
  'a realm that is switched off': status(
    403,
    {},
    '{"error":"access_denied","error_description":"Realm not enabled"}',
  ),
  '408': status(408),
  '429': status(429),
  '429 with Retry-After in seconds': status(429, { 'retry-after': '7' }),
  '429 with Retry-After as a date': ({ response, now }) =>
    response.writeHead(429, { 'retry-after': new Date(now + 120_000).toUTCString() }).end(),
  '429 with Retry-After as a date that a slow clock wrote': ({ response, now }) =>
    response.writeHead(429, { 'retry-after': new Date(now - 1_680_000).toUTCString() }).end(),
  '500': status(500),
  '502': status(502, { 'content-type': 'text/html' }, '<h1>Bad Gateway</h1>'),
  '503': status(503),
  '503 invalid_grant': status(503, {}, '{"error":"invalid_grant"}'),
  '503 with Retry-After': status(503, { 'retry-after': '90' }),
  '504': status(504),
  'HTML with 200': status(200, { 'content-type': 'text/html' }, HTML),
  'an error body with 200': status(
    200,
    {},
    '{"error":"invalid_grant","error_description":"Token has been revoked"}',
  ),
  'a form-encoded answer': ({ response, answer }) => {
    const fields = Object.entries(answer()).map(([name, value]): [string, string] => [name, String(value)]);
    response.writeHead(200, { 'content-type': 'application/x-www-form-urlencoded' });
    response.end(new URLSearchParams(fields).toString());
  },
  'status 203': ({ response, answer }) => void response.writeHead(203).end(JSON.stringify(answer())),
  'an access token that ends in a line break': changed((answer) => ({
    ...answer,
    access_token: `${String(answer['access_token'])}\r\n`,
  })),
  'error_code OK': altered({ error_code: 'OK', error: null }),
  'warnings beside the token': altered({
    errors: [{ message: 'this version is deprecated' }],
    warnings: ['x'],
  }),
  'a coding that is none': coded('UTF-8', (body) => body),
  zstd: coded('zstd', zstdCompressSync),
  'raw deflate': coded('deflate', deflateRawSync),
  'gzip without its trailer': coded('gzip', (body) => gzipSync(body).subarray(0, -8)),
  'gzip that nobody names': coded(undefined, gzipSync),
  '64 KB of headers': ({ response, answer }) => {
    response.setHeader('content-security-policy', 'x'.repeat(32_000));
    response.setHeader('report-to', 'x'.repeat(32_000));
    json(response, JSON.stringify(answer()));
  },
  'a body shorter than its length': ({ request, response, answer }) => {
    const body = JSON.stringify(answer());
    response.writeHead(200, { 'content-length': body.length + 100 });
    response.write(body, () => request.socket.end());
  },
  'an array around the answer': ({ response, answer }) => json(response, JSON.stringify([answer()])),
  'truncated behind the refresh token': ({ response, answer }) => {
    const { refresh_token, ...others } = answer();
    json(response, JSON.stringify({ refresh_token, ...others }).slice(0, -12));
  },
  'access_token missing': without('access_token'),
  'access_token null': altered({ access_token: null }),
  'ok false beside the tokens': altered({ ok: false }),
  'an error beside the tokens': altered({ error: 'invalid_scope' }),
  'a connection lost in mid-body': ({ request, response, answer }) => {
    const { access_token, ...others } = answer();
    response.writeHead(200, { 'content-type': 'application/json' });
    const body = JSON.stringify({ ...others, access_token });
    response.write(body.slice(0, -20), () => setTimeout(() => request.socket.resetAndDestroy(), 20));
  },
  'the same access token with no lifetime': ({ response, answer, lastAccessToken }) =>
    json(response, JSON.stringify({ ...answer(), access_token: lastAccessToken, expires_in: undefined })),
  'refresh_expires_in 1800': altered({ refresh_expires_in: 1800 }),
  'refresh_expires_in 0': altered({ refresh_expires_in: 0 }),
  'an empty body': status(200),
  'truncated JSON': ({ response, answer }) => json(response, JSON.stringify(answer()).slice(0, -12)),
  null: status(200, {}, 'null'),
  '[]': status(200, {}, '[]'),
  '10 MiB': status(200, {}, ' '.repeat(10 * MiB)),
  'a gzip bomb': ({ response }) => {
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(16 * MiB)));
  },
  'headers that never come': () => undefined,
  'a byte a second': ({ response }) => {
    response.writeHead(200, { 'content-length': 10_000 }).flushHeaders();
    const drip = setInterval(() => response.write(' '), DRIP_MS);
    response.on('close', () => clearInterval(drip));
  },
  'a reset before the request was read': 'reset',
  'a reset in place of the answer': ({ request }) => request.socket.resetAndDestroy(),
  '302': ({ response, elsewhere }) => response.writeHead(302, { location: elsewhere }).end(),
  '307': ({ response, elsewhere }) => response.writeHead(307, { location: elsewhere }).end(),
  '307 to the metadata of the instance': status(307, {
    location: 'http://169.254.169.254/latest/meta-data/',
  }),
  'a wrong content type': ({ response, answer }) => {
    response.writeHead(200, { 'content-type': 'image/png' }).end(JSON.stringify(answer()));
  },
  'expires_in missing': without('expires_in'),
  'expires_in as a string': altered({ expires_in: '5400' }),
  'expires_in as a float': altered({ expires_in: 5400.9 }),
  'expires_in negative': altered({ expires_in: -5400 }),
  'expires_in 0': altered({ expires_in: 0 }),
  'expires_in huge': altered({ expires_in: 1e12 }),
  'expires_in in milliseconds': altered({ expires_in: 5_400_000 }),
  'expires_in in milliseconds beside expires_in_sec': altered({
    expires_in: 4_321_000,
    expires_in_sec: 4321,
  }),
  'refresh_token omitted': keeping(() => ({})),
  'refresh_token null': keeping(() => ({ refresh_token: null })),
  'refresh_token empty': keeping(() => ({ refresh_token: '' })),
  'refresh_token the same': keeping(({ refreshToken }) => ({ refresh_token: refreshToken })),
  'token_type missing': without('token_type'),
  'token_type in odd case': altered({ token_type: 'bEARER' }),
  'token_type in prose': altered({ token_type: 'User Access Token' }),
  'scope narrowed': altered({ scope: 'read' }),
  'a clock 30 minutes slow': clockOff(-HALF_AN_HOUR_SECONDS, HALF_AN_HOUR_SECONDS),
  'a clock 30 minutes fast': clockOff(HALF_AN_HOUR_SECONDS, HALF_AN_HOUR_SECONDS),
  'a clock 30 minutes slow, and only a JWT that says so': clockOff(-HALF_AN_HOUR_SECONDS),
  'a clock 30 minutes fast, and only a JWT that says so': clockOff(HALF_AN_HOUR_SECONDS),
} satisfies Record<string, Fault>;

export type FaultName = keyof typeof FAULTS;

function status(code: number, headers: Record<string, string> = {}, body = ''): Fault {
  return ({ response }) => void response.writeHead(code, headers).end(body);
}

function altered(change: object): Fault {
  return changed((answer) => ({ ...answer, ...change }));
}

function changed(change: (answer: TokenAnswer) => TokenAnswer): Fault {
  return ({ response, answer }) => json(response, JSON.stringify(change(answer())));
}

/** A body in a coding that nobody asked for. */
function coded(coding: string | undefined, encode: (body: Buffer) => Buffer): Fault {
  return ({ response, answer }) => {
    const headers = coding === undefined ? {} : { 'content-encoding': coding };
    response.writeHead(200, { 'content-type': 'application/json', ...headers });
    response.end(encode(Buffer.from(JSON.stringify(answer()))));
  };
}

function without(field: string): Fault {
  return altered({ [field]: undefined });
}

/** Refresh tokens do not rotate; the answer says so in its own way. */
function keeping(change: (exchange: FaultyExchange) => object): Fault {
  return (exchange) =>
    json(exchange.response, JSON.stringify({ ...exchange.answer(false), ...change(exchange) }));
}

/** Tokens live for 30 minutes by a clock that is wrong; `expiresIn` is what the answer says of it. */
function clockOff(offSeconds: number, expiresIn?: number): Fault {
  return ({ response, answer, now }) => {
    const iat = Math.floor(now / 1000) + offSeconds;
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const claims = { iat, exp: iat + HALF_AN_HOUR_SECONDS, sub: canarySecret('subject') };
    const access_token = `${part({ alg: 'none' })}.${part(claims)}.x`;
    response.setHeader('date', new Date(now + offSeconds * 1000).toUTCString());
    json(response, JSON.stringify({ ...answer(), access_token, expires_in: expiresIn }));
  };
}

function json(response: ServerResponse, body: string): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(body);
}
