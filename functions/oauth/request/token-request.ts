import type { EndpointRules, Parameters, RequestRules } from '../endpoint-rules.ts';
import {
  AUTHORIZATION_CODE,
  DEVICE_CODE,
  JWT_BEARER,
  PASSWORD,
  REFRESH_TOKEN,
  SAML2_BEARER,
  TOKEN_EXCHANGE,
} from '../grant-type.ts';
import { Secret } from '../secret.ts';
import { TokenError } from '../token-error.ts';
import { requireAllowedOrigin } from './allowed-origins.ts';
import { assertionFor, carriesScope, isGrantedByProof } from './assertion.ts';
import { authenticateClient, clientAuthenticationFor } from './client-authentication.ts';
import { requestSecrets, type TokenHttpRequest } from './http-request.ts';
import { required } from './missing-field.ts';
import { type ProofInput, RequestMaterial, type TokenRequestContext } from './request-material.ts';
import { RequestParameters } from './request-parameters.ts';
import { names } from './templates.ts';
import { tokenMessage } from './token-message.ts';

export type { TokenRequestContext } from './request-material.ts';

/** Where and how to ask for one token. `tokenUrl` is the URL to which this grant goes. */
export interface TokenRequestInput extends EndpointRules, ProofInput {
  readonly request: RequestRules;
  readonly grantType: string;
  /** Space-delimited, as declared. Sent on refresh only when declared (RFC 6749 section 6). */
  readonly scope?: string | undefined;
  readonly refresh_token?: Secret;
  readonly code?: Secret;
  readonly redirect_uri?: string;
  readonly code_verifier?: Secret;
  readonly device_code?: Secret;
}

/** What a JWT of the client's own is, where it is exchanged (RFC 8693 section 3). */
const JWT_TOKEN = 'urn:ietf:params:oauth:token-type:jwt';

/**
 * Builds a token request, RFC 6749 sections 4.1.3, 4.3.2, 4.4.2 and 6, RFC 8628 section 3.4, RFC 7521 section 4.1 and
 * RFC 8693 section 2.1, as the endpoint's rules bend it. A grant type without rules of its own is sent by name, with
 * the declared parameters.
 * @throws TokenError `configuration` when a credential is missing or may not go there, nothing can sign or vouch, or
 *   a template, header or URL cannot be used
 */
export async function buildTokenRequest(
  input: TokenRequestInput,
  context: TokenRequestContext,
): Promise<TokenHttpRequest> {
  const { grantType, request: rules, tokenUrl } = input;
  requireAllowedOrigin(input.credentials, tokenUrl);
  const sendOnly = rules.bodyFormat === 'none' ? [] : own(rules.sendOnly, grantType);
  const parameters = new RequestParameters(sendOnly);
  const material = requestMaterial(input, context);
  parameters.set('grant_type', grantType);
  await addGrant(parameters, input, material);
  if (sendsScope(input)) parameters.set('scope', material.scope);
  const authorization = await authenticate(parameters, input, material);
  await addTemplates(parameters, rules.parameters, material);
  await addTemplates(parameters, own(rules.parametersByGrant, grantType), material);
  const clientCertificate = material.clientCertificate(clientAuthenticationFor(grantType, rules), tokenUrl);
  const message = await tokenMessage(parameters, authorization, material);
  return {
    ...message,
    ...(clientCertificate && { clientCertificate }),
    secrets: requestSecrets(material.secrets, authorization, [
      input.refresh_token,
      input.code,
      input.code_verifier,
      input.device_code,
    ]),
    identifiesClient:
      message.headers['authorization'] !== undefined ||
      clientCertificate !== undefined ||
      ['client_id', 'client_assertion'].some((name) => parameters.has(name)),
  };
}

/** What a token is asked for with, or made of where nobody is asked. */
export function requestMaterial(input: TokenRequestInput, context: TokenRequestContext): RequestMaterial {
  const { request: rules, grantType } = input;
  const scope = input.scope ?? (grantType === REFRESH_TOKEN ? undefined : rules.defaultScope);
  const scopes = scope?.split(' ').filter((each) => each !== '');
  return new RequestMaterial(input, context, scopes?.join(rules.scopeSeparator));
}

