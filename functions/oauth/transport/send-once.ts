import type { LookupFunction } from 'node:net';
import {
  brotliDecompressSync,
  constants,
  gunzipSync,
  inflateRawSync,
  inflateSync,
  zstdDecompressSync,
} from 'node:zlib';
import Client from 'undici/lib/dispatcher/client.js';
import type { SingleRequest } from '../request/http-request.ts';
import type { HttpResponse } from '../response/response-body.ts';
import { Secret } from '../secret.ts';
import { TokenError } from '../token-error.ts';
import type { Destination } from './egress-guard.ts';
import type { ExchangeDeadline, ExchangeLimits } from './exchange-deadline.ts';

/** Some gateways answer with tens of kilobytes of policies and cookies; Node's own limit is 16. */
const MAX_HEADER_BYTES = 81_920;

/** Why a client ends whose exchange is over. Without one it would make an error, with a stack, for each. */
const OVER = new Error('the exchange is over');

/**
 * Sends a request over a connection of its own, to an examined address, and reads the answer whole. There is
 * no second connection, no redirect and no reuse: a server that closes an idle connection just as a request
 * goes out is the commonest way to lose an answer, and a refresh token with it.
 */
export async function sendOnce(
  request: SingleRequest,
  { url, addresses }: Destination,
  deadline: ExchangeDeadline,
  limits: ExchangeLimits,
  ca: string | undefined,
): Promise<HttpResponse> {
  const client = new Client(url.origin, {
    allowH2: false,
    pipelining: 0,
    // ExchangeDeadline watches the time, to the millisecond and over whole steps.
    headersTimeout: 0,
    bodyTimeout: 0,
    maxResponseSize: limits.maxBytes,
    maxHeaderSize: MAX_HEADER_BYTES,
    connect: {
      lookup: pinned(addresses),
      timeout: limits.connectMs,
      ca,
      cert: request.clientCertificate?.certificate.reveal(),
      key: request.clientCertificate?.privateKey.reveal(),
    },
  });
  const { promise, resolve, reject } = Promise.withResolvers<HttpResponse>();
  const chunks: Buffer[] = [];
  let status: number | undefined;
  let headers: Record<string, string> = {};
  const received = (): HttpResponse | undefined => {
    if (status === undefined) return undefined;
    const body = decodeContent(Buffer.concat(chunks), headers['content-encoding'], limits.maxBytes);
    return { status, headers, body: new Secret(body.toString('utf8')) };
  };
  client.dispatch(
    {
      method: request.method,
      path: `${url.pathname}${url.search}`,
      headers: { ...reveal(request.headers), 'accept-encoding': 'identity' },
      body: request.body?.reveal() ?? null,
    },
    {
      // Called with the connection at hand, just before the first byte is written: the last moment to stop.
      onRequestStart(controller) {
        if (!deadline.enter('headers')) controller.abort(new Error('too late'));
      },
      onResponseStart(_controller, statusCode, responseHeaders) {
        if (statusCode < 200) return;
        status = statusCode;
        headers = firstValues(responseHeaders);
        deadline.enter('body');
      },
      onResponseData: (_controller, chunk) => void chunks.push(chunk),
      onResponseEnd() {
        const response = received();
        if (response !== undefined) resolve(response);
        else reject(deadline.error('unreadable_answer', 'was answered without a status'));
      },
      onResponseError(_controller, error) {
        const { code, problem } = transportFailure(error);
        // No handshake, no request: whatever was written, the server has read none of it.
        const isRefused = code === CERTIFICATE_REFUSED;
        reject(
          isRefused
            ? new TokenError('client-refused', code, `The request to ${url.host} ${problem}.`)
            : deadline.error(code, problem, status),
        );
      },
    },
  );
  try {
    return await deadline.race(promise);
  } catch (error) {
    // What came before the connection was lost may hold the only copy of a refresh token.
    const response = chunks.length > 0 ? received() : undefined;
    if (response === undefined || !(error instanceof TokenError)) throw error;
    return { ...response, cutOff: error };
  } finally {
    client.destroy(OVER).catch(() => {});
  }
}

function pinned(addresses: Destination['addresses']): LookupFunction {
  return (_hostname, { all }, callback) => {
    if (all) callback(null, [...addresses]);
    else callback(null, addresses[0].address, addresses[0].family);
  };
}

function reveal(headers: SingleRequest['headers']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, value instanceof Secret ? value.reveal() : value]),
  );
}

function firstValues(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, (Array.isArray(value) ? value[0] : value) ?? '']),
  );
}

type Decoder = (body: Buffer, maxOutputLength: number) => Buffer;

