import { credentialOrigins } from '../../functions/connections/credential-origins.ts';
import { presetOf } from '../../functions/connections/preset-of.ts';
import { TokenError } from '../../functions/oauth/token-error.ts';
import type { ConnectionState } from '../../functions/refresh/connection-state.ts';
import type { Deployment } from '../deployment.ts';

/** Where credentials are to be sent, as their secret says it. */
export interface OriginsOfCredentials {
  /** In the words of `allowed_token_origins`, sorted. */
  readonly origins: readonly string[];
  /** Issuers that did not say where their endpoints are: what they name may have to be added. */
  readonly silentIssuers: readonly string[];
}

/** Every origin to which these connections send the credentials that they share, what their issuers name included. */
export async function originsOfUsers(
  users: readonly Pick<ConnectionState, 'definition'>[],
  deployment: Pick<Deployment, 'presets' | 'tokenEndpoint'>,
): Promise<OriginsOfCredentials> {
  const origins = new Set<string>();
  const issuers = new Set<string>();
  for (const { definition } of users) {
    const preset = await presetOf(definition, deployment.presets);
    for (const origin of credentialOrigins(definition, preset)) origins.add(origin);
    const isDiscovered = definition.tokenUrl === undefined;
    if (isDiscovered && definition.issuer !== undefined) issuers.add(definition.issuer);
  }
  const silentIssuers: string[] = [];
  for (const issuer of issuers) {
    try {
      const metadata = await deployment.tokenEndpoint.metadata(issuer);
      const { token_endpoint, revocation_endpoint, device_authorization_endpoint } = metadata;
      for (const url of [token_endpoint, revocation_endpoint, device_authorization_endpoint]) {
        if (url !== undefined) origins.add(new URL(url).origin);
      }
    } catch (error) {
      if (!(error instanceof TokenError)) throw error;
      silentIssuers.push(issuer);
    }
  }
  return { origins: [...origins].sort(), silentIssuers };
}
