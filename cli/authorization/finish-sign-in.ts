import type { ResolvedConnection } from '../../functions/connections/resolve-connection.ts';
import type { Exchange } from '../../functions/oauth/token-set.ts';
import type { RefreshResult } from '../../functions/refresh/refresh-result.ts';
import { refreshTokenExpiresAt } from '../../functions/refresh/rules/expiry.ts';
import { storeRefreshToken } from '../../functions/refresh/store-refresh-token.ts';
import type { CommandContext } from '../command-context.ts';
import { CommandFailed } from '../command-failed.ts';
import type { Deployment } from '../deployment.ts';
import { explainError } from '../explain-error.ts';

/**
 * Stores the refresh token of a sign-in under the connection's lease, and asks the deployment to refresh: the
 * access token of the sign-in itself is not used, so that what is published has been refreshed once.
 * @throws CommandFailed, StoreError
 */
export async function finishSignIn(
  connection: ResolvedConnection,
  grantType: string,
  exchange: Exchange,
  { remark, options }: Pick<CommandContext, 'remark' | 'options'>,
  deployment: Deployment,
): Promise<RefreshResult> {
  const { name } = connection;
  const { refresh_token } = exchange.token;
  if (refresh_token === undefined) {
    throw new CommandFailed(
      `The provider issued no refresh token, so that "${name}" could not be kept fresh. Nothing was stored. Ask for ` +
        'one: many providers want "offline_access" in the "scope" of the connection, or a setting of the client.',
    );
  }
  tellMissingScope(connection, exchange, remark);
  const expiresAt = refreshTokenExpiresAt(exchange, connection, grantType, undefined);
  const stored = await storeRefreshToken(name, { refresh_token, expiresAt }, deployment, () =>
    remark(
      `"${name}" is being refreshed at this moment; the new refresh token is stored when that has ended.`,
    ),
  );
  if (stored !== 'stored') {
    throw new CommandFailed(
      stored === 'busy'
        ? `"${name}" is being refreshed all the time. Nothing was stored: sign in again in a minute.`
        : `"${name}" is not registered any more. Nothing was stored.`,
    );
  }
  return refresh(name, deployment, options);
}

async function refresh(
  name: string,
  { refreshFunction }: Deployment,
  options: CommandContext['options'],
): Promise<RefreshResult> {
  try {
    const [due] = await refreshFunction.refresh([name], false);
    // "Fresh" means here that the clocks of this machine and of AWS differ.
    const [result] = due?.outcome === 'fresh' ? await refreshFunction.refresh([name], true) : [due];
    if (result !== undefined) return result;
  } catch (error) {
    const { message } = explainError(error, options);
    throw new CommandFailed(
      `The refresh token is stored, and the next tick uses it. Refreshing now failed: ${message}`,
    );
  }
  throw new CommandFailed(
    'The refresh token is stored, and the next tick uses it. Refreshing now said nothing.',
  );
}

/** RFC 6749 section 3.3: a provider may grant less than was asked for, and then says so. */
function tellMissingScope(
  { scope }: ResolvedConnection,
  { token }: Exchange,
  remark: CommandContext['remark'],
): void {
  if (scope === undefined || token.scope === undefined) return;
  const granted = new Set(token.scope.split(' '));
  const missing = scope.split(' ').filter((each) => !granted.has(each));
  if (missing.length > 0)
    remark(`The provider granted less than was asked for: ${missing.join(', ')} is missing.`);
}
