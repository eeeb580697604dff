import { secretName } from '../../functions/aws/resource-names.ts';
import { checkConnection } from '../../functions/connections/check-connection.ts';
import type { Connection } from '../../functions/connections/connection.ts';
import { ConnectionError } from '../../functions/connections/connection-error.ts';
import { presetOf } from '../../functions/connections/effective-preset.ts';
import { BY_TICK, FIT_LIMITS } from '../../functions/connections/fit-limits.ts';
import { resolveConnection } from '../../functions/connections/resolve-connection.ts';
import { REFRESH_TOKEN } from '../../functions/oauth/grant-type.ts';
import { StoreError } from '../../functions/refresh/ports/stores.ts';
import type { Deployment } from '../deployment.ts';
import { type Finding, storeTrouble, trouble } from './finding.ts';

/**
 * What keeps one connection from being refreshed, as far as it can be seen without reading a secret; empty
 * when nothing does.
 */
export async function checkConnectionState(
  name: string,
  definition: Connection,
  deployment: Deployment,
): Promise<Finding[]> {
  try {
    const preset = await presetOf(definition, deployment.presets);
    const limits = definition.declaredBy === 'cli' ? BY_TICK : FIT_LIMITS;
    const problems = checkConnection(name, definition, preset, limits).map(({ level, message }) =>
      trouble(level, name, message, whereToEdit(definition)),
    );
    if (problems.some(({ level }) => level === 'error')) return problems;
    const { grants } = resolveConnection(name, definition, preset);
    return [...problems, ...(await checkSecrets(name, definition, grants, deployment))];
  } catch (error) {
    if (error instanceof ConnectionError)
      return [trouble('error', name, error.message, whereToEdit(definition))];
    if (!(error instanceof StoreError)) throw error;
    return [
      storeTrouble(name, error, deployment, "Attach the operator's policy of the deployment to your role."),
    ];
  }
}

function whereToEdit({ declaredBy }: Connection): string {
  return declaredBy === 'cli'
    ? 'Correct it in the file that was imported, and import it again.'
    : 'Correct it in connections.json and deploy.';
}

async function checkSecrets(
  name: string,
  { credentials }: Connection,
  grants: readonly string[],
  { credentials: store, refreshTokens, namespace }: Deployment,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  if (credentials !== undefined && (await store.currentVersionId(credentials)) === undefined) {
    const isOurs = typeof credentials === 'string';
    const secretId = isOurs ? secretName.credentials(namespace, credentials) : credentials.secretArn;
    findings.push(
      trouble(
        'error',
        name,
        `The secret ${secretId} of its credentials has no value yet.`,
        isOurs ? `evertoken credentials set ${credentials}` : 'Store the credentials there.',
      ),
    );
  }
  const onlyRefreshes = grants.every((grant) => grant === REFRESH_TOKEN);
  if (onlyRefreshes && (await refreshTokens.currentVersionId(name)) === undefined) {
    findings.push(
      trouble(
        'error',
        name,
        'It has no refresh token yet, and no other grant.',
        `Sign in with "evertoken authorize ${name}", or take one over with "evertoken refresh-token set ${name}".`,
      ),
    );
  }
  return findings;
}
