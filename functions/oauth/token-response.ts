import { type AnswerBody, type AnswerFields, asFields, field, readAnswerBody } from './answer-body.ts';
import type { EndpointRules } from './endpoint-rules.ts';
import { marksError } from './error-envelope.ts';
import type { HttpAnswer } from './http-message.ts';
import { TokenError } from './token-error.ts';
import { type ErrorContext, judgeTokenError } from './token-error-response.ts';
import { fieldName, readTokenSet, tokensIn } from './token-fields.ts';
import type { TokenSet } from './token-set.ts';

export interface AnswerContext extends ErrorContext {
  /** Start of the request, epoch milliseconds: lifetimes count from here. */
  readonly requestedAt: number;
}

/**
 * Judges the answer of a token endpoint, RFC 6749 sections 5.1 and 5.2, by the endpoint's rules. Success is
 * a status of the rules, a non-empty access token, and no sign of an error.
 * @throws TokenError; kind `no-answer` for a 2xx that cannot be understood, since the provider may have
 *   spent the refresh token
 */
export function judgeTokenResponse(
  answer: HttpAnswer,
  rules: Pick<EndpointRules, 'response' | 'errors'>,
  context: AnswerContext,
): TokenSet {
  const { path, successStatus } = rules.response;
  const body = readAnswerBody(answer.body);
  const top = body.kind === 'fields' ? body.fields : undefined;
  const envelope = path.reduce<AnswerFields | undefined>((inner, name) => asFields(field(inner, name)), top);
  const sources = [...new Set([envelope, top])].filter((each) => each !== undefined);
  if (answer.status < 200 || answer.status > 299 || sources.some(marksError)) {
    const tokens = sources.flatMap((fields) => tokensIn(fields, rules.response));
    throw judgeTokenError(answer, sources, rules.errors, {
      ...context,
      secrets: [...context.secrets, ...tokens],
    });
  }
  if (body.kind !== 'fields') {
    throw unclear(answer, `${body.kind.replaceAll('-', '_')}_answer`, PROBLEMS[body.kind]);
  }
  if (envelope === undefined) throw unclear(answer, 'missing_envelope', `has no object "${path.join('.')}"`);
  const token = readTokenSet(envelope, rules.response, context.requestedAt);
  if (token === undefined) {
    const name = [...path, fieldName('access_token', rules.response)].join('.');
    throw unclear(answer, 'missing_access_token', `has no usable field "${name}"`);
  }
  if (!successStatus.includes(answer.status)) {
    throw unclear(answer, 'unexpected_status', `is a success only at ${successStatus.join(' or ')}`);
  }
  return token;
}

const PROBLEMS: Readonly<Record<Exclude<AnswerBody['kind'], 'fields'>, string>> = {
  empty: 'is empty',
  html: 'is an HTML page',
  'not-an-object': 'is no JSON object',
  unreadable: 'is neither JSON nor form-encoded, or was cut off',
};

function unclear(answer: HttpAnswer, code: string, problem: string): TokenError {
  return new TokenError(
    'no-answer',
    code,
    `The token endpoint answered HTTP ${answer.status}, but the answer ${problem}.`,
    { status: answer.status },
  );
}
