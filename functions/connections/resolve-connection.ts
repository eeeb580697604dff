import type { EndpointRules, RequestRules } from '../oauth/endpoint-rules.ts';
import { AUTHORIZATION_CODE, CLIENT_CREDENTIALS, PASSWORD, REFRESH_TOKEN } from '../oauth/grant-type.ts';
import type { Connection, SecretReference } from './connection.ts';
import { type ProviderPreset, providerPresetSchema, type RefreshTokenRules } from './provider-preset.ts';

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
  /** The ordered chain of grant types, never empty. */
  readonly grants: readonly string[];
  /** Space-delimited, as declared. */
  readonly scope: string | undefined;
  readonly refreshToken: RefreshTokenRules;
  readonly token: SecretReference | undefined;
  /** From the preset: before JWT `exp`. */
  readonly presetLifetimeSeconds: number | undefined;
  /** From the connection: after JWT `exp`. */
  readonly defaultLifetimeSeconds: number | undefined;
  readonly marginSeconds: number | undefined;
  readonly publishIdToken: boolean;
}

/** A connection cannot be used as declared. The message says what to change. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';
  readonly code = 'invalid_connection';
}

/** The preset of a connection that names none: what RFC 6749 says. */
export const RFC_PRESET: ProviderPreset = providerPresetSchema.parse({
  schema: 1,
  id: 'rfc6749',
  name: 'OAuth 2.0',
  docsUrl: 'https://www.rfc-editor.org/rfc/rfc6749',
  grants: [CLIENT_CREDENTIALS],
  supportedGrants: [CLIENT_CREDENTIALS, REFRESH_TOKEN, AUTHORIZATION_CODE, PASSWORD],
});

/**
 * Applies a preset to a connection.
 * @throws ConnectionError for a missing or ill-formed placeholder, or a grant type that the provider lacks.
 */
export function resolveConnection(
  name: string,
  connection: Connection,
  preset: ProviderPreset = RFC_PRESET,
): ResolvedConnection {
  checkGrants(connection, preset);
  const fill = (template: string | undefined) =>
    fillPlaceholders(template, preset, connection.placeholders ?? {});
  return {
    name,
    provider: preset.id,
    tokenUrl: connection.tokenUrl ?? fill(preset.tokenUrl),
    refreshUrl: connection.tokenUrl === undefined ? fill(preset.refreshUrl) : undefined,
    issuer: connection.issuer ?? fill(preset.issuer),
    credentials: connection.credentials,
    grants: connection.grants ?? preset.grants,
    scope: connection.scope,
    request: requestRules(connection, preset.request),
    response: preset.response,
    errors: preset.errors,
    refreshToken: preset.refreshToken,
    token: connection.token,
    presetLifetimeSeconds: preset.defaultLifetimeSeconds,
    defaultLifetimeSeconds: connection.defaultLifetimeSeconds,
    marginSeconds: connection.marginSeconds,
    publishIdToken: connection.publishIdToken ?? false,
  };
}

function requestRules(connection: Connection, rules: RequestRules): RequestRules {
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

function checkGrants(connection: Connection, preset: ProviderPreset): void {
  if (preset === RFC_PRESET) return;
  for (const grant of connection.grants ?? []) {
    if (!preset.supportedGrants.includes(grant)) {
      throw new ConnectionError(
        `grants: ${preset.name} has no grant type "${grant}"; it knows ${preset.supportedGrants.join(', ')}`,
      );
    }
  }
}

function fillPlaceholders(
  template: string | undefined,
  preset: ProviderPreset,
  values: Readonly<Record<string, string>>,
): string | undefined {
  return template?.replace(/\{([^{}]+)\}/g, (_, key: string) => {
    const value = values[key];
    const placeholder = preset.placeholders[key];
    if (value === undefined) {
      const hint = placeholder ? `: ${placeholder.description}, e.g. "${placeholder.example}"` : '';
      throw new ConnectionError(`placeholders: ${preset.name} needs "${key}"${hint}`);
    }
    if (placeholder && !new RegExp(`^(?:${placeholder.pattern})$`).test(value)) {
      throw new ConnectionError(
        `placeholders: "${value}" is no ${key}; expected e.g. "${placeholder.example}"`,
      );
    }
    return value;
  });
}
