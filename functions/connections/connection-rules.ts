import * as z from 'zod';
import { ConnectionError } from './connection-error.ts';
import { joinRules } from './join-rules.ts';
import { type ProviderPreset, presetRulesShape, providerPresetSchema } from './provider-preset.ts';

export { joinRules } from './join-rules.ts';

/** The sections of a preset, of which rules may say a part. */
const SECTIONS = ['request', 'response', 'errors', 'refreshToken', 'accessToken'];

type Shape = typeof presetRulesShape;
type Written<Key extends keyof Shape> = z.input<Shape[Key]>;

/**
 * What a provider does differently, as a connection or a file of connections says it: any part of a preset. Only
 * what is written is in it, no defaults.
 */
export type ConnectionRules = { readonly [Key in keyof Shape]?: Written<Key> | undefined };

/** A schema for a part of an object: every field may be absent, and none has a default. */
function partOf(shape: Readonly<Record<string, z.core.$ZodType>>): z.ZodObject {
  const fields = Object.entries(shape).map(([key, field]) => [key, z.optional(withoutDefault(key, field))]);
  return z.strictObject(Object.fromEntries(fields));
}

function withoutDefault(key: string, field: z.core.$ZodType): z.core.$ZodType {
  const isWrapped =
    field instanceof z.ZodDefault || field instanceof z.ZodPrefault || field instanceof z.ZodOptional;
  if (isWrapped) return withoutDefault(key, field.unwrap());
  return SECTIONS.includes(key) && field instanceof z.ZodObject ? partOf(field.shape) : field;
}

/** The rules of a connection, or of a provider that a file of connections defines under `presets`. */
export const connectionRulesSchema = partOf(presetRulesShape) as unknown as z.ZodType<ConnectionRules>;

/**
 * A preset as a connection bends it.
 * @throws ConnectionError where the two together make no sense
 */
export function withRules(preset: ProviderPreset, rules: ConnectionRules | undefined): ProviderPreset {
  if (rules === undefined) return preset;
  const parsed = providerPresetSchema.safeParse(joinRules(preset, rules));
  if (parsed.success) return parsed.data;
  const reasons = parsed.error.issues.map(
    ({ path, message }) => `${['rules', ...path].join('.')}: ${message}`,
  );
  throw new ConnectionError(reasons.join('; '));
}
