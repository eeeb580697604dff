import type { ErrorRules } from '../endpoint-rules.ts';
import { DEVICE_CODE } from '../grant-type.ts';
import {
  field,
  type HttpResponse,
  type ResponseFields,
  readResponseBody,
} from '../response/response-body.ts';
import { classifyErrorResponse, type ErrorContext } from '../response/token-error-response.ts';
import { Secret } from '../secret.ts';
import { TokenError } from '../token-error.ts';
import { requireAllowedOrigin } from './allowed-origins.ts';
import { authenticateClient, clientAuthenticationFor } from './client-authentication.ts';
import { formRequest, requestSecrets, type TokenHttpRequest } from './http-request.ts';
import { type ProofInput, RequestMaterial, type TokenRequestContext } from './request-material.ts';
import { RequestParameters } from './request-parameters.ts';

/** RFC 8628 section 3.2. */
const DEFAULT_INTERVAL_SECONDS = 5;

export interface DeviceAuthorizationInput extends ProofInput {
  readonly url: string;
  /** Space-delimited. */
  readonly scope?: string | undefined;
}

/** What a person is shown, and what is asked for meanwhile: RFC 8628 section 3.2. */
export interface DeviceAuthorization {
  readonly device_code: Secret;
  readonly user_code: string;
  readonly verification_uri: string;
  readonly verification_uri_complete?: string;
  readonly expiresInSeconds: number;
  readonly intervalSeconds: number;
}

/**
 * Builds a device authorization request, RFC 8628 section 3.1. The client authenticates as it does at the
 * token endpoint. @throws TokenError `configuration` when a credential is missing, or may not go there
 */
export async function buildDeviceAuthorization(
  input: DeviceAuthorizationInput,
  context: TokenRequestContext,
): Promise<TokenHttpRequest> {
  const { url, request: rules, scope = rules.defaultScope } = input;
  requireAllowedOrigin(input.credentials, url);
  const parameters = new RequestParameters();
  const material = new RequestMaterial(input, context);
  const method = clientAuthenticationFor(DEVICE_CODE, rules);
  const authorization = await authenticateClient(method, parameters, material, DEVICE_CODE);
  parameters.set('scope', scope?.split(' ').join(rules.scopeSeparator));
  const clientCertificate = material.clientCertificate(method, url);
  return {
    ...formRequest(url, parameters, rules, authorization),
    ...(clientCertificate && { clientCertificate }),
    secrets: requestSecrets(material.secrets, authorization),
    identifiesClient: true,
  };
}

/** Judges the answer, RFC 8628 section 3.2. @throws TokenError */
export function processDeviceAuthorizationResponse(
  response: HttpResponse,
  rules: ErrorRules,
  context: Omit<ErrorContext, 'endpoint'>,
): DeviceAuthorization {
  const endpoint = 'device authorization endpoint';
  const body = readResponseBody(response.body);
  const fields: ResponseFields | undefined = body.kind === 'fields' ? body.fields : undefined;
  if (response.status !== 200) {
    throw classifyErrorResponse(response, fields === undefined ? [] : [fields], rules, {
      ...context,
      endpoint,
    });
  }
  const deviceCode = text(fields, 'device_code');
  const userCode = text(fields, 'user_code');
  const verificationUri = webAddress(fields, 'verification_uri');
  const expiresIn = Number(field(fields, 'expires_in'));
  if (!deviceCode || !userCode || !verificationUri || !(expiresIn > 0)) {
    throw new TokenError(
      'configuration',
      'unreadable_device_authorization',
      `The ${endpoint} answered without one of device_code, user_code, verification_uri and expires_in (RFC 8628 section 3.2).`,
      { status: response.status },
    );
  }
  const complete = webAddress(fields, 'verification_uri_complete');
  const interval = Number(field(fields, 'interval') ?? DEFAULT_INTERVAL_SECONDS);
  return {
    device_code: new Secret(deviceCode),
    user_code: userCode,
    verification_uri: verificationUri,
    ...(complete !== undefined && { verification_uri_complete: complete }),
    expiresInSeconds: expiresIn,
    intervalSeconds: interval > 0 ? interval : DEFAULT_INTERVAL_SECONDS,
  };
}

/** What is shown at a terminal may hold nothing invisible. */
function text(fields: ResponseFields | undefined, name: string): string | undefined {
  const value = field(fields, name);
  return typeof value === 'string' && /^[^\p{C}\p{Z}][^\p{C}]*$/u.test(value) ? value : undefined;
}

const WEB_SCHEMES = ['https:', 'http:'];

/** An address that a person may be sent to. */
function webAddress(fields: ResponseFields | undefined, name: string): string | undefined {
  const value = text(fields, name);
  return value !== undefined && URL.canParse(value) && WEB_SCHEMES.includes(new URL(value).protocol)
    ? value
    : undefined;
}
