import { ConnectionError } from './connection.ts';
import { didYouMean } from './parse/suggestions.ts';
import type { ProviderPreset } from './provider-preset.ts';

type Values = Readonly<Record<string, string>>;

/**
 * Refuses values that the preset has no placeholder for, and values that do not match their pattern.
 * @throws ConnectionError
 */
export function checkPlaceholders(preset: ProviderPreset, values: Values): void {
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
    if (!new RegExp(`^(?:${placeholder.pattern})$`).test(value)) {
      throw new ConnectionError(
        `placeholders: "${value}" is no ${key} of ${preset.name}: ${placeholder.description}, e.g. "${placeholder.example}"`,
      );
    }
  }
}

/**
 * Fills the `{placeholder}`s of one of the preset's URLs.
 * @throws ConnectionError when a value is missing, ill-formed or unknown, or the result is no https URL
 */
export function fillPlaceholders(template: string, preset: ProviderPreset, values: Values): string {
  checkPlaceholders(preset, values);
  const filled = template.replace(/\{([^{}]+)\}/g, (_, key: string) => {
    const value = Object.hasOwn(values, key) ? values[key] : undefined;
    if (value !== undefined) return value;
    const placeholder = preset.placeholders[key];
    const hint = placeholder ? `: ${placeholder.description}, e.g. "${placeholder.example}"` : '';
    throw new ConnectionError(`placeholders: ${preset.name} needs "${key}"${hint}`);
  });
  const url = URL.canParse(filled) ? new URL(filled) : undefined;
  if (url?.protocol !== 'https:' || url.username !== '' || url.password !== '' || url.hash !== '') {
    throw new ConnectionError(
      `placeholders: with these values ${preset.name} would be at "${filled}", which is no https URL that can be used`,
    );
  }
  return filled;
}
