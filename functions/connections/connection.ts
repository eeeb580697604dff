import { z } from 'zod';
import {
  basicEncodingSchema,
  clientAuthenticationSchema,
  parametersSchema,
} from '../oauth/endpoint-rules.ts';
import { nameProblem } from './connection-name.ts';

const name = z.string().superRefine((value, context) => {
  const problem = nameProblem(value);
  if (problem !== undefined) context.addIssue({ code: 'custom', message: `"${value}" ${problem}` });
});

const secretArn = z
  .string()
  .regex(/^arn:[a-z0-9-]+:secretsmanager:[a-z0-9-]+:\d{12}:secret:.+$/, 'must be the ARN of a secret');

/** Any existing secret; `fields` maps a field's RFC name to the name that it has in that secret's JSON. */
const secretReference = z.strictObject({
  secretArn,
  fields: z.record(z.string().min(1), z.string().min(1)).default({}),
});
export type SecretReference = z.infer<typeof secretReference>;

const url = z.url({ protocol: /^https?$/, error: 'must be a URL that begins with https://' });
const seconds = z.number().int().positive();

/**
 * A connection as it is declared: one set of tokens that is kept fresh. Absent means the preset's value
 * or the default; unknown keys are refused.
 */
export const connectionSchema = z
  .strictObject({
    /** Version of this shape. Default 1; a newer one is refused before anything is spent. */
    schema: z.literal(1).optional(),
    /** Id of a provider preset, e.g. `kajabi`. */
    provider: z.string().min(1).optional(),
    /** Issuer identifier whose metadata (RFC 8414) names the token endpoint. */
    issuer: url.optional(),
    /** The token endpoint; overrides the preset's. */
    tokenUrl: url.optional(),
    authorizationUrl: url.optional(),
    /** Values for the placeholders in the preset's URLs. */
    placeholders: z.record(z.string(), z.string().min(1)).optional(),
    /** Name of the credentials, or an existing secret. Several connections may share them. */
    credentials: z.union([name, secretReference]),
    /** Ordered grant types; the next is used when one is refused for good. */
    grants: z.array(z.string().min(1).max(200)).min(1).optional(),
    scope: z.string().min(1).optional(),
    clientAuthentication: clientAuthenticationSchema.optional(),
    basicEncoding: basicEncodingSchema.optional(),
    /** Further parameters of the token request, e.g. `audience`. */
    parameters: parametersSchema.optional(),
    /** An existing secret to which the token is published, in place of `<namespace>/tokens/<name>`. */
    token: secretReference.optional(),
    /** Lifetime where neither response, preset nor the token itself says. Default 3600. */
    defaultLifetimeSeconds: seconds.optional(),
    /** How long before expiry the token is replaced. Default min(lifetime / 2, max(600, lifetime / 10)). */
    marginSeconds: seconds.optional(),
    /** For how long readers cache the token. Default 300, 0 for readers that do not cache. */
    readerCacheSeconds: z.number().int().nonnegative().optional(),
    /** Lets "Rotate secret immediately" in the console refresh this connection. Default false. */
    consoleRotate: z.boolean().optional(),
    /** The secrets exist already: refer to them in place of creating them. Default false. */
    adopt: z.boolean().optional(),
    /** Publishes the `id_token` of the answer with the token. Default false. */
    publishIdToken: z.boolean().optional(),
  })
  .superRefine((connection, context) => {
    if (
      connection.provider === undefined &&
      connection.issuer === undefined &&
      connection.tokenUrl === undefined
    ) {
      context.addIssue({
        code: 'custom',
        message: 'needs one of "provider", "issuer" or "tokenUrl" to know where tokens come from',
      });
    }
  });

export type Connection = z.infer<typeof connectionSchema>;

/** The file `connections.json`. */
export const connectionsFileSchema = z.strictObject({
  $schema: z.string().optional(),
  connections: z.record(name, connectionSchema),
});
export type ConnectionsFile = z.infer<typeof connectionsFileSchema>;