// What is cut off is read as far as it goes: a gzip without its trailer is whole to anyone who reads JSON.
const gunzip: Decoder = (body, maxOutputLength) =>
  gunzipSync(body, { maxOutputLength, finishFlush: constants.Z_SYNC_FLUSH });

/** Named deflate, sent with and without zlib's header. */
const inflate: Decoder = (body, maxOutputLength) => {
  const options = { maxOutputLength, finishFlush: constants.Z_SYNC_FLUSH };
  try {
    return inflateSync(body, options);
  } catch {
    return inflateRawSync(body, options);
  }
};

const unbrotli: Decoder = (body, maxOutputLength) =>
  brotliDecompressSync(body, { maxOutputLength, finishFlush: constants.BROTLI_OPERATION_FLUSH });

const unzstd: Decoder = (body, maxOutputLength) => zstdDecompressSync(body, { maxOutputLength });

const DECODERS: ReadonlyMap<string, Decoder> = new Map([
  ['gzip', gunzip],
  ['deflate', inflate],
  ['br', unbrotli],
  ['zstd', unzstd],
]);

/** By magic number: a header may be missing, or name no coding at all. */
const MAGIC: readonly (readonly [string, Decoder])[] = [
  ['1f8b', gunzip],
  ['28b52ffd', unzstd],
];

/**
 * Undoes the codings of a body (RFC 9110 section 8.4.1). Requests ask for none; a server that compresses all
 * the same has answered nonetheless, and its answer may hold the only copy of a refresh token. What is no
 * coding, or cannot be undone, is left as it came: whoever judges it sees that it is unreadable.
 * @param maxBytes what the decoded body may have: a small body can unpack to a huge one
 */
function decodeContent(body: Buffer, codings: string | undefined, maxBytes: number): Buffer {
  const named = (codings ?? '')
    .toLowerCase()
    .split(',')
    .map((coding) => coding.trim().replace(/^x-/, ''));
  const known = named.map((coding) => DECODERS.get(coding)).filter((decode) => decode !== undefined);
  const start = body.toString('hex', 0, 4);
  const sniffed = MAGIC.filter(([magic]) => start.startsWith(magic)).map(([, decode]) => decode);
  const order = known.length > 0 ? known.reverse() : sniffed;
  try {
    return order.reduce((decoded, decode) => decode(decoded, maxBytes), body);
  } catch {
    return body;
  }
}

/** What became of a request, in our own words: those of libraries may quote what was sent. */
export interface TransportFailure {
  readonly code: string;
  /** Continues "The request to <host> …". */
  readonly problem: string;
}

const CERTIFICATE_REFUSED = 'client_certificate_refused';

/** The peer's alerts about a certificate (RFC 8446 section 6.2), which can only be the client's. */
const CERTIFICATE_ALERT =
  /ALERT_(CERTIFICATE_(REQUIRED|REVOKED|EXPIRED|UNKNOWN)|(BAD|UNSUPPORTED)_CERTIFICATE|UNKNOWN_CA)$/;

const LOST: TransportFailure = { code: 'connection_reset', problem: 'lost its connection' };

const KNOWN: Readonly<Record<string, TransportFailure>> = {
  ECONNREFUSED: { code: 'connection_refused', problem: 'was refused a connection' },
  ECONNRESET: LOST,
  EPIPE: LOST,
  UND_ERR_SOCKET: LOST,
  UND_ERR_CONNECT_TIMEOUT: { code: 'connect_timeout', problem: 'took too long (connect)' },
  UND_ERR_RES_EXCEEDED_MAX_SIZE: { code: 'answer_too_large', problem: 'was answered with too much' },
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: { code: 'truncated_answer', problem: 'was answered in part' },
};

/** Names a failure of Node's sockets or of undici by its code; its message is not used. */
export function transportFailure(error: unknown): TransportFailure {
  const raw: unknown = (error as { readonly code?: unknown } | undefined)?.code;
  // OpenSSL's may hold a slash: ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE.
  const code = typeof raw === 'string' && /^[\w/]{1,60}$/.test(raw) ? raw : 'unknown';
  if (Object.hasOwn(KNOWN, code)) return KNOWN[code] ?? LOST;
  if (CERTIFICATE_ALERT.test(code)) {
    return {
      code: CERTIFICATE_REFUSED,
      problem: `was refused for the client's certificate, or for want of one (${code})`,
    };
  }
  // OpenSSL's codes for a certificate that cannot be trusted, and for a handshake that came to nothing.
  if (/CERT|TLS|SSL|EPROTO|SELF_SIGNED|UNABLE_TO_/.test(code)) {
    return { code: 'tls_failed', problem: `failed in TLS (${code})` };
  }
  return { code: 'connection_failed', problem: `failed (${code})` };
}