async function addGrant(
  parameters: RequestParameters,
  input: TokenRequestInput,
  material: RequestMaterial,
): Promise<void> {
  const { grantType } = input;
  switch (grantType) {
    case REFRESH_TOKEN:
      parameters.set('refresh_token', required(input.refresh_token, 'refresh_token', grantType).reveal());
      return;
    case PASSWORD:
      parameters.set('username', material.required('username', grantType));
      parameters.set('password', material.required('password', grantType).reveal());
      return;
    case AUTHORIZATION_CODE:
      parameters.set('code', required(input.code, 'code', grantType).reveal());
      parameters.set('redirect_uri', input.redirect_uri);
      parameters.set('code_verifier', input.code_verifier?.reveal());
      return;
    case DEVICE_CODE:
      parameters.set('device_code', required(input.device_code, 'device_code', grantType).reveal());
      return;
    default:
      await addProof(parameters, input, material);
  }
}

/** The grants that are a proof of somebody's: a signed one, one that AWS gave, or one that is stored. */
async function addProof(
  parameters: RequestParameters,
  { grantType, request: rules, identity }: TokenRequestInput,
  material: RequestMaterial,
): Promise<void> {
  const isDeclared = (name: string) =>
    !parameters.allows(name) ||
    [rules.parameters, own(rules.parametersByGrant, grantType)].some((each) =>
      Object.hasOwn(each ?? {}, name),
    );
  const assertion = assertionFor(grantType, rules);
  if (grantType === TOKEN_EXCHANGE) {
    parameters.set('subject_token_type', JWT_TOKEN);
    if (identity?.use === 'subject') {
      parameters.set('subject_token', (await material.identityToken(identity)).reveal());
    } else if (!isDeclared('subject_token')) {
      parameters.set('subject_token', material.templates.credential('subject_token', grantType));
    }
  } else if (identity?.use === 'grant' && isGrantedByProof(grantType)) {
    parameters.set('assertion', (await material.identityToken(identity)).reveal());
  } else if (assertion?.use === 'grant') {
    parameters.set('assertion', (await material.assertion(assertion)).reveal());
  } else if (grantType === SAML2_BEARER && !isDeclared('assertion')) {
    parameters.set('assertion', material.templates.credential('assertion', grantType));
  } else if (grantType === JWT_BEARER && !isDeclared('assertion')) {
    throw new TokenError(
      'configuration',
      'missing_assertion',
      `${grantType} exchanges an assertion, and no rules say which: set "rules.request.assertion" with "use": "grant".`,
    );
  }
}

/**
 * RFC 6749 section 4.1.3 and RFC 8628 section 3.4 have no scope, which was asked for before; an assertion may say it
 * in the place of a parameter, where one is signed.
 */
function sendsScope({ grantType, request: rules, identity }: TokenRequestInput): boolean {
  if (grantType === AUTHORIZATION_CODE || grantType === DEVICE_CODE) return false;
  const assertion = assertionFor(grantType, rules);
  const isSigned =
    assertion?.use === 'client'
      ? identity?.use !== 'client' && clientAuthenticationFor(grantType, rules) === 'private_key_jwt'
      : assertion?.use !== 'grant' || identity?.use !== 'grant';
  return !(isSigned && carriesScope(assertion));
}

/** A header of the rules that names the assertion carries it in their way. */
async function authenticate(
  parameters: RequestParameters,
  { grantType, request: rules }: TokenRequestInput,
  material: RequestMaterial,
): Promise<Secret | undefined> {
  const assertion = assertionFor(grantType, rules);
  if (assertion?.use !== 'bearer') {
    return authenticateClient(clientAuthenticationFor(grantType, rules), parameters, material, grantType);
  }
  const bearer = await material.assertion(assertion);
  const isInHeaders = Object.values(rules.headers).some((template) => names(template, 'assertion'));
  return isInHeaders ? undefined : new Secret(`Bearer ${bearer.reveal()}`);
}

async function addTemplates(
  parameters: RequestParameters,
  templates: Parameters | undefined,
  material: RequestMaterial,
): Promise<void> {
  for (const [name, value] of Object.entries(templates ?? {})) {
    // What is not sent need not be known.
    if (!parameters.allows(name)) continue;
    const place = `the parameter "${name}"`;
    const filled: string[] = [];
    for (const each of typeof value === 'string' ? [value] : value) {
      filled.push(await material.templates.fill(each, place));
    }
    parameters.set(name, filled);
  }
}

function own<Value>(record: Readonly<Record<string, Value>>, key: string): Value | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
