import { readFileSync } from 'node:fs';
import { neededCredentials } from '../functions/connections/needed-credentials.ts';
import type { Placeholder } from '../functions/connections/placeholders.ts';
import { isExperimental, type ProviderPreset } from '../functions/connections/provider-preset.ts';
import {
  accessTokenText,
  authenticationText,
  budgetTexts,
  refreshTokenText,
  verificationText,
} from '../functions/providers/describe-preset.ts';
import { quirksOf } from '../functions/providers/quirks.ts';

/** What people write of the page; presets are put into it. */
const TEMPLATE = new URL('../docs/templates/providers.md', import.meta.url);

/** The text of `docs/providers.md`: a table of all presets, and a section for each. */
export function providerDocs(presets: readonly ProviderPreset[]): string {
  const sorted = presets.toSorted((one, other) => one.name.localeCompare(other.name, 'en'));
  const parts: Readonly<Record<string, string>> = {
    count: String(presets.length),
    table: table(sorted),
    sections: sorted.map(section).map(withShortGrants).join('\n\n'),
  };
  return readFileSync(TEMPLATE, 'utf8').replace(
    /\{\{(\w+)\}\}/g,
    (whole, name: string) => parts[name] ?? whole,
  );
}

function table(presets: readonly ProviderPreset[]): string {
  return [
    '| provider | grants | refresh token | status |',
    '| --- | --- | --- | --- |',
    ...presets.map((preset) => {
      const { id, name, grants } = preset;
      const rotation = refreshTokenText(preset)?.replace(/[:;].*$/, '') ?? '–';
      const mark = isExperimental(preset) ? 'experimental' : '';
      return `| [${cell(name)}](#${id}) | ${grants.map(shortGrant).join(', ')} | ${rotation} | ${mark} |`;
    }),
  ].join('\n');
}

/** `jwt-bearer` of an URN. */
const shortGrant = (grant: string) => withShortGrants(code(grant));
const withShortGrants = (text: string) =>
  text.replace(/`urn:ietf:params:oauth:grant-type:([\w-]+)`/g, '`$1`');

/** Nothing of a preset ends a cell, or a line. */
const cell = (text: string) => text.replace(/\s+/g, ' ').replaceAll('|', '\\|');

function section(preset: ProviderPreset): string {
  const { id, name, docsUrl, obtain, notes, request } = preset;
  const facts: readonly (readonly [what: string, text: string | undefined])[] = [
    ['Grants', grantsText(preset)],
    ['To obtain', obtain],
    ['Credentials', neededCredentials(preset.grants, request).map(code).join(', ')],
    [
      'Without a stored secret',
      preset.identity && '`"identity": "aws"`, where the provider is told to trust the role',
    ],
    ['Placeholders', joined(Object.entries(preset.placeholders).map(placeholderText))],
    [
      'Parameters to give',
      joined(Object.entries(request.requiredParameters).map(([key, what]) => `${code(key)}: ${what}`)),
    ],
    ['The client authenticates by', authenticationText(preset)],
    ['Access token', accessTokenText(preset)],
    ['Refresh token', refreshTokenText(preset)],
    ['Budget', joined(budgetTexts(preset))],
    ['Handled', joined(quirksOf(preset))],
  ];
  return [
    `### ${id}`,
    `**${name}**, ${verificationText(preset)}. [Its documentation](${docsUrl}).`,
    facts.flatMap(([what, text]) => (text ? [`- ${what}: ${withoutDot(text)}.`] : [])).join('\n'),
    ...(notes === undefined ? [] : [notes]),
  ].join('\n\n');
}

function grantsText({ grants, supportedGrants = grants }: ProviderPreset): string {
  const others = supportedGrants.filter((grant) => !grants.includes(grant));
  const also = others.length > 0 ? `; also ${others.map(code).join(', ')}` : '';
  return `${grants.map(code).join(', then ')}${also}`;
}

function placeholderText([key, { description, example, values, default: fallback }]: [
  string,
  Placeholder,
]): string {
  const allowed = Object.keys(values ?? {}).map(code);
  const such = example === fallback ? '' : `, such as ${code(example)}`;
  const which = allowed.length > 0 ? `, one of ${allowed.join(', ')}` : such;
  const otherwise = fallback === undefined ? '' : `, ${code(fallback)} where nothing is said`;
  return `${code(key)}: ${withoutDot(description)}${which}${otherwise}`;
}

const code = (text: string) => `\`${text}\``;
const withoutDot = (text: string) => text.replace(/\.$/, '');
const joined = (texts: readonly string[]) => (texts.length === 0 ? undefined : texts.join('; '));
