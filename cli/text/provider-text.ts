import { neededCredentials } from '../../functions/connections/needed-credentials.ts';
import {
  type Budget,
  isExperimental,
  type ProviderPreset,
  type RefreshTokenRules,
} from '../../functions/connections/provider-preset.ts';
import {
  accessTokenText,
  budgetTexts,
  refreshTokenText,
  verificationText,
} from '../../functions/providers/describe-preset.ts';
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
  readonly credentials: readonly string[];
  readonly placeholders: ProviderPreset['placeholders'];
  readonly tokenUrl: string | null;
  readonly authorizationUrl: string | null;
  readonly revocationUrl: string | null;
  /** What must stand in a connection's `parameters` or `scope`, with what it is. */
  readonly requiredParameters: Readonly<Record<string, string>>;
  /** Of an access token, where the answer does not say. */
  readonly defaultLifetimeSeconds: number | null;
  /** Absent where the provider has no refresh tokens. */
  readonly refreshToken: RefreshTokenRules | null;
  readonly budgets: readonly Budget[];
  /** Whether a connection must say `acceptExperimental`. */
  readonly experimental: boolean;
  readonly verifiedAt: string | null;
  /** Fields that nobody read in the documentation. */
  readonly recalled: readonly string[];
  readonly obtain: string | null;
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
    requiredParameters: request.requiredParameters,
    defaultLifetimeSeconds: preset.defaultLifetimeSeconds ?? null,
    refreshToken: refreshTokenText(preset) === undefined ? null : preset.refreshToken,
    budgets: preset.budgets,
    experimental: isExperimental(preset),
    verifiedAt: preset.verifiedAt ?? null,
    recalled: preset.recalled,
    obtain: preset.obtain ?? null,
    notes: preset.notes ?? null,
  };
}

export interface ProviderTableOptions {
  readonly paint: Paint;
  /** Columns of the terminal. Default: as many as the table needs. */
  readonly width?: number | undefined;
}

export function providerTable(presets: readonly ProviderPreset[], options: ProviderTableOptions): string {
  const columns: readonly Column<ProviderPreset>[] = [
    { title: 'id', text: ({ id }) => id },
    { title: 'name', text: ({ name }) => name, dispensable: 1 },
    { title: 'grants', text: ({ grants }) => grants.map(shortGrant).join(', ') },
    {
      title: 'needs',
      dispensable: 2,
      text: ({ grants, request, placeholders }) =>
        [...neededCredentials(grants, request), ...Object.keys(placeholders)].join(', '),
    },
    {
      title: '',
      text: (preset) => (isExperimental(preset) ? 'experimental' : ''),
      style: () => 'yellow',
    },
  ];
  return tableText(columns, presets, options);
}

/** `jwt-bearer` of an URN, which takes a line by itself. */
const shortGrant = (grant: string) => grant.replace(/^urn:.*:/, '');

export function providerDetail(preset: ProviderPreset): string {
  const needs = providerJson(preset);
  const others = needs.supportedGrants.filter((grant) => !needs.grants.includes(grant));
  const rotation = refreshTokenText(preset);
  const pairs: (readonly [string, string])[] = [
    ['provider', `${needs.id} (${needs.name})`],
    ['grants', needs.grants.join(', ')],
    ...(others.length > 0 ? [['also', others.join(', ')] as const] : []),
    ['credentials', needs.credentials.join(', ')],
    ...(preset.identity === undefined
      ? []
      : [['or no secret', '"identity": "aws", where the provider trusts the role'] as const]),
    ['token URL', needs.tokenUrl ?? preset.issuer ?? 'the connection\'s "tokenUrl" or "issuer"'],
    ['sign in at', needs.authorizationUrl ?? 'the connection\'s "authorizationUrl"'],
    ['revoke at', needs.revocationUrl ?? 'no endpoint known'],
    ['access token', plain(accessTokenText(preset))],
    ...(rotation === undefined ? [] : [['refresh token', plain(rotation)] as const]),
    ...budgetTexts(preset).map((budget) => ['budget', budget] as const),
    ['documentation', needs.docsUrl],
    ['status', verificationText(preset)],
  ];
  const parts = [
    pairsText(pairs),
    ...listed('Placeholders to fill in', placeholderTexts(preset)),
    ...listed(
      'Parameters to give',
      Object.entries(needs.requiredParameters).map(([key, what]) => `${key}: ${what}`),
    ),
    ...(needs.obtain === null ? [] : [wrapped(`To obtain: ${needs.obtain}`)]),
    ...(needs.notes === null ? [] : [wrapped(needs.notes)]),
    `In connections.json:\n  ${example(preset)}`,
    ...(needs.experimental
      ? [wrapped('"acceptExperimental" says that you have read above what nobody verified.')]
      : []),
  ];
  return parts.join('\n\n');
}

function listed(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [`${title}:\n${lines.map((line) => `  ${line}`).join('\n')}`];
}

function placeholderTexts({ placeholders }: ProviderPreset): readonly string[] {
  return Object.entries(placeholders).map(
    ([key, { description, example: value, values, default: fallback }]) => {
      const allowed = Object.keys(values ?? {}).map((each) => `"${each}"`);
      const which = allowed.length > 0 ? `one of ${allowed.join(', ')}` : `e.g. "${value}"`;
      const otherwise = fallback === undefined ? '' : ` (default "${fallback}")`;
      return `${key}: ${description.replace(/\.$/, '')}, ${which}${otherwise}`;
    },
  );
}

/** Without the marks of Markdown. */
const plain = (text: string) => text.replaceAll('`', '');

/** The least that a connection to this provider says. */
function example(preset: ProviderPreset): string {
  const { id, placeholders, request } = preset;
  const values = Object.entries(placeholders)
    .filter(([, { default: fallback }]) => fallback === undefined)
    .map(([key, { example: value }]) => [key, value]);
  const { scope, ...parameters } = request.requiredParameters;
  const needsUrl = preset.tokenUrl === undefined && preset.issuer === undefined;
  const connection = {
    provider: id,
    ...(needsUrl && { tokenUrl: 'https://…' }),
    ...(values.length > 0 && { placeholders: Object.fromEntries(values) }),
    ...(scope !== undefined && { scope: '…' }),
    ...(Object.keys(parameters).length > 0 && {
      parameters: Object.fromEntries(Object.keys(parameters).map((key) => [key, '…'])),
    }),
    credentials: `${id}-main`,
    ...(isExperimental(preset) && { acceptExperimental: true }),
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
