import type { EndpointRules, RequestRules } from '../oauth/endpoint-rules.ts';
import { AUTHORIZATION_CODE, CLIENT_CREDENTIALS, PASSWORD, REFRESH_TOKEN } from '../oauth/grant-type.ts';
import type { Connection, SecretReference } from './connection.ts';
import { ConnectionError } from './connection-error.ts';
import { credentialOrigins } from './credential-origins.ts';
import { didYouMean } from './parse/suggestions.ts';
import { checkPlaceholders, fillPlaceholders, fillTemplate } from './placeholders.ts';
import {
  type AccessTokenRules,
  type Budget,
  type ProviderPreset,
  providerPresetSchema,
  type RefreshTokenRules,
} from './provider-preset.ts';

/** A connection with its preset applied: everything that a refresh needs to know, nothing secret. */
export interface ResolvedConnection extends EndpointRules {
  readonly name: string;
  /** The preset's id, for messages. */
  readonly provider: string;
  /** Absent when only an issuer is known: discovery finds it. */
  readonly tokenUrl: string | undefined;
  /** Where the refresh_token grant goes when it is not the token URL. */
  readonly refreshUrl: string | undefined;
  readonly issuer: string | undefined;
  readonly credentials: string | SecretReference;
  /** Where they are sent, in the words of `allowed_token_origins`; what the issuer names is not among it. */
  readonly origins: readonly string[];
  /** The ordered chain of grant types, never empty. */
  readonly grants: readonly string[];
  /** Space-delimited, as declared. */
  readonly scope: string | undefined;
  readonly refreshToken: RefreshTokenRules;
  readonly accessToken: AccessTokenRules;
  readonly budgets: readonly Budget[];
  readonly token: SecretReference | undefined;
  /** From the preset: before JWT `exp`. */
  readonly presetLifetimeSeconds: number | undefined;
  /** From the connection: after JWT `exp`. */
  readonly defaultLifetimeSeconds: number | undefined;
  readonly marginSeconds: number | undefined;
  readonly publishIdToken: boolean;
}

/** The preset of a connection that names none: what RFC 6749 says. */
export const RFC_PRESET: ProviderPreset = providerPresetSchema.parse({
  schema: 1,
  id: 'rfc6749',
  name: 'OAuth 2.0',
  docsUrl: 'https://www.rfc-editor.org/rfc/rfc6749',
  verifiedAt: '2012-10-31',
  grants: [CLIENT_CREDENTIALS],
});

/** What a provider whose grant types nobody lists is offered for. */
export const RFC_GRANTS: readonly string[] = [
  CLIENT_CREDENTIALS,
  REFRESH_TOKEN,
  AUTHORIZATION_CODE,
  PASSWORD,
];

/**
 * Applies a preset to a connection. Its own `tokenUrl` or `issuer` takes the place of all URLs of the
 * preset: credentials go nowhere but there.
 * @throws ConnectionError for a missing, unknown or ill-formed placeholder, a grant type that the provider
 * lacks, or no way to know the token endpoint
 */
export function resolveConnection(
  name: string,
  connection: Connection,
  preset: ProviderPreset = RFC_PRESET,
): ResolvedConnection {
  checkGrants(connection, preset);
  return {
    name,
    provider: preset.id,
    ...endpoints(connection, preset),
    credentials: connection.credentials,
    origins: credentialOrigins(connection, preset),
    grants: connection.grants ?? preset.grants,
    scope: connection.scope,
    request: requestRules(connection, preset),
    response: preset.response,
    errors: preset.errors,
    refreshToken: preset.refreshToken,
    accessToken: preset.accessToken,
    budgets: preset.budgets,
    token: connection.token,
    presetLifetimeSeconds: preset.defaultLifetimeSeconds,
    defaultLifetimeSeconds: connection.defaultLifetimeSeconds,
    marginSeconds: connection.marginSeconds,
    publishIdToken: connection.publishIdToken ?? false,
  };
}

function endpoints(
  connection: Connection,
  preset: ProviderPreset,
): Pick<ResolvedConnection, 'tokenUrl' | 'refreshUrl' | 'issuer'> {
  const values = connection.placeholders ?? {};
  checkPlaceholders(preset, values);
  const { tokenUrl, issuer } = connection;
  const fill = (template: string | undefined) =>
    template === undefined ? undefined : fillPlaceholders(template, preset, values);
  if (tokenUrl !== undefined || issuer !== undefined) {
    return { tokenUrl, refreshUrl: fill(connection.rules?.refreshUrl), issuer };
  }
  if (preset.tokenUrl === undefined && preset.issuer === undefined) {
    throw new ConnectionError(
      `tokenUrl: ${preset.name} has no token endpoint of its own; set "tokenUrl" or "issuer"`,
    );
  }
  return {
    tokenUrl: fill(preset.tokenUrl),
    refreshUrl: fill(preset.refreshUrl),
    issuer: fill(preset.issuer),
  };
}

function requestRules(connection: Connection, preset: ProviderPreset): RequestRules {
  const rules = filledIn(preset.request, preset, connection.placeholders ?? {});
  return {
    ...rules,
    ...(connection.clientAuthentication !== undefined && {
      clientAuthentication: connection.clientAuthentication,
      clientAuthenticationByGrant: {},
    }),
    ...(connection.basicEncoding !== undefined && { basicEncoding: connection.basicEncoding }),
    parameters: { ...rules.parameters, ...connection.parameters },
  };
}

/**
 * The rules with the placeholders of their templates filled in, wherever they stand.
 * @throws ConnectionError for a value that is missing
 */
function filledIn<Value>(
  value: Value,
  preset: ProviderPreset,
  values: Readonly<Record<string, string>>,
): Value {
  const fill = (each: unknown): unknown => {
    if (typeof each === 'string') return each.includes('{') ? fillTemplate(each, preset, values) : each;
    if (Array.isArray(each)) return each.map(fill);
    if (typeof each !== 'object' || each === null) return each;
    return Object.fromEntries(Object.entries(each).map(([key, inner]) => [key, fill(inner)]));
  };
  return fill(value) as Value;
}

function checkGrants(connection: Connection, preset: ProviderPreset): void {
  const { name, supportedGrants } = preset;
  // RFC 6749 section 4.5 lets a server define further grant types: where no list is, nobody knows better.
  if (supportedGrants === undefined) return;
  for (const grant of connection.grants ?? []) {
    if (supportedGrants.includes(grant)) continue;
    throw new ConnectionError(
      `grants: ${name} has no grant type "${grant}"${didYouMean(grant, supportedGrants)}; ` +
        `it knows ${supportedGrants.join(', ')}`,
    );
  }
}
