import type { ErrorRules } from '../endpoint-rules.ts';
import type { TokenErrorKind } from '../token-error.ts';
import type { ProviderError } from './error-envelope.ts';

/** Who answered what: all that the evidence of an error is judged by. */
export interface ErrorAnswer {
  /** HTTP status of the answer. */
  readonly status: number;
  readonly error: ProviderError;
  /** Whether the request said which client was asking. */
  readonly identifiesClient: boolean;
}

/** RFC 6749 section 5.2, RFC 8707 section 2, and what many providers share. By code, in lower case. */
const KNOWN_CODES: Readonly<Record<string, TokenErrorKind>> = {
  invalid_grant: 'refused',
  invalid_refresh_token: 'refused',
  bad_refresh_token: 'refused',
  expired_refresh_token: 'refused',
  refresh_token_expired: 'refused',
  refresh_token_invalid: 'refused',
  refresh_token_revoked: 'refused',
  invalid_client: 'client-refused',
  unauthorized_client: 'client-refused',
  invalid_client_id: 'client-refused',
  invalid_client_secret: 'client-refused',
  invalid_client_credentials: 'client-refused',
  incorrect_client_credentials: 'client-refused',
  bad_client_credentials: 'client-refused',
  unsupported_grant_type: 'configuration',
  invalid_scope: 'configuration',
  invalid_request: 'configuration',
  invalid_target: 'configuration',
  server_error: 'unanswered',
  temporarily_unavailable: 'unsure',
  slow_down: 'throttled',
  ratelimited: 'throttled',
  rate_limited: 'throttled',
  rate_limit_exceeded: 'throttled',
  too_many_requests: 'throttled',
};

/** Throttling that wears another code, even invalid_grant. */
const THROTTLING_WORDS = /\brate[ -]?limit|\brate exceeded|\btoo many (requests|attempts|logins)/i;

/** Words that speak of this moment: what they refuse may be accepted in the next. */
const MOMENT_WORDS =
  /\bbeing processed|\bin progress|\btry(ing)? (it )?again|\btemporar|\b(request|redirect) loop|\bloop detected|\bconcurrent|\bat th(e|is) (moment|time)\b|\bmaintenance\b/i;

/** Words of a provider that gives no other token while the last one has long to live. */
const EARLY_WORDS =
  /token\b.{0,40}(?:\bnot|n['’]t) (?:yet |been )?expired\b|\baccess[ _-]?token\b.{0,20}\bstill (?:valid|active)\b|\btoo (?:early|soon) to (?:refresh|renew)\b|\brefresh(?:ed|ing)?\b.{0,20}\btoo (?:early|soon)\b/i;

/** A refresh token that is named as dead, whatever the code above the words. */
const DEAD_REFRESH_TOKEN = [
  /\brefresh[ _-]?token\b.{0,40}\b(invalid|expired|revoked|not valid|no longer valid|not found|unknown|inactive|not active|already used|malformed|does not exist)\b/i,
  /\b(invalid|expired|revoked|unknown|inactive|bad)\b.{0,15}\brefresh[ _-]?token\b/i,
];

/** Codes that may stand above words that name what is dead. */
const SAYS_IN_WORDS = new Set(['unauthorized_client', 'invalid_request', 'invalid_token', 'access_denied']);

/**
 * What an answer that is no success is evidence of. A code counts only in a 4xx, or where the rules of the
 * provider name it: a 5xx never refuses, whatever its body says, and a 2xx that is an error may have acted.
 * What no code explains is judged by the status, and is never for sure.
 */
export function evidenceOf(answer: ErrorAnswer, rules: ErrorRules): TokenErrorKind {
  const { status, error } = answer;
  if (status >= 500) return 'unanswered';
  // Somebody else is to be asked: what stands in the body is not the word of the token endpoint.
  if (status >= 300 && status < 400) return 'unsure';
  const is4xx = status >= 400;
  const ruled = kindByRules(error, rules);
  if (ruled !== undefined) return ruled === 'unsure' && !is4xx ? 'unanswered' : ruled;
  const kind = kindByWords(error, status);
  if (is4xx) return kind ?? kindByStatus(answer);
  // Who is refused as a client spent nothing, at any status; nothing else is for sure in a 2xx.
  if (kind === 'client-refused' || kind === 'throttled') return kind;
  return isThrottled(error.status) ? 'throttled' : 'unanswered';
}

function kindByRules({ codes, words }: ProviderError, rules: ErrorRules): TokenErrorKind | undefined {
  const names = (entries: readonly string[]) =>
    entries.some((entry) => {
      const wanted = entry.toLowerCase();
      const isWords = wanted.includes(' ');
      return (
        codes.some((code) => code.toLowerCase() === wanted) ||
        (isWords && words.some((each) => each.toLowerCase().includes(wanted)))
      );
    });
  if (names(rules.throttled)) return 'throttled';
  if (names(rules.transient)) return 'unsure';
  if (names(rules.invalidClient)) return 'client-refused';
  if (names(rules.configuration)) return 'configuration';
  return names(rules.invalidGrant) ? 'refused' : undefined;
}

function kindByWords({ codes, words }: ProviderError, status: number): TokenErrorKind | undefined {
  const says = (pattern: RegExp) => words.some((each) => pattern.test(each));
  if (isThrottled(status) || says(THROTTLING_WORDS)) return 'throttled';
  const code = codes
    .map((each) => each.toLowerCase())
    .find((each) => Object.hasOwn(KNOWN_CODES, each) || SAYS_IN_WORDS.has(each));
  if (code === undefined) {
    // Some write what is dead where the code should stand.
    const inPlaceOfCode = codes.some((each) => DEAD_REFRESH_TOKEN.some((pattern) => pattern.test(each)));
    return inPlaceOfCode && !says(MOMENT_WORDS) ? 'refused' : undefined;
  }
  const known = KNOWN_CODES[code];
  const isDead = SAYS_IN_WORDS.has(code) && DEAD_REFRESH_TOKEN.some(says);
  const kind = isDead ? 'refused' : known;
  const isRefusal = kind === 'refused' || kind === 'client-refused';
  return isRefusal && (says(MOMENT_WORDS) || says(EARLY_WORDS)) ? 'unsure' : kind;
}

/** Whether a 4xx says in words that it is too early for another token. */
export function isTooEarly({ status, error }: Pick<ErrorAnswer, 'status' | 'error'>): boolean {
  return status >= 400 && status < 500 && error.words.some((each) => EARLY_WORDS.test(each));
}

/** A bare 401 to a client that named itself is what invalid_client says; nothing else is told by a status. */
function kindByStatus({ status, identifiesClient, error }: ErrorAnswer): TokenErrorKind {
  if (status === 401 && identifiesClient && !error.words.some((each) => MOMENT_WORDS.test(each))) {
    return 'client-refused';
  }
  return 'unsure';
}

function isThrottled(status: number | undefined): boolean {
  return status === 429;
}
