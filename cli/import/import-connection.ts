import { isDeepStrictEqual } from 'node:util';
import { secretName } from '../../functions/aws/resource-names.ts';
import type { Connection } from '../../functions/connections/connection.ts';
import { presetOf } from '../../functions/connections/preset-of.ts';
import { resolveConnection } from '../../functions/connections/resolve-connection.ts';
import { secretOwnerProblems } from '../../functions/connections/secret-owner.ts';
import { REFRESH_TOKEN } from '../../functions/oauth/grant-type.ts';
import { StoreError } from '../../functions/refresh/ports/stores.ts';
import { STEPS } from '../../functions/refresh/rules/timing.ts';
import { CommandFailed } from '../command-failed.ts';
import { bringRefreshToken, refreshTokenDescription } from '../connections/bring-refresh-token.ts';
import { registeredConnection } from '../connections/registered-connections.ts';
import type { Deployment } from '../deployment.ts';
import type { ImportEntry } from './import-file.ts';

/** What an import of one connection came to. */
export interface Imported {
  readonly declaration: 'created' | 'updated' | 'unchanged';
  /** `kept`: one is stored already, and may have been spent since for a newer one. */
  readonly refreshToken: 'stored' | 'kept' | 'none';
}

/** What the deployment had before the import. */
export interface Existing {
  /** One that cannot be read comes as its error. */
  readonly declared: ReadonlyMap<string, Connection | StoreError>;
  readonly registered: ReadonlySet<string>;
}

/**
 * Imports one connection: its secrets, its registration, its refresh token, and last its declaration, which
 * says that all before it is done. May be repeated, also after it was cut off anywhere: what is there stays,
 * and a refresh token is stored only where there is none.
 * @throws CommandFailed for a connection that CDK declares otherwise, StoreError
 */
export async function importConnection(
  { name, definition, refreshToken }: ImportEntry,
  existing: Existing,
  deployment: Deployment,
  ensureCredentials: (name: string) => Promise<void>,
): Promise<Imported> {
  const declared = existing.declared.get(name);
  const wanted = definition && toDeclare(name, definition, declared);
  const isRegistered = existing.registered.has(name);
  const isDone = wanted === undefined || (isRegistered && isDeepStrictEqual(declared, wanted));
  if (wanted && !isDone) {
    requireOwnSecrets(name, wanted, deployment);
    await ensureSecrets(name, wanted, deployment, ensureCredentials);
    const now = deployment.clock.now();
    // Not before its refresh token is stored, which makes it due.
    await deployment.state.register(name, wanted, refreshToken ? now + STEPS.leaseMs : now);
  }
  const stored = refreshToken ? await storeOnce(name, refreshToken, deployment) : 'none';
  if (wanted?.declaredBy === 'cli' && !isDone) await deployment.declarations.put(name, wanted);
  return {
    declaration: isDone ? 'unchanged' : declared || isRegistered ? 'updated' : 'created',
    refreshToken: stored,
  };
}

/** The file was judged before it was known which Region it is for. @throws CommandFailed */
function requireOwnSecrets(name: string, wanted: Connection, { namespace, region }: Deployment): void {
  const [problem] = secretOwnerProblems(wanted, { namespace, region });
  if (problem === undefined) return;
  throw new CommandFailed(`connection "${name}": ${problem.path.join('.')}: ${problem.message}`);
}

/**
 * The command's own declaration; CDK's, where the file says the same.
 * @throws CommandFailed where CDK's says otherwise, StoreError where nobody can tell
 */
function toDeclare(
  name: string,
  definition: Connection,
  declared: Connection | StoreError | undefined,
): Connection {
  if (declared instanceof StoreError) throw declared;
  if (declared === undefined || declared.declaredBy === 'cli') return { ...definition, declaredBy: 'cli' };
  if (isDeepStrictEqual({ ...declared }, { ...definition })) return declared;
  throw new CommandFailed(
    `Connections declared by CDK are edited there: change "${name}" in connections.json and deploy.`,
  );
}

async function ensureSecrets(
  name: string,
  definition: Connection,
  deployment: Deployment,
  ensureCredentials: (name: string) => Promise<void>,
): Promise<void> {
  const { secrets, namespace } = deployment;
  const { grants } = resolveConnection(name, definition, await presetOf(definition, deployment.presets));
  if (typeof definition.credentials === 'string') await ensureCredentials(definition.credentials);
  if (definition.token === undefined) {
    const description = `Access token of connection "${name}", kept fresh by Evertoken`;
    await secrets.ensure(secretName.token(namespace, name), description);
  }
  if (grants.includes(REFRESH_TOKEN)) {
    await secrets.ensure(secretName.refreshToken(namespace, name), refreshTokenDescription(name));
  }
}

async function storeOnce(
  name: string,
  token: NonNullable<ImportEntry['refreshToken']>,
  deployment: Deployment,
): Promise<'stored' | 'kept'> {
  if ((await deployment.refreshTokens.currentVersionId(name)) !== undefined) return 'kept';
  await bringRefreshToken(await registeredConnection(name, deployment), token, deployment, () => undefined);
  return 'stored';
}
