import { z } from 'zod';
import {
  errorRulesSchema,
  grantTypeSchema,
  parametersSchema,
  requestRulesSchema,
  responseRulesSchema,
} from '../oauth/endpoint-rules.ts';

const httpsUrl = z.string().regex(/^https:\/\/[^\s]+$/, 'must be an https URL');

/** One value that an operator fills into a preset's URLs, such as the host of a tenant. */
const placeholderSchema = z.strictObject({
  description: z.string(),
  /** A regular expression that the whole value must match; it keeps a value from leaving its place in the URL. */
  pattern: z.string(),
  example: z.string(),
});

const refreshTokenRulesSchema = z.strictObject({
  /** Whether using a refresh token may replace it. `never` alone makes a refresh repeatable. */
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

const presetFieldsSchema = z.strictObject({
  schema: z.literal(1),
  id: z.string().regex(/^[a-z0-9][a-z0-9-]*$/),
  name: z.string().min(1),
  docsUrl: httpsUrl,
  issuer: httpsUrl.optional(),
  tokenUrl: httpsUrl.optional(),
  /** A separate URL for the refresh_token grant. */
  refreshUrl: httpsUrl.optional(),
  authorizationUrl: httpsUrl.optional(),
  deviceAuthorizationUrl: httpsUrl.optional(),
  /** Fixed parameters of the authorization request, such as what makes a provider issue refresh tokens. */
  authorizationParameters: parametersSchema.default({}),
  placeholders: z.record(z.string(), placeholderSchema).default({}),
  /** The chain of grant types that a connection uses when it names none. */
  grants: z.array(grantTypeSchema).min(1),
  /** Every grant type that the provider documents. */
  supportedGrants: z.array(grantTypeSchema).min(1),
  request: requestRulesSchema.prefault({}),
  response: responseRulesSchema.prefault({}),
  errors: errorRulesSchema.prefault({}),
  refreshToken: refreshTokenRulesSchema.prefault({}),
  /** Lifetime of an access token where the answer does not say. */
  defaultLifetimeSeconds: z.number().int().positive().optional(),
  /** The cheapest call that proves that an access token works. */
  probe: z.strictObject({ method: z.enum(['GET', 'POST']), url: httpsUrl }).optional(),
  revocation: z.strictObject({ url: httpsUrl, style: z.enum(['rfc7009', 'bearer-and-token']) }).optional(),
  notes: z.string().optional(),
});

type PresetFields = z.infer<typeof presetFieldsSchema>;

/** Every URL of a preset, with its place in it. */
function presetUrls(preset: PresetFields): (readonly [string, string | undefined])[] {
  return [
    ['issuer', preset.issuer],
    ['tokenUrl', preset.tokenUrl],
    ['refreshUrl', preset.refreshUrl],
    ['authorizationUrl', preset.authorizationUrl],
    ['deviceAuthorizationUrl', preset.deviceAuthorizationUrl],
    ['probe', preset.probe?.url],
    ['revocation', preset.revocation?.url],
  ];
}

/**
 * How one provider behaves, as data. Whatever a preset does not say is RFC 6749's.
 * URLs may hold `{placeholder}`s, which a connection fills in.
 */
export const providerPresetSchema = presetFieldsSchema.superRefine((preset, context) => {
  const refuse = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message });
  for (const [field, url] of presetUrls(preset)) {
    for (const [, key] of url?.matchAll(/\{([^{}]+)\}/g) ?? []) {
      // A value that no pattern guards could lead credentials to any host.
      if (key !== undefined && !Object.hasOwn(preset.placeholders, key)) {
        refuse([field], `holds "{${key}}", which is not among the placeholders`);
      }
    }
  }
  for (const [key, { pattern, example }] of Object.entries(preset.placeholders)) {
    if (!matches(pattern, example)) {
      refuse(['placeholders', key], `the pattern ${pattern} does not match its example "${example}"`);
    }
  }
  for (const grant of preset.grants) {
    if (!preset.supportedGrants.includes(grant))
      refuse(['grants'], `"${grant}" is not among supportedGrants`);
  }
});

function matches(pattern: string, example: string): boolean {
  try {
    return new RegExp(`^(?:${pattern})$`).test(example);
  } catch {
    return false;
  }
}

export type ProviderPreset = z.infer<typeof providerPresetSchema>;
