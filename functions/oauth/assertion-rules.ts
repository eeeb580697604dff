import * as z from 'zod';
import { ENDED_BEFORE_IT_IS_SENT, lifetimeProblem } from './assertion-lifetime.ts';
import { judges } from './judges.ts';
import { SIGNATURE_ALGORITHMS } from './signature-algorithms.ts';

export { SIGNATURE_ALGORITHMS, type SignatureAlgorithm } from './signature-algorithms.ts';

export const signatureAlgorithmSchema = z.enum(SIGNATURE_ALGORITHMS);

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
  .refine((rules) => lifetimeProblem(rules) === undefined, {
    path: ['backdatedSeconds'],
    message: ENDED_BEFORE_IT_IS_SENT,
  })
  .register(judges, { problem: lifetimeProblem });
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
