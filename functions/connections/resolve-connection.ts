import type { IdentityRules } from '../oauth/assertion-rules.ts';
import type { EndpointRules, Parameters, RequestRules } from '../oauth/endpoint-rules.ts';
import { AUTHORIZATION_CODE, CLIENT_CREDENTIALS, PASSWORD, REFRESH_TOKEN } from '../oauth/grant-type.ts';
import { isSelfIssued } from '../oauth/request/self-issued-token.ts';
import { literal } from '../oauth/request/templates.ts';
import { didYouMean } from '../text/near-name.ts';
import type { Connection, SecretReference, SigningKey } from './connection.ts';
import { ConnectionError } from './connection-error.ts';
import { credentialOrigins } from './credential-origins.ts';
import { checkPlaceholders, fillPlaceholders, fillTemplate, placeholdersIn } from './placeholders.ts';
import type { AccessTokenRules, Budget, ProviderPreset, RefreshTokenRules } from './provider-preset.ts';
import { providerPresetShape } from './shapes/declared-shapes.ts';

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
  /** Absent only where `identity` takes their place. */
  readonly credentials: string | SecretReference | undefined;
  /** Signs assertions, in place of a private key of the credentials. */
  readonly signingKey: SigningKey | undefined;
  /** What is asked of AWS for the role's own identity; absent unless the connection wants it. */
  readonly identity: IdentityRules | undefined;
  /** In place of that of credentials. */
  readonly clientId: string | undefined;
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
  /** Where it goes; `undefined`: by its lifetime. */
  readonly publishTo: Connection['publishTo'];
  /** From the preset: before JWT `exp`. */
  readonly presetLifetimeSeconds: number | undefined;
  /** From the connection: after JWT `exp`. */
  readonly defaultLifetimeSeconds: number | undefined;
  readonly marginSeconds: number | undefined;
  readonly publishIdToken: boolean;
}

/** The preset of a connection that names none: what RFC 6749 says. */
export const RFC_PRESET = providerPresetShape({
  schema: 1,
  id: 'rfc6749',
  name: 'OAuth 2.0',
  docsUrl: 'https://www.rfc-editor.org/rfc/rfc6749',
  verifiedAt: '2012-10-31',
  grants: [CLIENT_CREDENTIALS],
}) as ProviderPreset;

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
    ...endpointsOf(connection, preset),
    ...proof(connection, preset),
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
    publishTo: connection.publishTo,
    presetLifetimeSeconds: preset.defaultLifetimeSeconds,
    defaultLifetimeSeconds: connection.defaultLifetimeSeconds,
    marginSeconds: connection.marginSeconds,
    publishIdToken: connection.publishIdToken ?? false,
  };
}

function proof(
  { credentials, signingKey, identity, clientId, placeholders = {} }: Connection,
  preset: ProviderPreset,
): Pick<ResolvedConnection, 'credentials' | 'signingKey' | 'identity' | 'clientId'> {
  if (identity === undefined) {
    if (credentials !== undefined) return { credentials, signingKey, identity, clientId: undefined };
    throw new ConnectionError('credentials: is missing; only a connection with "identity": "aws" needs none');
  }
  if (preset.identity === undefined) {
    throw new ConnectionError(
      `identity: nothing says how ${preset.name} takes a token of AWS: say it in "rules.identity", such as {"use": "client", "audience": "…"}, or store credentials`,
    );
  }
  const rules = filledIn(preset.identity, preset, placeholders);
  const [unknown] = placeholdersIn(rules.audience);
  if (unknown !== undefined) {
    throw new ConnectionError(
      `identity: its audience "${rules.audience}" holds "{${unknown}}", which nobody knows before a request: write it out, so that IAM can allow that audience alone`,
    );
  }
  return {
    credentials,
    signingKey,
    identity: rules,
    clientId: credentials === undefined ? clientId : undefined,
  };
}

/** The endpoints of a connection, for whoever needs no more of it. @throws ConnectionError as `resolveConnection` does */
export function endpointsOf(
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
  if (preset.tokenUrl === undefined && preset.issuer === undefined && asksSomebody(connection, preset)) {
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

/** Whether a grant of the connection needs an endpoint: a token that is signed here needs none. */
function asksSomebody(connection: Connection, { request, ...preset }: ProviderPreset): boolean {
  const identity = connection.identity === undefined ? undefined : preset.identity;
  const grants = connection.grants ?? preset.grants;
  return !grants.every((grantType) => isSelfIssued({ grantType, request, identity }));
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
    parameters: { ...rules.parameters, ...asTheyAre(connection.parameters) },
  };
}

/** What a connection gives itself is sent as it is: no template, whatever braces it holds. */
function asTheyAre(parameters: Parameters = {}): Parameters {
  return Object.fromEntries(
    Object.entries(parameters).map(([key, value]) => [
      key,
      typeof value === 'string' ? literal(value) : value.map(literal),
    ]),
  );
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
