import type { Credentials } from '../credentials.ts';
import type { ErrorRules, RequestRules } from '../endpoint-rules.ts';
import { marksError, type ProviderError, readProviderError } from '../response/error-envelope.ts';
import { type HttpResponse, type ResponseFields, readResponseBody } from '../response/response-body.ts';
import { classifyErrorResponse, type ErrorContext } from '../response/token-error-response.ts';
import { Secret } from '../secret.ts';
import { TokenError, type TokenErrorKind } from '../token-error.ts';
import { requireAllowedOrigin } from './allowed-origins.ts';
import { authenticateClient } from './client-authentication.ts';
import {
  formRequest,
  requestSecrets,
  type SingleRequest,
  type TokenHttpRequest,
  USER_AGENT,
} from './http-request.ts';
import { type ProofInput, RequestMaterial, type TokenRequestContext } from './request-material.ts';
import { RequestParameters } from './request-parameters.ts';

/**
 * How a provider takes a token back: `rfc7009` authenticates the client and names the token; `bearer-and-token` bears
 * the access token and sends `token` alone, `bearer` bears it and sends nothing; `client-delete` deletes what the
 * access token stands for, with the client's Basic authentication. The URL of the last may hold
 * `{credential.client_id}`.
 */
export type RevocationStyle = 'rfc7009' | 'bearer-and-token' | 'bearer' | 'client-delete';

/** One token to take back, where, and who asks for it. */
export type RevocationInput = {
  readonly url: string;
  readonly token: Secret;
  readonly request: RequestRules;
  readonly errors: ErrorRules;
} & (RevocationByClient | RevocationByAccessToken);

/** The audience of a client assertion is the token endpoint, unless the rules name another (RFC 7523 section 3). */
interface RevocationByClient extends ProofInput {
  readonly style: 'rfc7009';
  readonly tokenType: 'refresh_token' | 'access_token';
}

interface RevocationByAccessToken {
  readonly style: Exclude<RevocationStyle, 'rfc7009'>;
  /** Sent by `client-delete` alone. They say where the tokens may go. */
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
  context: TokenRequestContext,
): Promise<TokenHttpRequest> {
  const { url, token, request: rules } = input;
  requireAllowedOrigin(input.credentials ?? {}, url.replace(CLIENT_ID, ''));
  const parameters = new RequestParameters();
  parameters.set('token', token.reveal());
  if (input.style === 'client-delete') return deletion(input, context);
  if (input.style !== 'rfc7009') {
    const authorization = new Secret(`Bearer ${input.accessToken.reveal()}`);
    return {
      ...(input.style === 'bearer'
        ? emptyRequest(url, authorization)
        : formRequest(url, parameters, rules, authorization)),
      secrets: requestSecrets([], authorization, [token]),
      identifiesClient: false,
    };
  }
  parameters.set('token_type_hint', input.tokenType);
  const material = new RequestMaterial(input, context);
  const method = rules.clientAuthentication;
  const authorization = await authenticateClient(method, parameters, material);
  const clientCertificate = material.clientCertificate(method, url);
  return {
    ...formRequest(url, parameters, rules, authorization),
    ...(clientCertificate && { clientCertificate }),
    secrets: requestSecrets(material.secrets, authorization, [token]),
    identifiesClient: true,
  };
}

/** Without a content type too: Dropbox refuses that of a form, even an empty one. */
function emptyRequest(url: string, authorization: Secret): SingleRequest {
  return {
    method: 'POST',
    url: new Secret(url),
    headers: { accept: 'application/json', 'user-agent': USER_AGENT, authorization },
  };
}

const CLIENT_ID = '{credential.client_id}';

/** As GitHub has it: a resource of the client's, named by the access token. */
async function deletion(
  { url, token, accessToken, request, credentials = {} }: RevocationInput & RevocationByAccessToken,
  context: TokenRequestContext,
): Promise<TokenHttpRequest> {
  const material = new RequestMaterial({ request, credentials, tokenUrl: url }, context);
  const authorization = await authenticateClient('client_secret_basic', new RequestParameters(), material);
  const clientId = encodeURIComponent(credentials.client_id ?? '');
  return {
    method: 'DELETE',
    url: new Secret(url.replace(CLIENT_ID, clientId)),
    headers: {
      accept: 'application/json',
      'user-agent': USER_AGENT,
      'content-type': 'application/json',
      ...(authorization && { authorization }),
    },
    body: new Secret(JSON.stringify({ access_token: accessToken.reveal() })),
    secrets: requestSecrets(material.secrets, authorization, [token, accessToken]),
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
  const isDead = error.kind === 'refused' || saysNoSuchToken(readProviderError(sources, rules));
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
