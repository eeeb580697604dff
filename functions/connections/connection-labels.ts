import type { Connection, SecretReference } from './connection.ts';

/** How AWS's word for the function's role is called where others have credentials, whose names have no colon. */
const OWN_IDENTITY = 'identity:aws';

/**
 * How the credentials of a connection are called: by their name, by the ARN of the secret that exists already, or,
 * where it has none, by the identity that stands in for them.
 */
export function credentialsName({
  credentials,
  clientId,
}: {
  readonly credentials?: string | SecretReference | undefined;
  readonly clientId?: string | undefined;
}): string {
  if (credentials === undefined) return clientId === undefined ? OWN_IDENTITY : `${OWN_IDENTITY}:${clientId}`;
  return typeof credentials === 'object' ? credentials.secretArn : credentials;
}

/** The preset of a connection, or the host that it names instead; `undefined` of one that names neither, or cannot be read. */
export function providerName({ provider, tokenUrl, issuer }: Partial<Connection>): string | undefined {
  return provider ?? URL.parse(tokenUrl ?? issuer ?? '')?.host;
}
