import { didYouMean } from '../text/near-name.ts';
import { ConnectionError } from './connection-error.ts';
import type { Placeholder } from './placeholder-schema.ts';

export type { Placeholder } from './placeholder-schema.ts';

type Values = Readonly<Record<string, string>>;
/** What of a preset has to do with its placeholders. */
interface Preset {
  readonly name: string;
  readonly placeholders: Readonly<Record<string, Placeholder>>;
}

const REFERENCE = /\{([a-z][A-Za-z0-9_]*)\}/g;

/** The names of the placeholders that a URL or another template holds. */
export function placeholdersIn(template: string): readonly string[] {
  return [...template.matchAll(/\{([^{}]+)\}/g)].map(([, key = '']) => key);
}

/** What is wrong with a placeholder as a preset has it. */
export function placeholderProblems({ pattern, values, default: fallback, example }: Placeholder): string[] {
  if ((pattern === undefined) === (values === undefined)) {
    return ['needs either a pattern or a list of values: it guards what operators write'];
  }
  const problems = accepts({ pattern, values }, example)
    ? []
    : [
        pattern === undefined
          ? `the example "${example}" is not among the values`
          : `the pattern ${pattern} does not match its example "${example}"`,
      ];
  const isUsable = fallback === undefined || accepts({ pattern, values }, fallback);
  return isUsable ? problems : [...problems, `the default "${fallback}" is none of the values it allows`];
}

/** Nothing that is filled in may open a placeholder of its own, or break a line. */
const NEVER = /[{}\p{Cc}]/u;
/** More than any host, tenant or account has. */
const LONGEST_VALUE = 1_000;

function accepts({ pattern, values }: Pick<Placeholder, 'pattern' | 'values'>, value: string): boolean {
  if (values !== undefined) return Object.hasOwn(values, value);
  if (pattern === undefined || value.length > LONGEST_VALUE || NEVER.test(value)) return false;
  try {
    return new RegExp(`^(?:${pattern})$`).test(value);
  } catch {
    return false;
  }
}

/**
 * Refuses values that the preset has no placeholder for, and values that do not match their pattern.
 * @throws ConnectionError
 */
export function checkPlaceholders(preset: Preset, values: Values): void {
  const known = Object.keys(preset.placeholders);
  for (const [key, value] of Object.entries(values)) {
    const placeholder = Object.hasOwn(preset.placeholders, key) ? preset.placeholders[key] : undefined;
    if (placeholder === undefined) {
      const list =
        known.length === 0 ? 'it has none' : `it has ${known.map((name) => `"${name}"`).join(', ')}`;
      throw new ConnectionError(
        `placeholders: ${preset.name} has no placeholder "${key}"${didYouMean(key, known)}; ${list}`,
      );
    }
    if (!accepts(placeholder, value)) {
      const allowed = Object.keys(placeholder.values ?? {});
      const hint =
        allowed.length > 0
          ? `one of ${allowed.map((each) => `"${each}"`).join(', ')}`
          : `e.g. "${placeholder.example}"`;
      throw new ConnectionError(
        `placeholders: "${value}" is no ${key} of ${preset.name}: ${placeholder.description}, ${hint}`,
      );
    }
  }
}

/**
 * Fills the `{placeholder}`s of one of the preset's URLs.
 * @throws ConnectionError when a value is missing, ill-formed or unknown, or the result is no https URL
 */
export function fillPlaceholders(template: string, preset: Preset, values: Values): string {
  const filled = fillTemplate(template, preset, values);
  const url = URL.canParse(filled) ? new URL(filled) : undefined;
  const isSafe = url?.protocol === 'https:' || template === filled;
  if (url === undefined || !isSafe || url.username !== '' || url.password !== '' || url.hash !== '') {
    throw new ConnectionError(
      `placeholders: with these values ${preset.name} would be at "${filled}", which is no https URL that can be used`,
    );
  }
  return filled;
}

/**
 * Fills the `{placeholder}`s of a template; what is none of the preset's is left for whoever builds the request.
 * @throws ConnectionError when a value is missing, ill-formed or unknown
 */
export function fillTemplate(template: string, preset: Preset, values: Values): string {
  checkPlaceholders(preset, values);
  return template.replace(REFERENCE, (whole, key: string) => {
    const placeholder = Object.hasOwn(preset.placeholders, key) ? preset.placeholders[key] : undefined;
    if (placeholder === undefined) return whole;
    const value = (Object.hasOwn(values, key) ? values[key] : undefined) ?? placeholder.default;
    if (value !== undefined) return placeholder.values?.[value] ?? value;
    throw new ConnectionError(
      `placeholders: ${preset.name} needs "${key}": ${placeholder.description}, e.g. "${placeholder.example}"`,
    );
  });
}
