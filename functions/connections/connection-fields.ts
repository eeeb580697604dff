import * as z from 'zod';
import {
  basicEncodingSchema,
  clientAuthenticationSchema,
  parametersSchema,
} from '../oauth/endpoint-rules.ts';
import { judges } from '../oauth/judges.ts';
import { NAME_PATTERN, nameProblem } from './connection-name.ts';
import { connectionRulesSchema } from './connection-rules.ts';
import { grantProblem } from './declared-grants.ts';
import { endpointUrlProblem, issuerProblem } from './endpoint-url.ts';

/** A string for which `problem` answers `undefined`; else it is refused with that sentence. */
const judged = (problem: (value: string) => string | undefined, sentence = (text: string) => text) =>
  z
    .string()
    .superRefine((value, context) => {
      const text = problem(value);
      if (text !== undefined) context.addIssue({ code: 'custom', message: sentence(text), input: value });
    })
    .register(judges, { problem });

/** The name of a connection or of credentials. */
export const nameSchema = judged(nameProblem, (problem) => `the name ${problem}`).meta({
  pattern: NAME_PATTERN,
  maxLength: 128,
});

const url = judged(endpointUrlProblem).meta({ format: 'uri' });
const issuer = judged(issuerProblem).meta({ format: 'uri' });
const filled = z.string().min(1);
const POSITIVE = 'expected a positive integer';
const seconds = z.int(POSITIVE).positive(POSITIVE);
const NOT_NEGATIVE = 'expected 0 or a positive integer';

/** RFC 6749 section 3.3: printable ASCII without `"` and `\`, one space between values. */
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+( [\x21\x23-\x5b\x5d-\x7e]+)*$/;

/** Any existing secret; `fields` maps a field's RFC name to the name that it has in that secret's JSON. */
const secretReference = z
  .strictObject({
    secretArn: z
      .string()
      // Nothing else stands in a name; a wildcard or a variable would reach into the policies of the functions.
      .regex(
        /^arn:[a-z0-9-]+:secretsmanager:[a-z0-9-]+:\d{12}:secret:[A-Za-z0-9/_+=.@-]{1,519}$/,
        'expected the ARN of a secret',
      ),
    keyArn: z
      .string()
      .regex(/^arn:[a-z0-9-]+:kms:[a-z0-9-]+:\d{12}:key\/[A-Za-z0-9-]{1,128}$/, 'expected the ARN of a key')
      .optional()
      .describe(
        "The key that encrypts the secret, so that a deployment may grant its use. Default: the account's aws/secretsmanager.",
      ),
    fields: z
      .record(filled, filled)
      .default({})
      .describe("What the secret calls each field, where that is not the field's own name."),
  })
  .describe('A secret that exists already.');
export type SecretReference = z.infer<typeof secretReference>;

/** No alias: whoever may point it elsewhere would decide what signs. */
const signingKey = z
  .strictObject({
    kmsKeyArn: z
      .string()
      .regex(
        /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[A-Za-z0-9-]{1,128}$/,
        'expected the ARN of a KMS key, such as "arn:aws:kms:eu-central-1:111122223333:key/0a1b2c3d-…"; an alias is none',
      ),
  })
  .describe('A private key that KMS holds and never gives away.');
export type SigningKey = z.infer<typeof signingKey>;

/**
 * The fields of a connection, each judged by itself. Absent means the preset's value or the default;
 * unknown keys are refused.
 */
