import type { ErrorRules } from '../endpoint-rules.ts';
import { TokenError } from '../token-error.ts';
import { type ProviderError, readProviderError } from './error-envelope.ts';
import { evidenceOf, isTooEarly } from './error-evidence.ts';
import { type Kept, redact } from './redact.ts';
import type { HttpResponse, ResponseFields } from './response-body.ts';
import { retryAfterMs } from './retry-after.ts';
import { safeMessage } from './safe-message.ts';

export interface ErrorContext {
  /** Epoch milliseconds: Retry-After counts from here. */
  readonly now: number;
  /** What the provider's words must not repeat. */
  readonly secrets: readonly Kept[];
  /** Whether the request said which client was asking. */
  readonly identifiesClient: boolean;
  /** Who answered, for the message. Default `token endpoint`. */
  readonly endpoint?: string;
}

/**
 * The error that an answer is which is no success, by what it is evidence of (`evidenceOf`), in words that are
 * safe to show.
 * @param sources the objects in which the error may stand, the innermost first; none when there was no JSON
 */
export function classifyErrorResponse(
  response: Pick<HttpResponse, 'status' | 'headers'>,
  sources: readonly ResponseFields[],
  rules: ErrorRules,
  context: ErrorContext,
): TokenError {
  const { status } = response;
  const error = readProviderError(sources, rules);
  const kind = evidenceOf({ status, error, identifiesClient: context.identifiesClient }, rules);
  const said = shownCode(error.codes, context.secrets);
  const meant = status === 401 && kind === 'client-refused' ? 'invalid_client' : `http_${status}`;
  const isRedirect = status >= 300 && status < 400;
  return new TokenError(kind, said ?? meant, sentence(status, said, error, context), {
    status,
    isEarly: isTooEarly({ status, error }),
    retryAfterMs: isRedirect ? undefined : retryAfterMs(response.headers['retry-after'], context.now),
  });
}

const CODE = /^[A-Za-z][\w.:/-]{0,63}$/;
const NUMBER = /^-?\d{1,12}$/;

/** The first candidate that looks like a code; a number that only repeats the status is none. */
function shownCode(codes: readonly string[], secrets: readonly Kept[]): string | undefined {
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
  secrets: readonly Kept[],
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
