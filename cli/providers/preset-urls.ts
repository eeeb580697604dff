import { ConnectionError } from '../../functions/connections/connection-error.ts';
import { endpointUrlProblem, issuerProblem } from '../../functions/connections/endpoint-url.ts';
import {
  checkPlaceholders,
  fillPlaceholders,
  placeholdersIn,
} from '../../functions/connections/placeholders.ts';
import type { ProviderPreset } from '../../functions/connections/provider-preset.ts';

/** Values that would leave the place that a URL has for them, or that nobody can read. */
export const HOSTILE_VALUES: readonly string[] = [
  '',
  ' ',
  '.',
  '..',
  'a b',
  'a/b',
  'x/../y',
  'evil.example/',
  '//evil.example',
  'https://evil.example',
  'a@b',
  'a:b@evil.example',
  'a#b',
  'a?b',
  'a&b=c',
  'a\\b',
  'a\nb',
  'a\r\nHost: evil.example',
  'a\0b',
  '%2f',
  '%2e%2e',
  'a%0ab',
  '{credential.client_secret}',
  '{tokenUrl}',
  'ａ',
  'ex\u0430mple',
  'a\u3002b',
  'a\u2044b',
  'a\u202eb',
  'a'.repeat(10_240),
];

/** Hosts of somebody else, and of nobody. */
export const FOREIGN_HOSTS: readonly string[] = [
  'x.evil.example',
  'localhost',
  '127.0.0.1',
  '169.254.169.254',
];

/** Every URL of a preset that it has, with its place. */
export function presetUrlTemplates(
  preset: ProviderPreset,
): readonly (readonly [place: string, url: string])[] {
  const { issuer, tokenUrl, refreshUrl, authorizationUrl, deviceAuthorizationUrl, probe, revocation } =
    preset;
  const all = {
    issuer,
    tokenUrl,
    refreshUrl,
    authorizationUrl,
    deviceAuthorizationUrl,
    'probe.url': probe?.url,
    'revocation.url': revocation?.url,
  };
  return Object.entries(all).flatMap(([place, url]) => (url === undefined ? [] : [[place, url] as const]));
}

/** What a URL of a revocation may hold beside placeholders. */
const CLIENTS_OWN = /\{credential\.client_id\}/g;

/** Which URLs cannot be used once their placeholders are filled in, with the examples and with each listed value. */
export function urlProblems(preset: ProviderPreset): readonly string[] {
  return presetUrlTemplates(preset).flatMap(([place, template]) => {
    const judge = place === 'issuer' ? issuerProblem : endpointUrlProblem;
    return fillings(preset, placeholdersIn(template)).flatMap((values) => {
      try {
        const problem = judge(fillPlaceholders(template.replace(CLIENTS_OWN, 'client'), preset, values));
        return problem === undefined ? [] : [`${place}: ${problem}`];
      } catch (error) {
        if (error instanceof ConnectionError) return [`${place}: ${error.message}`];
        throw error;
      }
    });
  });
}

function fillings(
  preset: ProviderPreset,
  keys: readonly string[],
): readonly Readonly<Record<string, string>>[] {
  const examples = Object.fromEntries(
    Object.entries(preset.placeholders).map(([key, { example }]) => [key, example]),
  );
  const listed = keys.flatMap((key) =>
    Object.keys(preset.placeholders[key]?.values ?? {}).map((value) => ({ ...examples, [key]: value })),
  );
  return [examples, ...listed];
}

/** Hostile values that a placeholder of a URL lets through, in a sentence for each placeholder. */
export function placeholderWeaknesses(preset: ProviderPreset): readonly string[] {
  return keysInUrls(preset).flatMap((key) => {
    const accepted = HOSTILE_VALUES.filter((value) => isAccepted(preset, key, value));
    if (accepted.length === 0) return [];
    return [
      `placeholders.${key}.pattern: lets ${shown(accepted)} through, which would leave the place in the URL: ` +
        'allow the characters that the provider uses, and no more',
    ];
  });
}

/** Placeholders that are the whole end of a host, and take any: right only for a server that anybody runs. */
export function anyHostPlaceholders(preset: ProviderPreset): readonly string[] {
  const ends = presetUrlTemplates(preset).flatMap(
    ([, url]) => /^https:\/\/[^/?#]*\{([^{}]+)\}(?::\d+)?(?=[/?]|$)/.exec(url)?.[1] ?? [],
  );
  return [...new Set(ends)].filter((key) => FOREIGN_HOSTS.some((host) => isAccepted(preset, key, host)));
}

function keysInUrls(preset: ProviderPreset): readonly string[] {
  return [...new Set(presetUrlTemplates(preset).flatMap(([, url]) => placeholdersIn(url)))];
}

function isAccepted(preset: ProviderPreset, key: string, value: string): boolean {
  try {
    checkPlaceholders(preset, { [key]: value });
    return true;
  } catch (error) {
    if (error instanceof ConnectionError) return false;
    throw error;
  }
}

const MOST_SHOWN = 3;

function shown(values: readonly string[]): string {
  const texts = values.slice(0, MOST_SHOWN).map((value) => JSON.stringify(value.slice(0, 40)));
  const more = values.length - texts.length;
  return more > 0 ? `${texts.join(', ')} and ${more} more` : texts.join(', ');
}
