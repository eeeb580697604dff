import type { EndpointRules } from '../endpoint-rules.ts';
import { TokenError } from '../token-error.ts';
import type { Exchange, TokenSet } from '../token-set.ts';
import { contradictsToken, marksError } from './error-envelope.ts';
import {
  asFields,
  field,
  fieldAt,
  type HttpResponse,
  type ResponseBody,
  type ResponseFields,
  readResponseBody,
  salvage,
} from './response-body.ts';
import { classifyErrorResponse, type ErrorContext } from './token-error-response.ts';
import { fieldName, readTokenSet, tokensIn } from './token-fields.ts';

export interface ResponseContext extends ErrorContext {
  /** Start of the request, epoch milliseconds: lifetimes count from here. */
  readonly requestedAt: number;
}

type Rules = Pick<EndpointRules, 'response' | 'errors'>;

/**
 * Reads what a token endpoint answered, RFC 6749 sections 5.1 and 5.2, by the endpoint's rules. A success is any
 * 2xx with a usable access token and no sign of an error; where the rules name its statuses, one of them. A
 * refresh token that can be read in a 2xx is handed on whatever else is wrong with the answer, which is then
 * its `problem`.
 * @throws TokenError; kind `unanswered` for a 2xx that cannot be understood, since the provider may have
 *   spent the refresh token
 */
export function processTokenResponse(
  response: HttpResponse,
  rules: Rules,
  context: ResponseContext,
): Exchange {
  const body = readResponseBody(response.body);
  const top = body.kind === 'fields' ? body.fields : undefined;
  const envelope = rules.response.path.reduce<ResponseFields | undefined>(
    (inner, name) => asFields(field(inner, name)),
    top,
  );
  const sources = [...new Set([envelope, top])].filter((each) => each !== undefined);
  if (response.status < 200 || response.status > 299) {
    throw response.cutOff ?? refusal(response, sources, rules, context);
  }
  const token = readTokenSet(envelope ?? {}, rules.response, context.requestedAt);
  const problem = problemOf(response, { body, envelope, sources, token }, rules, context);
  const { requestedAt } = context;
  if (problem === undefined) return { token, requestedAt };
  const refreshToken =
    token.refresh_token ??
    (top && readTokenSet(top, rules.response, context.requestedAt).refresh_token) ??
    (top ? undefined : salvage(response.body, fieldName('refresh_token', rules.response)));
  if (refreshToken === undefined) throw problem;
  return { token: { ...token, refresh_token: refreshToken }, requestedAt, problem };
}

interface Understood {
  readonly body: ResponseBody;
  readonly envelope: ResponseFields | undefined;
  readonly sources: readonly ResponseFields[];
  readonly token: TokenSet;
}

/** Why a 2xx is no success; `undefined` when it is one. */
function problemOf(
  response: HttpResponse,
  { body, envelope, sources, token }: Understood,
  rules: Rules,
  context: ResponseContext,
): TokenError | undefined {
  const { path, successStatus } = rules.response;
  if (response.cutOff?.code === 'answer_too_large') return response.cutOff;
  if (body.kind !== 'fields') {
    if (response.cutOff !== undefined) return response.cutOff;
    return unclear(response, `${body.kind.replaceAll('-', '_')}_answer`, PROBLEMS[body.kind]);
  }
  const isError = token.access_token ? contradictsToken : marksError;
  if (sources.some(isError) || !hasMarks(body.fields, rules)) {
    return refusal(response, sources, rules, context);
  }
  if (envelope === undefined)
    return unclear(response, 'missing_envelope', `has no object "${path.join('.')}"`);
  if (token.access_token === undefined) {
    const name = [...path, fieldName('access_token', rules.response)].join('.');
    return unclear(response, 'missing_access_token', `has no usable field "${name}"`);
  }
  if (/^dpop$/i.test(token.token_type)) {
    return new TokenError(
      'configuration',
      'bound_token',
      'The token endpoint answered with a token that is bound to a key (RFC 9449), which is of no use to readers without it: have the provider issue bearer tokens to this client.',
      { status: response.status },
    );
  }
  if (successStatus !== undefined && !successStatus.includes(response.status)) {
    return unclear(response, 'unexpected_status', `is a success only at ${successStatus.join(' or ')}`);
  }
  return undefined;
}

/** Whether the answer has all that marks a success, where the provider answers 2xx to failures too. */
function hasMarks(top: ResponseFields, { response: { successWhen } }: Rules): boolean {
  return Object.entries(successWhen).every(([path, values]) =>
    values.some((value) => String(value) === String(fieldAt(top, path))),
  );
}

function refusal(
  response: HttpResponse,
  sources: readonly ResponseFields[],
  rules: Rules,
  context: ResponseContext,
): TokenError {
  const tokens = sources.flatMap((fields) => tokensIn(fields, rules.response));
  return classifyErrorResponse(response, sources, rules.errors, {
    ...context,
    secrets: [...context.secrets, ...tokens.map((token) => ({ token }))],
  });
}

const PROBLEMS: Readonly<Record<Exclude<ResponseBody['kind'], 'fields'>, string>> = {
  empty: 'is empty',
  html: 'is an HTML page',
  'not-an-object': 'is no JSON object',
  unreadable: 'is neither JSON nor form-encoded, or was cut off',
};

function unclear(response: HttpResponse, code: string, problem: string): TokenError {
  return new TokenError(
    'unanswered',
    code,
    `The token endpoint answered HTTP ${response.status}, but the answer ${problem}.`,
    { status: response.status },
  );
}
