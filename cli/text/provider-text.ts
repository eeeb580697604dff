import { type CredentialField, neededCredentials } from '../../functions/connections/needed-credentials.ts';
import type { ProviderPreset } from '../../functions/connections/provider-preset.ts';
import type { Paint } from './colour.ts';
import { inlineJson } from './inline-json.ts';
import { type Column, pairsText, tableText } from './table.ts';

const WIDTH = 78;

/** What a connection to this provider needs of its operator. */
export interface ProviderNeeds {
  readonly id: string;
  readonly name: string;
  readonly docsUrl: string;
  /** The chain that a connection uses when it names none. */
  readonly grants: readonly string[];
  readonly supportedGrants: readonly string[];
  readonly credentials: readonly CredentialField[];
  readonly placeholders: ProviderPreset['placeholders'];
  readonly tokenUrl: string | null;
  readonly authorizationUrl: string | null;
  readonly revocationUrl: string | null;
  readonly notes: string | null;
}

export function providerJson(preset: ProviderPreset): ProviderNeeds {
  const { id, name, docsUrl, grants, supportedGrants = grants, placeholders, request } = preset;
  return {
    id,
    name,
    docsUrl,
    grants,
    supportedGrants,
    credentials: neededCredentials(grants, request),
    placeholders,
    tokenUrl: preset.tokenUrl ?? null,
    authorizationUrl: preset.authorizationUrl ?? null,
    revocationUrl: preset.revocation?.url ?? null,
    notes: preset.notes ?? null,
  };
}

export function providerTable(presets: readonly ProviderPreset[], paint: Paint): string {
  const columns: readonly Column<ProviderPreset>[] = [
    { title: 'id', text: ({ id }) => id },
    { title: 'name', text: ({ name }) => name },
    { title: 'grants', text: ({ grants }) => grants.join(', ') },
    {
      title: 'needs',
      text: ({ grants, request, placeholders }) =>
        [...neededCredentials(grants, request), ...Object.keys(placeholders)].join(', '),
    },
  ];
  return tableText(columns, presets, { paint });
}

export function providerDetail(preset: ProviderPreset): string {
  const needs = providerJson(preset);
  const others = needs.supportedGrants.filter((grant) => !needs.grants.includes(grant));
  const pairs: (readonly [string, string])[] = [
    ['provider', `${needs.id} (${needs.name})`],
    ['grants', needs.grants.join(', ')],
    ...(others.length > 0 ? [['also', others.join(', ')] as const] : []),
    ['credentials', needs.credentials.join(', ')],
    ['token URL', needs.tokenUrl ?? preset.issuer ?? 'the connection\'s "tokenUrl" or "issuer"'],
    ['sign in at', needs.authorizationUrl ?? 'the connection\'s "authorizationUrl"'],
    ['revoke at', needs.revocationUrl ?? 'no endpoint known'],
    ['documentation', needs.docsUrl],
  ];
  const placeholders = Object.entries(needs.placeholders).map(
    ([key, { description, example }]) => `  ${key}: ${description}, e.g. "${example}"`,
  );
  const parts = [
    pairsText(pairs),
    ...(placeholders.length > 0 ? [`Placeholders to fill in:\n${placeholders.join('\n')}`] : []),
    ...(needs.notes === null ? [] : [wrapped(needs.notes)]),
    `In connections.json:\n  ${example(preset)}`,
  ];
  return parts.join('\n\n');
}

function example({ id, placeholders }: ProviderPreset): string {
  const values = Object.entries(placeholders).map(([key, { example: value }]) => [key, value]);
  const connection = {
    provider: id,
    ...(values.length > 0 && { placeholders: Object.fromEntries(values) }),
    credentials: `${id}-main`,
  };
  return `"${id}": ${inlineJson(connection)}`;
}

function wrapped(text: string): string {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + word.length < WIDTH) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines.join('\n');
}
