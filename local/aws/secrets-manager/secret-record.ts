import { z } from 'zod';

/** A value as it is sent: text, or base64. Exactly one of the two. */
const SecretValueSchema = z.union([
  z.strictObject({ SecretString: z.string() }),
  z.strictObject({ SecretBinary: z.string() }),
]);

const SecretVersionSchema = z.strictObject({
  versionId: z.string(),
  /** Epoch milliseconds. */
  createdAt: z.number(),
  /** Absent while a rotation has only reserved the version. */
  value: SecretValueSchema.optional(),
  /** Staging labels; a version without any is deprecated. */
  stages: z.array(z.string()),
});

const SecretRecordSchema = z.strictObject({
  arn: z.string(),
  name: z.string(),
  description: z.string().optional(),
  kmsKeyId: z.string().optional(),
  tags: z.array(z.strictObject({ Key: z.string(), Value: z.string() })),
  createdAt: z.number(),
  changedAt: z.number(),
  /** When it was marked for deletion, and when it will be gone. */
  deletion: z.strictObject({ markedAt: z.number(), goneAt: z.number() }).optional(),
  rotation: z.strictObject({ lambdaArn: z.string(), lastRotatedAt: z.number().optional() }).optional(),
  /** Oldest first. */
  versions: z.array(SecretVersionSchema),
});

export type SecretValue = z.infer<typeof SecretValueSchema>;
export type SecretVersion = z.infer<typeof SecretVersionSchema>;
export type SecretRecord = z.infer<typeof SecretRecordSchema>;

/** What is stored between two runs. */
export const SecretsStateSchema = z.strictObject({
  schema: z.literal(1),
  secrets: z.array(SecretRecordSchema),
});
export type SecretsState = z.infer<typeof SecretsStateSchema>;
