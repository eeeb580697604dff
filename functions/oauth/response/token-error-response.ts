import type { ErrorRules } from '../endpoint-rules.ts';
import type { HttpResponse } from '../request/http-request.ts';
import type { Secret } from '../secret.ts';
import { TokenError, type TokenErrorKind } from '../token-error.ts';
import { type ProviderError, readProviderError } from './error-envelope.ts';
import type { ResponseFields } from './response-body.ts';
import { retryAfterMs } from './retry-after.ts';
import { redact, safeMessage } from './safe-message.ts';

export interface ErrorContext {
  /** Epoch milliseconds: Retry-After counts from here. */
  readonly now: number;
  /** What the provider's words must not repeat. */
  readonly secrets: readonly Secret[];
  /** Whether the request said which client was asking. */
  readonly identifiesClient: boolean;
  /** Who answered, for the message. Default `token endpoint`. */
  readonly endpoint?: string;
}

/** RFC 6749 section 5.2, RFC 8707 section 2, and what many providers share. By code, in lower case. */
const KNOWN_CODES: Readonly<Record<string, TokenErrorKind>> = {
  invalid_grant: 'invalid-grant',
  invalid_refresh_token: 'invalid-grant',
  bad_refresh_token: 'invalid-grant',
  invalid_client: 'configuration',
  unauthorized_client: 'configuration',
  unsupported_grant_type: 'configuration',
  invalid_scope: 'configuration',
  invalid_request: 'configuration',
  invalid_target: 'configuration',
  server_error: 'transient',
  temporarily_unavailable: 'transient',
  slow_down: 'throttled',
  ratelimited: 'throttled',
  rate_limited: 'throttled',
  rate_limit_exceeded: 'throttled',
  too_many_requests: 'throttled',
};

/** Throttling that wears another code, even invalid_grant. */
const THROTTLING_WORDS = /\brate[ -]?limit|\brate exceeded|\btoo many (requests|attempts|logins)/i;

/** A gateway lost the answer of a server that may have acted: 520 and 524 are Cloudflare's. */
const GATEWAY_LOST_ANSWER = new Set([502, 504, 520, 524]);
const WRONG_ENDPOINT = new Set([404, 405, 406, 410, 415, 426]);
const TRANSIENT_4XX = new Set([408, 425]);

/**
 * Says what an answer that is no success means. The code decides, then the status; what no rule explains
 * is `unknown` and never costs a credential.
 * @param sources the objects in which the error may stand, the innermost first; none when there was no JSON
 */
export function classifyErrorResponse(
  response: Pick<HttpResponse, 'status' | 'headers'>,
  sources: readonly ResponseFields[],
  rules: ErrorRules,
  context: ErrorContext,
): TokenError {
  const error = readProviderError(sources);
  // An error inside a success says its status itself, or none.
  const status = response.status < 300 ? (error.status ?? response.status) : response.status;
  const kind = kindByCode(error, status, rules) ?? kindByStatus(status, context);
  const said = shownCode(error.codes, context.secrets);
  // A bare 401 to a client that named itself is what invalid_client says.
  const meant = status === 401 && kind === 'configuration' ? 'invalid_client' : `http_${response.status}`;
  const redirect = response.status >= 300 && response.status < 400;
  return new TokenError(kind, said ?? meant, sentence(response.status, said, error, context), {
    status: response.status,
    retryAfterMs: redirect ? undefined : retryAfterMs(response.headers['retry-after'], context.now),
  });
}

function kindByCode(error: ProviderError, status: number, rules: ErrorRules): TokenErrorKind | undefined {
  const codes = error.codes.map((code) => code.toLowerCase());
  const words = error.words.map((each) => each.toLowerCase());
  const names = (entries: readonly string[]) =>
    entries.some((entry) => {
      const wanted = entry.toLowerCase();
      return codes.includes(wanted) || (wanted.includes(' ') && words.some((each) => each.includes(wanted)));
    });
  if (names(rules.throttled)) return 'throttled';
  if (names(rules.transient)) return 'transient';
  if (names(rules.configuration)) return 'configuration';
  if (names(rules.invalidGrant)) return 'invalid-grant';
  if (status === 429 || words.some((each) => THROTTLING_WORDS.test(each))) return 'throttled';
  const known = codes.find((code) => Object.hasOwn(KNOWN_CODES, code));
  return known === undefined ? undefined : KNOWN_CODES[known];
}

function kindByStatus(status: number, context: ErrorContext): TokenErrorKind {
  if (GATEWAY_LOST_ANSWER.has(status)) return 'no-answer';
  if (status >= 500 || TRANSIENT_4XX.has(status)) return 'transient';
  if (status >= 300 && status < 400) return 'configuration';
  if (WRONG_ENDPOINT.has(status)) return 'configuration';
  if (status === 401) {
    // Where the request names no client, the grant is all that the provider can have refused.
    return context.identifiesClient ? 'configuration' : 'invalid-grant';
  }
  return 'unknown';
}

const CODE = /^[A-Za-z][\w.:/-]{0,63}$/;
const NUMBER = /^-?\d{1,12}$/;

/** The first candidate that looks like a code; a number that only repeats the status is none. */
function shownCode(codes: readonly string[], secrets: readonly Secret[]): string | undefined {
  const isSafe = (code: string) => redact(code, secrets) === code;
  return (
    codes.find((code) => CODE.test(code) && isSafe(code)) ??
    codes.find((code) => NUMBER.test(code) && !(Number(code) >= 0 && Number(code) < 600) && isSafe(code))
  );
}

/** The first that can be shown and says more than the code; the others are not looked at. */
function firstWords(
  candidates: readonly string[],
  code: string | undefined,
  secrets: readonly Secret[],
): string | undefined {
  for (const candidate of candidates) {
    const words = safeMessage(candidate, secrets);
    if (words !== undefined && words !== code) return words;
  }
  return undefined;
}

function sentence(
  status: number,
  code: string | undefined,
  error: ProviderError,
  context: ErrorContext,
): string {
  const words = firstWords(error.words, code, context.secrets);
  const start = `The ${context.endpoint ?? 'token endpoint'} answered HTTP ${status}${code === undefined ? '' : `, ${code}`}`;
  return words === undefined ? `${start}.` : `${start}: ${words}`;
}
