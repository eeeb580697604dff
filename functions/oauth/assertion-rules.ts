import * as z from 'zod';

/** JWS algorithms that sign with a private key, RFC 7518 section 3.1 and RFC 8037 section 3.1. */
export const SIGNATURE_ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
] as const;
export const signatureAlgorithmSchema = z.enum(SIGNATURE_ALGORITHMS);
export type SignatureAlgorithm = z.infer<typeof signatureAlgorithmSchema>;

/** A claim, or several values of one; `null` leaves out one that is there by default. Strings are templates. */
const claimSchema = z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.string()).min(1)]);

/**
 * A JWT that the client signs, RFC 7523 and RFC 7521. Strings of `header` and `claims` are templates (see
 * `templates.ts`). What is absent is RFC 7523's: `iss` and, for a client, `sub` are the `client_id`, `aud` is the
 * token URL.
 */
export const assertionRulesSchema = z
  .strictObject({
    /**
     * Where it goes: `client` authenticates the client (RFC 7523 section 2.2), `grant` is the grant (section 2.1),
     * `bearer` stands in the Authorization header in place of the client's authentication, `token` is the access
     * token itself, and nobody is asked.
     */
    use: z.enum(['client', 'grant', 'bearer', 'token']),
    /** What the provider accepts. The first that the key can do is used. Default: the usual one of the key. */
    algorithms: z.array(signatureAlgorithmSchema).min(1).optional(),
    /** From `iat` to `exp`, seconds. Default 60: an assertion is used at once. Of a `token`, its lifetime. */
    lifetimeSeconds: z.int().min(30).max(3600).default(60),
    /** For how many seconds `iat` lies before now, where the provider's clock may be behind. Default 0. */
    backdatedSeconds: z.int().min(0).max(300).default(0),
    /** A fresh `jti` in each. Default true. */
    jti: z.boolean().default(true),
    header: z.record(z.string().min(1), z.string()).default({}),
    claims: z.record(z.string().min(1), claimSchema).default({}),
  })
  .refine(({ lifetimeSeconds, backdatedSeconds }) => lifetimeSeconds > backdatedSeconds, {
    path: ['backdatedSeconds'],
    message: 'must be less than lifetimeSeconds: the assertion would have ended before it is sent',
  });
export type AssertionRules = z.infer<typeof assertionRulesSchema>;

/**
 * A token of the role's own, from `sts:GetWebIdentityToken`, in the place of a stored secret: as client assertion
 * (RFC 7523 section 2.2), as the grant (section 2.1), as subject token (RFC 8693 section 2.1), or published itself.
 */
export const identityRulesSchema = z.strictObject({
  use: z.enum(['client', 'grant', 'subject', 'token']),
  /** `aud` of the token: what the provider is told to accept. A template of placeholders. */
  audience: z.string().min(1).max(1000),
  /** What STS signs with. Default RS256. */
  algorithm: z.enum(['RS256', 'ES384']).default('RS256'),
  /** Seconds, 60 to 3600. Default 300. */
  lifetimeSeconds: z.int().min(60).max(3600).default(300),
});
export type IdentityRules = z.infer<typeof identityRulesSchema>;
