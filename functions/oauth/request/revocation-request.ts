import type { Credentials } from '../credentials.ts';
import type { ErrorRules, RequestRules } from '../endpoint-rules.ts';
import { marksError, type ProviderError, readProviderError } from '../response/error-envelope.ts';
import { type HttpResponse, type ResponseFields, readResponseBody } from '../response/response-body.ts';
import { classifyErrorResponse, type ErrorContext } from '../response/token-error-response.ts';
import { Secret } from '../secret.ts';
import { TokenError, type TokenErrorKind } from '../token-error.ts';
import { requireAllowedOrigin } from './allowed-origins.ts';
import { authenticateClient } from './client-authentication.ts';
import { formRequest, requestSecrets, type TokenHttpRequest } from './http-request.ts';
import { RequestParameters } from './request-parameters.ts';
import type { TokenRequestContext } from './token-request.ts';

/**
 * How a provider takes a token back: `rfc7009` authenticates the client; `bearer-and-token` bears the access
 * token and sends `token` alone.
 */
export type RevocationStyle = 'rfc7009' | 'bearer-and-token';

/** One token to take back, where, and who asks for it. */
export type RevocationInput = {
  readonly url: string;
  readonly token: Secret;
  readonly request: RequestRules;
  readonly errors: ErrorRules;
} & (RevocationByClient | RevocationByBearer);

interface RevocationByClient {
  readonly style: 'rfc7009';
  readonly tokenType: 'refresh_token' | 'access_token';
  readonly credentials: Credentials;
  /** The token endpoint: audience of a client assertion unless the rules name another (RFC 7523 section 3). */
  readonly tokenUrl: string;
}

interface RevocationByBearer {
  readonly style: 'bearer-and-token';
  /** Not sent: the access token bears the request. They say where it may go. */
  readonly credentials?: Credentials;
  readonly accessToken: Secret;
}

/**
 * Builds a revocation request, RFC 7009 section 2.1, or the provider's own. The client authenticates as it
 * does at the token endpoint.
 * @throws TokenError `configuration` when a credential is missing, or may not go there
 */
export async function buildRevocationRequest(
  input: RevocationInput,
  { now, uuid }: TokenRequestContext,
): Promise<TokenHttpRequest> {
  const { url, token, request: rules } = input;
  requireAllowedOrigin(input.credentials ?? {}, url);
  const parameters = new RequestParameters();
  parameters.set('token', token.reveal());
  if (input.style === 'bearer-and-token') {
    const authorization = new Secret(`Bearer ${input.accessToken.reveal()}`);
    return {
      ...formRequest(url, parameters, rules, authorization),
      secrets: requestSecrets({}, authorization, undefined, [token]),
      identifiesClient: false,
    };
  }
  const { credentials, tokenUrl } = input;
  parameters.set('token_type_hint', input.tokenType);
  const context = { rules, credentials, tokenUrl, now, uuid };
  const authorization = await authenticateClient(rules.clientAuthentication, parameters, context);
  return {
    ...formRequest(url, parameters, rules, authorization),
    secrets: requestSecrets(credentials, authorization, parameters.get('client_assertion'), [token]),
    identifiesClient: true,
  };
}

/**
 * Judges the answer of a revocation endpoint: any 2xx without a sign of an error is a success, also for a
 * token that the provider does not know (RFC 7009 section 2.2). Revoking may be repeated.
 * @throws TokenError: kind `refused` where the provider says that there is no such token, which is as good as a
 *   success; kind `unanswered` where it may have taken the token back; else it did not, with the code
 *   `unsupported_token_type` where it does not take back this kind of token (section 2.2.1)
 */
export function processRevocationResponse(
  response: HttpResponse,
  rules: ErrorRules,
  context: Omit<ErrorContext, 'endpoint'>,
): void {
  const { status, cutOff } = response;
  const isSuccess = status >= 200 && status < 300;
  const body = readResponseBody(response.body);
  const sources: readonly ResponseFields[] = body.kind === 'fields' ? [body.fields] : [];
  if (isSuccess && !sources.some(marksError)) {
    if (cutOff === undefined) return;
    throw cutOff;
  }
  const endpoint = 'revocation endpoint';
  const error = classifyErrorResponse(response, sources, rules, { ...context, endpoint });
  // A 5xx says nothing for sure; 401 and 403 speak of who asks, who may be known by a token too.
  const speaksOfToken = status < 500 && status !== 401 && status !== 403;
  const isDead = error.kind === 'refused' || saysNoSuchToken(readProviderError(sources));
  if (speaksOfToken && isDead) throw ofKind('refused', error);
  // Here an error is a refusal in a 2xx too: nothing is issued that could have been spent.
  throw error.kind === 'refused' || (isSuccess && error.kind === 'unanswered')
    ? ofKind('unsure', error)
    : error;
}

function ofKind(kind: TokenErrorKind, { code, message, status, retryAfterMs }: TokenError): TokenError {
  return new TokenError(kind, code, message, { status, retryAfterMs });
}

const DEAD = '(?:invalid|unknown|inactive|expired|revoked)';
const DEAD_TOKEN = [
  new RegExp(`^${DEAD}[ _-]?(?:(?:access|refresh)[ _-]?)?token\\.?$`, 'i'),
  new RegExp(
    `^(?:the )?(?:(?:access|refresh)[ _-]?)?token[ _-]?(?:(?:is|was|has been)[ _-]?)?(?:${DEAD}|not[ _-]?(?:found|active|valid))\\.?$`,
    'i',
  ),
];

/** `invalid_token` and its kin: Keycloak, Google and others say so in place of the success that section 2.2 asks for. */
function saysNoSuchToken({ codes, words }: ProviderError): boolean {
  // A number only repeats the status.
  const named = codes.filter((code) => !/^-?\d+$/.test(code));
  // Words beside another code may speak of something else: only where they are all that is said do they count.
  const said = named.length > 0 ? named.slice(0, 1) : words.slice(0, 1);
  return said.some((each) => DEAD_TOKEN.some((pattern) => pattern.test(each)));
}
