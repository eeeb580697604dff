import type { Credentials } from '../credentials.ts';
import type { EndpointRules, RequestRules } from '../endpoint-rules.ts';
import { AUTHORIZATION_CODE, DEVICE_CODE, PASSWORD, REFRESH_TOKEN } from '../grant-type.ts';
import { Secret } from '../secret.ts';
import { TokenError } from '../token-error.ts';
import { requireAllowedOrigin } from './allowed-origins.ts';
import { authenticateClient, clientAuthenticationFor } from './client-authentication.ts';
import { requestSecrets, type SingleRequest, type TokenHttpRequest, USER_AGENT } from './http-request.ts';
import { required } from './missing-field.ts';
import { RequestParameters, toForm, toJson } from './request-parameters.ts';

/** Where and how to ask for one token. */
export interface TokenRequestInput extends EndpointRules {
  /** The URL to which this grant goes. */
  readonly tokenUrl: string;
  readonly grantType: string;
  readonly credentials: Credentials;
  /** Space-delimited, as declared. Sent on refresh only when declared (RFC 6749 section 6). */
  readonly scope?: string | undefined;
  readonly refresh_token?: Secret;
  readonly code?: Secret;
  readonly redirect_uri?: string;
  readonly code_verifier?: Secret;
  readonly device_code?: Secret;
}

export interface TokenRequestContext {
  /** Epoch milliseconds. */
  now(): number;
  /** A fresh id for a client assertion. */
  uuid(): string;
}

/**
 * Builds a token request, RFC 6749 sections 4.1.3, 4.3.2, 4.4.2 and 6, RFC 8628 section 3.4, as the endpoint's rules bend it.
 * A grant type without rules of its own is sent by name, with the declared parameters.
 * @throws TokenError `configuration` when a credential is missing or may not go there, or a header or URL cannot be sent
 */
export async function buildTokenRequest(
  input: TokenRequestInput,
  context: TokenRequestContext,
): Promise<TokenHttpRequest> {
  const rules = input.request;
  const { grantType } = input;
  requireAllowedOrigin(input.credentials, input.tokenUrl);
  const parameters = new RequestParameters(own(rules.sendOnly, grantType));
  addGrant(parameters, input);
  const method = clientAuthenticationFor(grantType, rules);
  const authorization = await authenticateClient(method, parameters, {
    rules,
    credentials: input.credentials,
    tokenUrl: input.tokenUrl,
    now: context.now,
    uuid: context.uuid,
  });
  const assertion = parameters.get('client_assertion');
  parameters.setAll(rules.parameters);
  parameters.setAll(own(rules.parametersByGrant, grantType));
  return {
    ...message(input.tokenUrl, rules, parameters, authorization),
    secrets: requestSecrets(input.credentials, authorization, assertion, [
      input.refresh_token,
      input.code,
      input.code_verifier,
      input.device_code,
    ]),
    identifiesClient: authorization !== undefined || parameters.has('client_id'),
  };
}

function addGrant(parameters: RequestParameters, input: TokenRequestInput): void {
  const { grantType, credentials } = input;
  parameters.set('grant_type', grantType);
  switch (grantType) {
    case REFRESH_TOKEN:
      parameters.set('refresh_token', required(input.refresh_token, 'refresh_token', grantType).reveal());
      break;
    case PASSWORD:
      parameters.set('username', required(credentials.username, 'username', grantType, credentials.unread));
      parameters.set(
        'password',
        required(credentials.password, 'password', grantType, credentials.unread).reveal(),
      );
      break;
    case AUTHORIZATION_CODE:
      parameters.set('code', required(input.code, 'code', grantType).reveal());
      parameters.set('redirect_uri', input.redirect_uri);
      parameters.set('code_verifier', input.code_verifier?.reveal());
      // The scope was asked for in the authorization request; RFC 6749 section 4.1.3 has none here.
      return;
    case DEVICE_CODE:
      parameters.set('device_code', required(input.device_code, 'device_code', grantType).reveal());
      return;
  }
  const scopes = input.scope?.split(' ').filter((each) => each !== '');
  parameters.set('scope', scopes?.join(input.request.scopeSeparator));
}

function message(
  tokenUrl: string,
  rules: RequestRules,
  parameters: RequestParameters,
  authorization: Secret | undefined,
): SingleRequest {
  const named = parameters.named(rules.parameterNames);
  const { method } = rules;
  if (method === 'GET' || rules.parameterLocation === 'query') {
    return {
      method,
      url: new Secret(withQuery(tokenUrl, toForm(named))),
      headers: headers(rules, authorization, undefined),
    };
  }
  const json = rules.bodyFormat === 'json';
  return {
    method,
    url: new Secret(tokenUrl),
    // Some servers refuse the charset parameter that `fetch` would add.
    headers: headers(rules, authorization, json ? 'application/json' : 'application/x-www-form-urlencoded'),
    body: new Secret(json ? toJson(named) : toForm(named)),
  };
}

/** Adds to the query that the URL may have already (RFC 6749 section 3.2). */
function withQuery(url: string, query: string): string {
  if (query === '') return url;
  if (!url.includes('?')) return `${url}?${query}`;
  return /[?&]$/.test(url) ? `${url}${query}` : `${url}&${query}`;
}

const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
/** What this module or the connection decides, and a preset cannot. */
const OWN_HEADERS = /^(authorization|content-|transfer-encoding|connection|host|expect|accept-encoding)/;

function headers(
  rules: RequestRules,
  authorization: Secret | undefined,
  contentType: string | undefined,
): Record<string, string | Secret> {
  const result: Record<string, string | Secret> = { accept: 'application/json', 'user-agent': USER_AGENT };
  for (const [name, value] of Object.entries(rules.headers)) {
    const key = name.toLowerCase();
    if (!HEADER_NAME.test(name) || !HEADER_VALUE.test(value) || OWN_HEADERS.test(key)) {
      throw new TokenError(
        'configuration',
        'invalid_header',
        `The request header ${JSON.stringify(name)} of the preset cannot be sent.`,
      );
    }
    result[key] = value;
  }
  if (contentType !== undefined) result['content-type'] = contentType;
  if (authorization !== undefined) result['authorization'] = authorization;
  return result;
}

function own<Value>(record: Readonly<Record<string, Value>>, key: string): Value | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
