import { ConnectionError } from '../../connections/connection-error.ts';
import { maybeSameSecret, withoutSuffix } from '../../connections/shared-secrets.ts';
import type { RefreshRun } from '../refresh-run.ts';

/**
 * Makes sure that nobody else publishes to the secret of one's own that a connection names: whoever published there
 * first keeps it, for as long as it is registered and names it. The functions may write every secret that some
 * connection was granted, so that IAM cannot tell two connections apart.
 * @throws ConnectionError when it is another connection's, StoreError
 */
export async function claimTokenSecret({ connection, lease, ports }: RefreshRun): Promise<void> {
  const { token, name } = connection;
  if (token === undefined) return;
  const secret = withoutSuffix(token.secretArn);
  const { signal } = lease;
  let owner = await ports.state.claimSecret(secret, name, { signal });
  if (owner !== name && !(await publishesTo(owner, token.secretArn, { lease, ports }))) {
    owner = await ports.state.claimSecret(secret, name, { signal, from: owner });
  }
  if (owner === name) return;
  throw new ConnectionError(
    `token.secretArn: "${owner}" publishes its token there: each needs a secret of its own`,
  );
}

async function publishesTo(
  name: string,
  secretArn: string,
  { lease, ports }: Pick<RefreshRun, 'lease' | 'ports'>,
): Promise<boolean> {
  const state = await ports.state.get(name, lease);
  const other = state?.removedAt === undefined ? state?.definition.token : undefined;
  return other !== undefined && maybeSameSecret(other.secretArn, secretArn);
}
