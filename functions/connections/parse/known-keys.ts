import * as z from 'zod';

/** The keys that `schema` allows at `path`; none where anything goes, or where there is no object. */
export function knownKeys(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  return path
    .reduce<z.core.$ZodType[]>((at, key) => at.flatMap((one) => children(one, key)), [schema])
    .flatMap(keysOf);
}

function keysOf(schema: z.core.$ZodType): string[] {
  return unwrap(schema).flatMap((plain) => (plain instanceof z.ZodObject ? Object.keys(plain.shape) : []));
}

function children(schema: z.core.$ZodType, key: PropertyKey): z.core.$ZodType[] {
  return unwrap(schema).flatMap((plain) => {
    if (plain instanceof z.ZodObject) {
      const child: z.core.$ZodType | undefined = plain.shape[String(key)];
      return child ? [child] : [];
    }
    if (plain instanceof z.ZodRecord) return [plain.valueType];
    if (plain instanceof z.ZodArray) return [plain.element];
    return [];
  });
}

/** Looks behind `optional`, `default` and unions. */
function unwrap(schema: z.core.$ZodType): z.core.$ZodType[] {
  if (schema instanceof z.ZodUnion) return schema.options.flatMap(unwrap);
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) {
    return unwrap(schema.unwrap());
  }
  return [schema];
}