export const connectionFieldsSchema = z.strictObject({
  schema: z
    .literal(1)
    .optional()
    .describe('Version of this shape. Default 1; a newer one is refused before anything is spent.'),
  provider: filled.optional().describe('Id of a provider preset, such as "kajabi".'),
  issuer: issuer
    .optional()
    .describe('Issuer identifier whose metadata (RFC 8414) names the token endpoint; overrides the preset.'),
  tokenUrl: url.optional().describe("The token endpoint; overrides the preset's."),
  authorizationUrl: url
    .optional()
    .describe("Where a person signs in, for `evertoken authorize`; overrides the preset's."),
  deviceAuthorizationUrl: url
    .optional()
    .describe(
      "Where a device asks for its code, for `evertoken authorize --device`; overrides the preset's.",
    ),
  revocationUrl: url
    .optional()
    .describe("Where tokens are taken back (RFC 7009), for `evertoken revoke`; overrides the preset's."),
  placeholders: z
    .record(filled, filled)
    .optional()
    .describe("Values for the placeholders in the preset's URLs, such as the domain of a tenant."),
  credentials: z
    .union([nameSchema, secretReference], {
      error: 'expected the name of credentials, or an object with "secretArn" and "fields"',
    })
    .optional()
    .describe(
      'Name of the credentials, or an existing secret. Several connections may share them. Absent only with "identity".',
    ),
  signingKey: signingKey
    .optional()
    .describe(
      'A key in KMS that signs assertions in place of a "private_key" of the credentials. The deployment grants its use.',
    ),
  identity: z
    .literal('aws')
    .optional()
    .describe(
      "Proves itself with a token that AWS issues to the function's role, in place of a stored secret. The provider must trust it.",
    ),
  clientId: z
    .string()
    .regex(/^[\x20-\x7e]{1,500}$/, 'expected 1 to 500 printable ASCII characters')
    .optional()
    .describe(
      'The client_id that the provider knows it by; public. Only with "identity", without credentials.',
    ),
  grants: z
    .array(judged(grantProblem))
    .min(1)
    .optional()
    .describe("Ordered grant types; the next is used when one is refused for good. Default: the preset's."),
  scope: z
    .string()
    .regex(SCOPE, 'expected scope values in printable ASCII with one space between them')
    .optional()
    .describe('Space-delimited scope values. Sent on refresh only where it stands here.'),
  clientAuthentication: clientAuthenticationSchema
    .optional()
    .describe(
      "How the client proves itself to the token endpoint. Default: the preset's, else client_secret_basic.",
    ),
  basicEncoding: basicEncodingSchema
    .optional()
    .describe(
      'How id and secret are written into HTTP Basic: "form" as RFC 6749 says, "raw" for servers that do not decode.',
    ),
  parameters: parametersSchema
    .optional()
    .describe('Further parameters of the token request, such as "audience". Never a secret.'),
  rules: connectionRulesSchema
    .optional()
    .describe(
      'What the provider does differently, in the words of a preset. Joined over those of "provider", or over RFC 6749.',
    ),
  acceptExperimental: z
    .boolean()
    .optional()
    .describe(
      'Uses a preset although parts of it were not verified against the documentation. Default false.',
    ),
  token: secretReference
    .optional()
    .describe('An existing secret to which the token is published, in place of `<namespace>/tokens/<name>`.'),
  publishTo: z
    .enum(['secret', 'parameter'])
    .optional()
    .describe(
      'Where the token goes: its secret, or, where its lifetime is too short for one, a parameter that the secret points to. Readers in another Region or account need `secret`. Default: by its lifetime.',
    ),
  defaultLifetimeSeconds: seconds
    .optional()
    .describe('Lifetime where neither response, preset nor the token itself says. Default 3600.'),
  marginSeconds: seconds
    .optional()
    .describe(
      'How long before expiry the token is replaced. Default min(lifetime / 2, max(600, lifetime / 10)).',
    ),
  readerCacheSeconds: z
    .int(NOT_NEGATIVE)
    .nonnegative(NOT_NEGATIVE)
    .optional()
    .describe('For how long readers cache the token. Default 300; 0 for readers that do not cache.'),
  consoleRotate: z
    .boolean()
    .optional()
    .describe(
      'Lets "Rotate secret immediately" in the console refresh this connection, where CDK deploys it. Not with "token". Default false.',
    ),
  adopt: z
    .boolean()
    .optional()
    .describe('The secrets exist already: refer to them in place of creating them. Default false.'),
  publishIdToken: z
    .boolean()
    .optional()
    .describe('Publishes the `id_token` of the answer with the token. Default false.'),
  declaredBy: z
    .literal('cli')
    .optional()
    .describe('Says that the command declared it and may edit it. Default: CDK, or whoever else did.'),
});

export type ConnectionFields = z.infer<typeof connectionFieldsSchema>;
