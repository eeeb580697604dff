import { closest, distance } from 'fastest-levenshtein';
import { z } from 'zod';

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

/** A name without case and separators: `clientId` and `client_id` are the same. */
export const plainName = (name: string) => name.toLowerCase().replace(/[^a-z0-9]/g, '');

/** The candidate that `word` most likely meant; `undefined` when none is near. */
export function nearName(word: string, candidates: readonly string[]): string | undefined {
  if (candidates.length === 0) return undefined;
  const written = plainName(word);
  const exact = candidates.find((candidate) => plainName(candidate) === written);
  if (exact !== undefined) return exact;
  const best = closest(word, candidates);
  return distance(word, best) <= Math.max(1, Math.floor(word.length / 3)) ? best : undefined;
}

/** `; did you mean "…"?`, or nothing. */
export function didYouMean(word: string, candidates: readonly string[]): string {
  const near = nearName(word, candidates);
  return near === undefined ? '' : `; did you mean "${near}"?`;
}
