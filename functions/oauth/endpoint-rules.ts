import * as z from 'zod';
import { assertionRulesSchema } from './assertion-rules.ts';

/** RFC 6749 section 2.3, OpenID Connect Core section 9 and RFC 8705 section 2. */
export const clientAuthenticationSchema = z.enum([
  'client_secret_basic',
  'client_secret_post',
  'private_key_jwt',
  'tls_client_auth',
  'none',
]);
export type ClientAuthentication = z.infer<typeof clientAuthenticationSchema>;

/**
 * How user id and password of HTTP Basic are written before base64: `form` is RFC 6749 section 2.3.1
 * (form-encoded first), `raw` is what servers that do not decode expect.
 */
export const basicEncodingSchema = z.enum(['form', 'raw']);

/** Request parameters; an array repeats one (RFC 8707 `resource`). */
export const parametersSchema = z.record(z.string().min(1), z.union([z.string(), z.array(z.string())]));
export type Parameters = z.infer<typeof parametersSchema>;

export const grantTypeSchema = z.string().min(1).max(200);

/** The name of a field, or the way to one inside others: `error.type`, `errors.0.code`. */
const fieldPathSchema = z.string().regex(/^[^.\s]+(\.[^.\s]+)*$/, 'expected names with one "." between them');

/**
 * How a token endpoint wants to be asked. What is absent is RFC 6749's. Values of `parameters`,
 * `parametersByGrant` and `headers` are templates (see `templates.ts`).
 */
export const requestRulesSchema = z.strictObject({
  clientAuthentication: clientAuthenticationSchema.default('client_secret_basic'),
  /** Takes precedence over `clientAuthentication` for the grant types that it names. */
  clientAuthenticationByGrant: z.record(grantTypeSchema, clientAuthenticationSchema).default({}),
  basicEncoding: basicEncodingSchema.default('form'),
  /** The scheme in the place of `Basic`, where a provider calls it otherwise. */
  basicScheme: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9-]*$/)
    .default('Basic'),
  /** The TLS handshake shows the client's certificate, beside what else authenticates it (RFC 8705 section 3). */
  clientCertificate: z.boolean().default(false),
  /** The JWT that the client signs; also changes what private_key_jwt signs. */
  assertion: assertionRulesSchema.optional(),
  /** Takes precedence over `assertion` for the grant types that it names. */
  assertionByGrant: z.record(grantTypeSchema, assertionRulesSchema).default({}),
  method: z.enum(['POST', 'GET']).default('POST'),
  /** `none` sends no body, and no parameters. */
  bodyFormat: z.enum(['form', 'json', 'none']).default('form'),
  /** `query` puts everything into the URL, against RFC 6749 section 2.3.1: only where a provider insists. */
  parameterLocation: z.enum(['body', 'query']).default('body'),
  /** The provider's name for a parameter, where it differs (`code_verifier`, `client_id`, …). */
  parameterNames: z.record(z.string(), z.string()).default({}),
  /** Fixed parameters of every token request. */
  parameters: parametersSchema.default({}),
  parametersByGrant: z.record(grantTypeSchema, parametersSchema).default({}),
  /** What a connection must give in its `parameters` (or `scope`), each with a sentence that says what it is. */
  requiredParameters: z.record(z.string().min(1), z.string().min(1)).default({}),
  /** Where given for a grant type: the parameters of its request, by RFC name; no others are sent. */
  sendOnly: z.record(grantTypeSchema, z.array(z.string())).default({}),
  headers: z.record(z.string(), z.string()).default({}),
  /** What stands between scope values in the request. Connections always write spaces. */
  scopeSeparator: z.string().default(' '),
  /** Space-delimited; asked for where a connection declares no scope. Never sent on refresh. */
  defaultScope: z.string().min(1).optional(),
});
export type RequestRules = z.infer<typeof requestRulesSchema>;

/** Where a token endpoint's answer differs from RFC 6749 section 5.1. */
export const responseRulesSchema = z.strictObject({
  /** Names of the nested objects in which the answer stands, outermost first. Default: the top level. */
  path: z.array(z.string()).default([]),
  /** The provider's name for a field, where it differs. */
  fields: z.record(z.string(), z.string()).default({}),
  expiresInUnit: z.enum(['seconds', 'milliseconds', 'minutes']).default('seconds'),
  /** Field with the instant of expiry, ISO 8601 or epoch, where the answer gives no lifetime. */
  expiresAtField: z.string().optional(),
  /** Unit of a numeric `expiresAtField`. */
  expiresAtUnit: z.enum(['seconds', 'milliseconds']).default('seconds'),
  /** Field with the remaining lifetime of the refresh token, in `expiresInUnit`. */
  refreshTokenExpiresInField: z.string().optional(),
  /** Further fields that are published with the token. Never a refresh token. */
  extras: z.array(z.string()).default([]),
  /** The only statuses of a success, where a provider answers others to what failed. Default: any 2xx. */
  successStatus: z.array(z.number().int().min(200).max(299)).optional(),
  /** Fields of the top level that a success has with one of these values, where a failure answers 200 too. */
  successWhen: z
    .record(fieldPathSchema, z.array(z.union([z.string(), z.number(), z.boolean()])).min(1))
    .default({}),
});
export type ResponseRules = z.infer<typeof responseRulesSchema>;

/**
 * Errors of a provider, beyond RFC 6749 section 5.2, by what they mean. An entry is an error code as the
 * provider writes it, or, where it holds a space, words of its message, which tell apart errors that share
 * a code. Case does not count. These come before RFC 6749's codes; `throttled` and `transient` come first.
 */
export const errorRulesSchema = z.strictObject({
  /** Where a code stands, the most telling first, beside the usual places. */
  codePaths: z.array(fieldPathSchema).default([]),
  /** Where a sentence stands, the most telling first, beside the usual places. */
  messagePaths: z.array(fieldPathSchema).default([]),
  /** The refresh token or assertion is dead. */
  invalidGrant: z.array(z.string()).default([]),
  /** The client's own credentials are wrong. */
  invalidClient: z.array(z.string()).default([]),
  configuration: z.array(z.string()).default([]),
  throttled: z.array(z.string()).default([]),
  transient: z.array(z.string()).default([]),
});
export type ErrorRules = z.infer<typeof errorRulesSchema>;

/** All that is known of one token endpoint's ways. */
export interface EndpointRules {
  readonly request: RequestRules;
  readonly response: ResponseRules;
  readonly errors: ErrorRules;
}
