import { isDeepStrictEqual } from 'node:util';
import type { ResolvedConnection } from '../../functions/connections/resolve-connection.ts';
import type { TokenHttpRequest } from '../../functions/oauth/request/http-request.ts';
import { processTokenResponse } from '../../functions/oauth/response/token-response.ts';
import { Secret } from '../../functions/oauth/secret.ts';
import { TokenError } from '../../functions/oauth/token-error.ts';
import type { Exchange, TokenSet } from '../../functions/oauth/token-set.ts';
import { type ExampleValues, fillInside, fillTemplates, withTemplates, writtenIn } from './example-values.ts';
import type { ExampleResponse, ExpectedToken, PresetExample } from './preset-example.ts';

interface Replay {
  readonly request: TokenHttpRequest;
  readonly values: ExampleValues;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** What differs between what an example expects and what its answer is taken for. */
export function compareOutcome(
  example: PresetExample,
  connection: ResolvedConnection,
  { request, values, now }: Replay,
): readonly string[] {
  if (example.response === undefined) return ['the example has no "response" to judge'];
  const outcome = judged(example.response, connection, { request, values, now });
  const { token, error } = example.expect;
  if (outcome instanceof TokenError) {
    const said = `the error "${outcome.kind}" (${outcome.code}): ${withTemplates(outcome.message, values)}`;
    if (error === undefined) return [`the answer: expected a token, found ${said}`];
    const sameCode = error.code === undefined || error.code === outcome.code;
    if (error.kind === outcome.kind && sameCode) return [];
    return [
      `the answer: expected the error "${error.kind}"${error.code ? ` (${error.code})` : ''}, found ${said}`,
    ];
  }
  if (token === undefined) return [`the answer: expected the error "${error?.kind}", found a token`];
  return compareToken(token, outcome.token, connection, values);
}

function judged(
  { status, headers, body }: ExampleResponse,
  connection: ResolvedConnection,
  { request, values, now }: Replay,
): Exchange | TokenError {
  const byName = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const text =
    typeof body === 'string'
      ? fillTemplates(body, values, writtenIn(body, byName['content-type']))
      : JSON.stringify(fillInside(body, values));
  try {
    const exchange = processTokenResponse({ status, headers: byName, body: new Secret(text) }, connection, {
      now,
      requestedAt: now,
      secrets: request.secrets,
      identifiesClient: request.identifiesClient,
    });
    return exchange.problem ?? exchange;
  } catch (error) {
    if (error instanceof TokenError) return error;
    throw error;
  }
}

/** What differs between the token that an example expects and the one that came. */
export function compareToken(
  expected: ExpectedToken,
  token: TokenSet,
  { presetLifetimeSeconds }: ResolvedConnection,
  values: ExampleValues,
): readonly string[] {
  // A provider may answer with the access token as the next one to renew with.
  const known = [values['access_token'], values['refresh_token'], values['id_token']];
  const strange = (['access_token', 'refresh_token'] as const).filter((name) => {
    const value = token[name]?.reveal();
    return value !== undefined && !known.includes(value);
  });
  const found: Readonly<Record<keyof ExpectedToken, unknown>> = {
    expiresInSeconds: token.expiresInSeconds ?? presetLifetimeSeconds,
    refreshToken: token.refresh_token !== undefined,
    refreshTokenExpiresInSeconds: token.refreshTokenExpiresInSeconds,
    token_type: token.token_type,
    scope: token.scope,
    extras: token.extras,
  };
  return [
    ...strange.map(
      (name) => `the ${name}: expected "{${name}}" in the answer, found something else in its place`,
    ),
    ...Object.entries(expected).flatMap(([name, value]) => {
      const wanted = fillInside(value, values);
      const actual = found[name as keyof ExpectedToken];
      if (value === undefined || isDeepStrictEqual(wanted, actual)) return [];
      const shown = actual === undefined ? 'none' : withTemplates(JSON.stringify(actual), values);
      return [`${name} of the token: expected ${JSON.stringify(value)}, found ${shown}`];
    }),
  ];
}
