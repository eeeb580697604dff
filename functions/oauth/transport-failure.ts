/** What became of a request, in our own words: those of libraries may quote what was sent. */
export interface TransportFailure {
  readonly code: string;
  /** Continues "The request to <host> …". */
  readonly problem: string;
}

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
  const code = typeof raw === 'string' && /^\w{1,60}$/.test(raw) ? raw : 'unknown';
  if (Object.hasOwn(KNOWN, code)) return KNOWN[code] ?? LOST;
  // OpenSSL's codes for a certificate that cannot be trusted, and for a handshake that came to nothing.
  if (/CERT|TLS|SSL|EPROTO|SELF_SIGNED|UNABLE_TO_/.test(code)) {
    return { code: 'tls_failed', problem: `failed in TLS (${code})` };
  }
  return { code: 'connection_failed', problem: `failed (${code})` };
}
