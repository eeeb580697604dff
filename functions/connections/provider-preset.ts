import * as z from 'zod';
import { identityRulesSchema } from '../oauth/assertion-rules.ts';
import {
  errorRulesSchema,
  grantTypeSchema,
  parametersSchema,
  requestRulesSchema,
  responseRulesSchema,
} from '../oauth/endpoint-rules.ts';
import { judges } from '../oauth/judges.ts';
import { placeholderSchema } from './placeholder-schema.ts';
import { presetProblem, presetProblems } from './preset-problems.ts';

/** Plain http leads nowhere but to the machine itself. */
const HTTPS_URL = /^(https:\/\/|http:\/\/(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?(?=[/?]|$))[^\s]*$/;
const httpsUrl = z.string().regex(HTTPS_URL, 'must be an https URL');

const refreshTokenRulesSchema = z.strictObject({
  /** Whether using a refresh token may replace it: `always` is single use. `never` alone makes a refresh repeatable. */
  rotates: z.enum(['always', 'sometimes', 'never']).default('sometimes'),
  /** For how long after its use the provider documents that the old refresh token still answers. */
  graceSeconds: z.number().int().nonnegative().default(0),
  /** The provider's fixed lifetime of a refresh token, which refreshing does not extend. */
  lifetimeSeconds: z.number().int().positive().optional(),
  /** The refresh token dies when it is not used for this long. */
  inactivitySeconds: z.number().int().positive().optional(),
  /** The refresh token is a JWT whose `exp` claim is its end. */
  jwtExpiry: z.boolean().default(false),
  /** Grant types whose refresh token must not be relied on: it is not kept. */
  notFromGrants: z.array(grantTypeSchema).default([]),
});
export type RefreshTokenRules = z.infer<typeof refreshTokenRulesSchema>;

const accessTokenRulesSchema = z.strictObject({
  /** A refresh ends the access token before it at once: readers that cache must expect it. */
  endsPrevious: z.boolean().default(false),
  /**
   * How long before its end, in seconds, a refresh brings another token at the earliest: before that the provider
   * refuses, or answers with the same token again. Default: at any time.
   */
  earliestRefreshSeconds: z.number().int().positive().optional(),
  /** How the API wants to see the token, where that is not `Authorization: Bearer …`. Published with the token. */
  presentation: z
    .strictObject({
      /** The header that carries the token. Default Authorization. */
      header: z
        .string()
        .regex(/^[A-Za-z0-9._-]+$/)
        .default('Authorization'),
      /** What stands before the token and a space; empty for the bare token. Default Bearer. */
      scheme: z
        .string()
        .regex(/^[A-Za-z0-9-]*$/)
        .default('Bearer'),
      /** Headers of a constant value beside it. */
      headers: z.record(z.string(), z.string()).default({}),
    })
    .optional(),
});
export type AccessTokenRules = z.infer<typeof accessTokenRulesSchema>;

const budgetSchema = z.strictObject({
  /** How many token requests. */
  calls: z.number().int().positive(),
  /** In how many seconds: 86400 is a day. */
  perSeconds: z.number().int().positive().max(86_400),
  /** Whose: of one client (its credentials), or of all at the provider. Default `client`. */
  scope: z.enum(['client', 'provider']).default('client'),
});
export type Budget = z.infer<typeof budgetSchema>;

/** What a preset says of a provider's behaviour, and a connection may say of its own in `rules`. */
export const presetRulesShape = {
  /** The provider's name, for messages. */
  name: z.string().min(1),
  issuer: httpsUrl.optional(),
  tokenUrl: httpsUrl.optional(),
  /** A separate URL for the refresh_token grant. */
  refreshUrl: httpsUrl.optional(),
  authorizationUrl: httpsUrl.optional(),
  deviceAuthorizationUrl: httpsUrl.optional(),
  /** Fixed parameters of the authorization request, such as what makes a provider issue refresh tokens. */
  authorizationParameters: parametersSchema.default({}),
  placeholders: z.record(z.string().regex(/^[a-z][A-Za-z0-9_]*$/), placeholderSchema).default({}),
  /** The chain of grant types that a connection uses when it names none. */
  grants: z.array(grantTypeSchema).min(1),
  /** Every grant type that the provider documents. Default: any. */
  supportedGrants: z.array(grantTypeSchema).min(1).optional(),
  request: requestRulesSchema.prefault({}),
  response: responseRulesSchema.prefault({}),
  errors: errorRulesSchema.prefault({}),
  refreshToken: refreshTokenRulesSchema.prefault({}),
  accessToken: accessTokenRulesSchema.prefault({}),
  /** What the provider takes from a connection with `"identity": "aws"`. */
  identity: identityRulesSchema.optional(),
  /** Lifetime of an access token where the answer does not say, seconds. */
  defaultLifetimeSeconds: z.number().int().positive().optional(),
  /** How many token requests the provider allows. */
  budgets: z.array(budgetSchema).default([]),
  /** The cheapest call that proves that an access token works. */
  probe: z.strictObject({ method: z.enum(['GET', 'POST']), url: httpsUrl }).optional(),
  revocation: z
    .strictObject({
      url: httpsUrl,
      style: z.enum(['rfc7009', 'bearer-and-token', 'bearer', 'client-delete']),
    })
    .optional(),
} as const;

const presetFieldsSchema = z.strictObject({
  schema: z.literal(1),
  id: z.string().regex(/^[a-z0-9][a-z0-9-]*$/),
  docsUrl: httpsUrl,
  /** The day on which the documentation was read, `YYYY-MM-DD`. */
  verifiedAt: z.iso.date().optional(),
  /** Fields, by their path, that are recalled and were not read in the documentation: they make it experimental. */
  recalled: z.array(z.string().min(1)).default([]),
  /** What a person obtains at the provider and where, in sentences. */
  obtain: z.string().min(1).optional(),
  notes: z.string().optional(),
  /** Recorded exchanges, which `evertoken providers check` replays. A refresh does not look at them. */
  examples: z.unknown().optional(),
  ...presetRulesShape,
});

/**
 * How one provider behaves, as data. Whatever a preset does not say is RFC 6749's.
 * URLs may hold `{placeholder}`s, which a connection fills in.
 */
export const providerPresetSchema = presetFieldsSchema
  .superRefine((preset, context) => {
    for (const { path, message } of presetProblems(preset)) {
      context.addIssue({ code: 'custom', path: [...path], message });
    }
  })
  .register(judges, { problem: presetProblem });

export type ProviderPreset = z.infer<typeof providerPresetSchema>;

/** A preset that was not verified against the documentation, or only in part: a connection must accept that. */
export function isExperimental({
  verifiedAt,
  recalled,
}: Pick<ProviderPreset, 'verifiedAt' | 'recalled'>): boolean {
  return verifiedAt === undefined || recalled.length > 0;
}
