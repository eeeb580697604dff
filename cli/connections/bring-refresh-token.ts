import { secretName } from '../../functions/aws/resource-names.ts';
import { presetOf } from '../../functions/connections/preset-of.ts';
import { resolveConnection } from '../../functions/connections/resolve-connection.ts';
import { REFRESH_TOKEN } from '../../functions/oauth/grant-type.ts';
import type { ConnectionState } from '../../functions/refresh/connection-state.ts';
import { StoreError } from '../../functions/refresh/ports/stores.ts';
import {
  type BroughtRefreshToken,
  type StoringOutcome,
  storeRefreshToken,
} from '../../functions/refresh/store-refresh-token.ts';
import { CommandFailed } from '../command-failed.ts';
import type { Deployment } from '../deployment.ts';

export const refreshTokenDescription = (name: string) =>
  `Refresh token of connection "${name}", written by Evertoken`;

/**
 * Stores a refresh token from elsewhere under the connection's lease, in a new secret where there is none, and
 * makes the connection due. `waiting` is called once when a refresh has to be waited for.
 * @throws CommandFailed when the connection would never use it, or is refreshed all the time; StoreError
 */
export async function bringRefreshToken(
  state: ConnectionState,
  token: BroughtRefreshToken,
  deployment: Deployment,
  waiting: () => void,
): Promise<void> {
  const { name, definition } = state;
  const { grants } = resolveConnection(name, definition, await presetOf(definition, deployment.presets));
  if (!grants.includes(REFRESH_TOKEN)) {
    throw new CommandFailed(
      `"${name}" would never use a refresh token: its grants are ${grants.join(', ')}. Add "${REFRESH_TOKEN}" to them first.`,
    );
  }
  const outcome = await storeInSecret(name, token, deployment, waiting);
  if (outcome === 'stored') return;
  throw new CommandFailed(
    outcome === 'busy'
      ? `"${name}" is being refreshed all the time: try again in a minute.`
      : `There is no connection "${name}" any more.`,
  );
}

/** Creates the secret only where it turns out to be missing: every try of that is a call as well. */
async function storeInSecret(
  name: string,
  token: BroughtRefreshToken,
  deployment: Deployment,
  waiting: () => void,
): Promise<StoringOutcome> {
  try {
    return await storeRefreshToken(name, token, deployment, waiting);
  } catch (error) {
    if (!(error instanceof StoreError) || error.kind !== 'missing') throw error;
    const { secrets, namespace } = deployment;
    await secrets.ensure(secretName.refreshToken(namespace, name), refreshTokenDescription(name));
    return storeRefreshToken(name, token, deployment, waiting);
  }
}
