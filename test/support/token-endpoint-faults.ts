import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
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
  '404': status(404),
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
  return ({ response, answer }) => json(response, JSON.stringify({ ...answer(), ...change }));
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
