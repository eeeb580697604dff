import { z } from 'zod';

export const PARAMETER_TYPES = ['String', 'StringList', 'SecureString'] as const;
export type ParameterType = (typeof PARAMETER_TYPES)[number];

export const parameterName = z.string().min(1).max(2048);

/** What PutParameter takes. Description and key are accepted, and shown by no operation here; the key is kept. */
export const PutParameterSchema = z.strictObject({
  Name: parameterName,
  Value: z.string().min(1),
  Type: z.enum(PARAMETER_TYPES).optional(),
  Overwrite: z.boolean().optional(),
  Tier: z.enum(['Standard', 'Advanced', 'Intelligent-Tiering']).optional(),
  Description: z.string().max(1024).optional(),
  KeyId: z.string().min(1).max(256).optional(),
  DataType: z.literal('text').optional(),
});
export type PutParameterInput = z.infer<typeof PutParameterSchema>;

const ParameterRecordSchema = z.strictObject({
  /** As it was given, without an ARN around it. */
  name: z.string(),
  type: z.enum(PARAMETER_TYPES),
  value: z.string(),
  tier: z.enum(['Standard', 'Advanced']),
  /** Of a SecureString; absent where that is the account's `aws/ssm`. */
  keyId: z.string().optional(),
  version: z.number(),
  /** Epoch milliseconds. */
  modifiedAt: z.number(),
});

export type ParameterRecord = z.infer<typeof ParameterRecordSchema>;

/** What is stored between two runs. */
export const ParametersStateSchema = z.strictObject({
  schema: z.literal(1),
  parameters: z.array(ParameterRecordSchema),
});
export type ParametersState = z.infer<typeof ParametersStateSchema>;
