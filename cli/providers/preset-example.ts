import * as z from 'zod';
import {
  clientAuthenticationSchema,
  grantTypeSchema,
  parametersSchema,
} from '../../functions/oauth/endpoint-rules.ts';
import type { TokenErrorKind } from '../../functions/oauth/token-error.ts';

const KINDS = [
  'refused',
  'client-refused',
  'configuration',
  'throttled',
  'unsure',
  'never-sent',
  'unanswered',
] as const satisfies readonly TokenErrorKind[];

/** What stands in a JWT; strings are templates, as everywhere in an example. */
const claimsSchema = z.record(z.string().min(1), z.unknown());

const requestSchema = z.strictObject({
  method: z.enum(['POST', 'GET']).default('POST'),
  /** With its query. */
  url: z.string().min(1),
  /** All that are sent, by any case of their names; `accept` and `user-agent` need not stand here. */
  headers: z.record(z.string().min(1), z.string()).default({}),
  /** Absent where none is sent. */
  body: z.string().optional(),
});
export type ExampleRequest = z.infer<typeof requestSchema>;

const responseSchema = z.strictObject({
  status: z
    .int('expected an HTTP status')
    .min(100, 'expected an HTTP status')
    .max(599, 'expected an HTTP status'),
  headers: z.record(z.string().min(1), z.string()).default({}),
  /** JSON as it is, or any other body as text. Default: an empty one. */
  body: z.union([z.string(), z.record(z.string(), z.unknown()), z.array(z.unknown())]).default(''),
});
export type ExampleResponse = z.infer<typeof responseSchema>;

const POSITIVE = 'expected 0 or a positive integer';
const secondsSchema = z.int(POSITIVE).nonnegative(POSITIVE);

const tokenSchema = z.strictObject({
  /** As the answer says it, or else the preset's `defaultLifetimeSeconds`. */
  expiresInSeconds: secondsSchema.optional(),
  /** Whether a refresh token came. Default: not looked at. */
  refreshToken: z.boolean().optional(),
  refreshTokenExpiresInSeconds: secondsSchema.optional(),
  token_type: z.string().optional(),
  scope: z.string().optional(),
  /** All that are read from the answer. */
  extras: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
});
export type ExpectedToken = z.infer<typeof tokenSchema>;

const errorSchema = z.strictObject({
  kind: z.enum(KINDS),
  /** Default: any. */
  code: z.string().min(1).optional(),
});

const expectSchema = z
  .strictObject({ token: tokenSchema.optional(), error: errorSchema.optional() })
  .refine(({ token, error }) => (token === undefined) !== (error === undefined), {
    error: 'needs either "token", for a success, or "error"',
  });

/**
 * One recorded exchange with a provider: how a token is asked for, what the provider answers, and what is to be
 * made of that. Values that are secret, or differ each time, stand there as templates, see `ExampleValues`.
 */
export const presetExampleSchema = z.strictObject({
  /** Says which it is, in a few words. */
  name: z.string().min(1),
  grant: grantTypeSchema,
  /** What a connection declares beside its provider. */
  scope: z.string().min(1).optional(),
  parameters: parametersSchema.optional(),
  clientAuthentication: clientAuthenticationSchema.optional(),
  /** The role's own identity in the place of credentials; in the request it is `{assertion}`. Default: credentials. */
  identity: z.literal('aws').optional(),
  /** Default: the example of each placeholder. */
  placeholders: z.record(z.string().min(1), z.string().min(1)).optional(),
  /** What is sent, to the byte. Absent where it is that of another example, or where nothing is sent. */
  request: requestSchema.optional(),
  /** All claims, and these fields of the header, of the JWT that is signed. Default: not looked at. */
  assertion: z.strictObject({ header: claimsSchema.optional(), claims: claimsSchema.optional() }).optional(),
  /** Absent only where nothing is sent. */
  response: responseSchema.optional(),
  expect: expectSchema,
});
export type PresetExample = z.infer<typeof presetExampleSchema>;

/** The `examples` of a preset. */
export const presetExamplesSchema = z.array(presetExampleSchema);
