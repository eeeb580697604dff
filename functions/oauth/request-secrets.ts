import type { Credentials } from './credentials.ts';
import { Secret } from './secret.ts';

/** Everything in a request that an answer may echo and nobody may see. */
export function requestSecrets(
  credentials: Credentials,
  authorization: Secret | undefined,
  assertion: string | undefined,
  others: readonly (Secret | undefined)[] = [],
): readonly Secret[] {
  return [
    ...others,
    credentials.client_secret,
    credentials.password,
    credentials.private_key,
    // Without the scheme, which is no secret.
    authorization && new Secret(authorization.reveal().replace(/^\S+ /, '')),
    assertion === undefined ? undefined : new Secret(assertion),
  ].filter((secret) => secret !== undefined);
}
