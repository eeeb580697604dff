import { endpointUrlProblem } from '../../functions/connections/endpoint-url.ts';
import { fillPlaceholders } from '../../functions/connections/placeholders.ts';
import { presetOf } from '../../functions/connections/preset-of.ts';
import {
  type ResolvedConnection,
  resolveConnection,
} from '../../functions/connections/resolve-connection.ts';
import type { IssuerMetadata } from '../../functions/oauth/discovery/issuer-metadata.ts';
import type { Parameters } from '../../functions/oauth/endpoint-rules.ts';
import { REFRESH_TOKEN } from '../../functions/oauth/grant-type.ts';
import type { ConnectionState } from '../../functions/refresh/connection-state.ts';
import { CommandFailed } from '../command-failed.ts';
import type { Deployment } from '../deployment.ts';

/** What is known of signing in at a connection's provider. */
export interface SignInProvider {
  readonly connection: ResolvedConnection;
  readonly tokenUrl: string;
  /** Absent where nothing names it. */
  readonly authorizationUrl: string | undefined;
  readonly deviceAuthorizationUrl: string | undefined;
  /** Further parameters of the authorization request: the preset's, and `audience` and `resource` of the connection. */
  readonly parameters: Parameters;
  readonly issuer: string | undefined;
  /** The provider says that it always names itself in its answer (RFC 9207 section 3). */
  readonly namesIssuer: boolean;
}

/** Parameters of the token request that belong into the authorization request too (RFC 8707 section 2.1). */
const SHARED_PARAMETERS = ['audience', 'resource'];

/**
 * Finds out where a person signs in: the connection says, else its preset, else the issuer's metadata. As with
 * token URLs, no URL of the preset is used when the connection has a token endpoint of its own.
 * @throws CommandFailed for a connection that uses no refresh token, ConnectionError, TokenError
 */
export async function findSignInProvider(
  { name, definition }: ConnectionState,
  { presets, tokenEndpoint }: Pick<Deployment, 'presets' | 'tokenEndpoint'>,
): Promise<SignInProvider> {
  const preset = await presetOf(definition, presets);
  const connection = resolveConnection(name, definition, preset);
  if (!connection.grants.includes(REFRESH_TOKEN)) {
    throw new CommandFailed(
      `"${name}" uses no refresh token, so that nobody needs to sign in: its grants are ${connection.grants.join(', ')}. ` +
        'To change that, add "refresh_token" to its "grants".',
    );
  }
  const { issuer } = connection;
  const metadata = issuer === undefined ? undefined : await tokenEndpoint.metadata(issuer);
  const isPresets = definition.tokenUrl === undefined && definition.issuer === undefined;
  const ofPreset = (template: string | undefined) =>
    isPresets && template !== undefined
      ? fillPlaceholders(template, preset, definition.placeholders ?? {})
      : undefined;
  const tokenUrl = connection.tokenUrl ?? metadata?.token_endpoint;
  if (tokenUrl === undefined)
    throw new CommandFailed(`"${name}" has no token endpoint: add "tokenUrl" or "issuer".`);
  const shared = Object.entries(definition.parameters ?? {}).filter(([key]) =>
    SHARED_PARAMETERS.includes(key),
  );
  return {
    connection,
    tokenUrl,
    authorizationUrl:
      definition.authorizationUrl ??
      ofPreset(preset.authorizationUrl) ??
      usable(metadata, 'authorization_endpoint'),
    deviceAuthorizationUrl:
      definition.deviceAuthorizationUrl ??
      ofPreset(preset.deviceAuthorizationUrl) ??
      usable(metadata, 'device_authorization_endpoint'),
    parameters: { ...preset.authorizationParameters, ...Object.fromEntries(shared) },
    issuer,
    namesIssuer: metadata?.authorization_response_iss_parameter_supported ?? false,
  };
}

/** The URL of an endpoint that a sign-in needs. @throws CommandFailed that says which key to add */
export function requiredUrl(
  { connection }: SignInProvider,
  url: string | undefined,
  key: 'authorizationUrl' | 'deviceAuthorizationUrl',
): string {
  if (url !== undefined) return url;
  const what = key === 'authorizationUrl' ? 'a person signs in' : 'a device asks for its code';
  throw new CommandFailed(
    `Where ${what} is not known of "${connection.name}": add "${key}" to it, or "issuer" where the provider ` +
      'publishes its metadata, and deploy.',
  );
}

/** What metadata names is judged as what a person declares. */
function usable(
  metadata: IssuerMetadata | undefined,
  name: 'authorization_endpoint' | 'device_authorization_endpoint',
): string | undefined {
  const url = metadata?.[name];
  if (url === undefined) return undefined;
  const problem = endpointUrlProblem(url);
  if (problem === undefined) return url;
  throw new CommandFailed(
    `The metadata of ${metadata?.issuer} names an ${name} that cannot be used: it ${problem}.`,
  );
}
