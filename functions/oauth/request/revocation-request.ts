import type { Credentials } from '../credentials.ts';
import type { ErrorRules, RequestRules } from '../endpoint-rules.ts';
import { marksError } from '../response/error-envelope.ts';
import { type ResponseFields, readResponseBody } from '../response/response-body.ts';
import { classifyErrorResponse, type ErrorContext } from '../response/token-error-response.ts';
import { Secret } from '../secret.ts';
import { authenticateClient } from './client-authentication.ts';
import { formRequest, type HttpResponse, requestSecrets, type TokenHttpRequest } from './http-request.ts';
import { required } from './missing-field.ts';
import { RequestParameters } from './request-parameters.ts';
import type { TokenRequestContext } from './token-request.ts';

/**
 * How a provider takes a token back: `rfc7009` authenticates the client; `bearer-and-token` bears the access
 * token and sends `token` alone.
 */
export type RevocationStyle = 'rfc7009' | 'bearer-and-token';

/** One token to take back, and where. */
export interface RevocationInput {
  readonly style: RevocationStyle;
  readonly url: string;
  readonly token: Secret;
  readonly tokenType: 'refresh_token' | 'access_token';
  readonly request: RequestRules;
  readonly errors: ErrorRules;
  /** `rfc7009` needs them. */
  readonly credentials: Credentials;
  /** Audience of a client assertion unless the rules name another. Default: `url`. */
  readonly tokenUrl?: string | undefined;
  /** `bearer-and-token` needs it. */
  readonly accessToken?: Secret | undefined;
}

/**
 * Builds a revocation request, RFC 7009 section 2.1, or the provider's own. The client authenticates as it
 * does at the token endpoint.
 * @throws TokenError `configuration` when a credential is missing
 */
export async function buildRevocationRequest(
  input: RevocationInput,
  context: TokenRequestContext,
): Promise<TokenHttpRequest> {
  const { style, url, token, credentials, request: rules } = input;
  const parameters = new RequestParameters();
  parameters.set('token', token.reveal());
  let authorization: Secret | undefined;
  if (style === 'bearer-and-token') {
    const accessToken = required(input.accessToken, 'access_token', 'revocation');
    authorization = new Secret(`Bearer ${accessToken.reveal()}`);
  } else {
    parameters.set('token_type_hint', input.tokenType);
    authorization = await authenticateClient(rules.clientAuthentication, parameters, {
      rules,
      credentials,
      tokenUrl: input.tokenUrl ?? url,
      now: context.now,
      uuid: context.uuid,
    });
  }
  const assertion = parameters.get('client_assertion');
  return {
    ...formRequest(url, parameters, rules, authorization),
    secrets: requestSecrets(credentials, authorization, assertion, [token, input.accessToken]),
    identifiesClient: style === 'rfc7009',
  };
}

/**
 * Judges the answer of a revocation endpoint: any 2xx without a sign of an error is a success, also for a
 * token that the provider does not know (RFC 7009 section 2.2). Revoking may be repeated.
 * @throws TokenError, of code `unsupported_token_type` where the provider does not take back this kind of
 *   token (section 2.2.1)
 */
export function processRevocationResponse(
  response: HttpResponse,
  rules: ErrorRules,
  context: Omit<ErrorContext, 'endpoint'>,
): void {
  const body = readResponseBody(response.body);
  const sources: readonly ResponseFields[] = body.kind === 'fields' ? [body.fields] : [];
  if (response.status >= 200 && response.status < 300 && !sources.some(marksError)) return;
  throw classifyErrorResponse(response, sources, rules, { ...context, endpoint: 'revocation endpoint' });
}
