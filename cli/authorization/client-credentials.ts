import type { ResolvedConnection } from '../../functions/connections/resolve-connection.ts';
import type { Credentials } from '../../functions/oauth/credentials.ts';
import { clientAuthenticationFor } from '../../functions/oauth/request/client-authentication.ts';
import { StoreError } from '../../functions/refresh/ports/stores.ts';
import type { CommandContext } from '../command-context.ts';
import { CommandFailed } from '../command-failed.ts';
import type { Deployment } from '../deployment.ts';
import { EXIT } from '../exit-code.ts';
import { yourRemedy } from '../explain-error.ts';
import { askSecret, askText, isInteractive } from '../prompts.ts';

/**
 * The client's credentials, for the exchange that this machine makes: from their secret where the person may
 * read it, and from the person where not, since the operator's policy does not let it be read.
 * @throws CommandFailed, StoreError
 */
export async function clientCredentials(
  connection: ResolvedConnection,
  grantType: string,
  { io, remark, options }: Pick<CommandContext, 'io' | 'remark' | 'options'>,
  { credentials }: Pick<Deployment, 'credentials'>,
): Promise<Credentials & { readonly client_id: string }> {
  const { credentials: ref, name } = connection;
  if (ref === undefined || connection.identity?.use === 'client') {
    throw new CommandFailed(
      `"${name}" proves itself with the identity of the deployed functions, which this machine does not have: nobody can sign in for it here. Take over a refresh token from elsewhere (evertoken refresh-token set ${name}), or give it credentials.`,
    );
  }
  const where = typeof ref === 'string' ? `${options.namespace}/credentials/${ref}` : ref.secretArn;
  try {
    const stored = await credentials.read(ref, { fresh: true });
    const clientId = stored?.value.client_id;
    if (stored && clientId !== undefined) return { ...stored.value, client_id: clientId };
    throw new CommandFailed(
      stored === undefined
        ? `The credentials of "${name}" have no value yet: store them first, in the secret "${where}".`
        : `The secret "${where}" has no "client_id"${found(stored.value)}.`,
      EXIT.needsHuman,
    );
  } catch (error) {
    if (!(error instanceof StoreError) || error.kind !== 'denied') throw error;
    // Without a person to ask, what keeps it from being read is said: a key or a policy of its own, for one.
    if (!isInteractive(io) && yourRemedy(error) !== undefined) throw error;
  }
  const method = clientAuthenticationFor(grantType, connection.request);
  if (method === 'private_key_jwt' || !isInteractive(io)) {
    throw new CommandFailed(
      `You may not read the secret "${where}": it takes secretsmanager:GetSecretValue, which the operator's policy ` +
        `leaves out on purpose. ${method === 'private_key_jwt' ? 'Use a role that has it.' : 'Use a role that has it, or a terminal, where you are asked.'}`,
    );
  }
  remark(`You may not read the secret "${where}"; the client's credentials are used once and not stored.`);
  const client_id = await askText(io, 'Client id:', {
    validate: (value) => value !== '' || 'It cannot be empty.',
  });
  return method === 'none'
    ? { client_id }
    : { client_id, client_secret: await askSecret(io, 'Client secret:') };
}

/** By name what is stored in its place. */
function found({ unread = [] }: Credentials): string {
  return unread.length === 0 ? '' : `; found "${unread.slice(0, 8).join('", "')}"`;
}
