import { secretName } from '../../functions/aws/resource-names.ts';
import { checkConnection as checkDefinition } from '../../functions/connections/check-connection.ts';
import type { Connection } from '../../functions/connections/connection.ts';
import { ConnectionError } from '../../functions/connections/connection-error.ts';
import { BY_TICK, FIT_LIMITS } from '../../functions/connections/fit-limits.ts';
import { presetOf } from '../../functions/connections/preset-of.ts';
import { resolveConnection } from '../../functions/connections/resolve-connection.ts';
import { REFRESH_TOKEN } from '../../functions/oauth/grant-type.ts';
import type { ConnectionState } from '../../functions/refresh/connection-state.ts';
import { StoreError } from '../../functions/refresh/ports/stores.ts';
import { statusOf } from '../connections/connection-status.ts';
import type { Deployment } from '../deployment.ts';
import { type Finding, storeTrouble, trouble } from './finding.ts';

/**
 * What keeps one connection from being refreshed, in the words of its status where that knows of anything, and
 * otherwise as far as it can be seen without reading a secret; empty when nothing does.
 * @param state as registered; absent for one that is not yet
 */
export async function checkConnection(
  name: string,
  definition: Connection,
  state: ConnectionState | undefined,
  deployment: Deployment,
): Promise<Finding[]> {
  const known = state === undefined ? [] : standing(state, deployment);
  const isNeeded = known.some(({ level }) => level === 'error');
  // What is missing is said already.
  return [...known, ...(await checkDeclaration(name, definition, { withSecrets: !isNeeded }, deployment))];
}

/** What `status` says of a connection: a need is an error, what is tried again a warning. */
export function standing(state: ConnectionState, { namespace, clock }: Deployment): Finding[] {
  const { name } = state;
  const { need, error, misfit, health } = statusOf(state, clock.now(), namespace);
  if (health === 'paused') return [trouble('warning', name, PAUSED, `evertoken resume ${name}`)];
  const words = need ?? error;
  return [
    ...(words ? [trouble(need ? 'error' : 'warning', name, words.message, words.remedy)] : []),
    ...(misfit ? [trouble('warning', name, misfit.message, misfit.remedy)] : []),
  ];
}

const PAUSED = 'it is paused, so that nothing keeps its token fresh';

async function checkDeclaration(
  name: string,
  definition: Connection,
  { withSecrets }: { readonly withSecrets: boolean },
  deployment: Deployment,
): Promise<Finding[]> {
  try {
    const preset = await presetOf(definition, deployment.presets);
    const limits = definition.declaredBy === 'cli' ? BY_TICK : FIT_LIMITS;
    const problems = checkDefinition(name, definition, preset, limits).map(({ level, message }) =>
      trouble(level, name, message, whereToEdit(definition)),
    );
    if (!withSecrets || problems.some(({ level }) => level === 'error')) return problems;
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
