import type { EndpointRules } from '../endpoint-rules.ts';
import type { HttpResponse } from '../request/http-request.ts';
import { TokenError } from '../token-error.ts';
import type { TokenSet } from '../token-set.ts';
import { marksError } from './error-envelope.ts';
import {
  asFields,
  field,
  type ResponseBody,
  type ResponseFields,
  readResponseBody,
} from './response-body.ts';
import { classifyErrorResponse, type ErrorContext } from './token-error-response.ts';
import { fieldName, readTokenSet, tokensIn } from './token-fields.ts';

export interface ResponseContext extends ErrorContext {
  /** Start of the request, epoch milliseconds: lifetimes count from here. */
  readonly requestedAt: number;
}

/**
 * Judges the answer of a token endpoint, RFC 6749 sections 5.1 and 5.2, by the endpoint's rules. Success is
 * a status of the rules, a non-empty access token, and no sign of an error.
 * @throws TokenError; kind `no-answer` for a 2xx that cannot be understood, since the provider may have
 *   spent the refresh token
 */
export function processTokenResponse(
  response: HttpResponse,
  rules: Pick<EndpointRules, 'response' | 'errors'>,
  context: ResponseContext,
): TokenSet {
  const { path, successStatus } = rules.response;
  const body = readResponseBody(response.body);
  const top = body.kind === 'fields' ? body.fields : undefined;
  const envelope = path.reduce<ResponseFields | undefined>(
    (inner, name) => asFields(field(inner, name)),
    top,
  );
  const sources = [...new Set([envelope, top])].filter((each) => each !== undefined);
  if (response.status < 200 || response.status > 299 || sources.some(marksError)) {
    const tokens = sources.flatMap((fields) => tokensIn(fields, rules.response));
    throw classifyErrorResponse(response, sources, rules.errors, {
      ...context,
      secrets: [...context.secrets, ...tokens],
    });
  }
  if (body.kind !== 'fields') {
    throw unclear(response, `${body.kind.replaceAll('-', '_')}_answer`, PROBLEMS[body.kind]);
  }
  if (envelope === undefined)
    throw unclear(response, 'missing_envelope', `has no object "${path.join('.')}"`);
  const token = readTokenSet(envelope, rules.response, context.requestedAt);
  if (token === undefined) {
    const name = [...path, fieldName('access_token', rules.response)].join('.');
    throw unclear(response, 'missing_access_token', `has no usable field "${name}"`);
  }
  if (!successStatus.includes(response.status)) {
    throw unclear(response, 'unexpected_status', `is a success only at ${successStatus.join(' or ')}`);
  }
  return token;
}

const PROBLEMS: Readonly<Record<Exclude<ResponseBody['kind'], 'fields'>, string>> = {
  empty: 'is empty',
  html: 'is an HTML page',
  'not-an-object': 'is no JSON object',
  unreadable: 'is neither JSON nor form-encoded, or was cut off',
};

function unclear(response: HttpResponse, code: string, problem: string): TokenError {
  return new TokenError(
    'no-answer',
    code,
    `The token endpoint answered HTTP ${response.status}, but the answer ${problem}.`,
    { status: response.status },
  );
}
