import pLimit from 'p-limit';
import { secretName } from '../../functions/aws/resource-names.ts';
import { serialiseSecretJson } from '../../functions/aws/secrets/secret-json.ts';
import { SCHEMA } from '../../functions/aws/stored-schema.ts';
import type { Connection } from '../../functions/connections/connection.ts';
import type { StoreError } from '../../functions/refresh/ports/stores.ts';
import { originsOfUsers } from '../connections/allowed-origins.ts';
import type { Deployment } from '../deployment.ts';
import { explainError } from '../explain-error.ts';
import { type Existing, type Imported, importConnection } from './import-connection.ts';
import type { ImportEntry } from './import-file.ts';

/** Enough that the pace of secret writes decides, and not the way to AWS and back. */
const AT_ONCE = 8;

/** What an import came to. */
export interface ImportReport {
  readonly imported: ReadonlyMap<string, Imported>;
  /** Why not, by connection. */
  readonly failed: ReadonlyMap<string, string>;
  /** Secrets that were made for credentials, with the origins that they may be sent to; none where not all are known. */
  readonly credentials: ReadonlyMap<string, readonly string[]>;
  /** Not begun, because the person interrupted. */
  readonly left: number;
}

/**
 * Imports connections a few at a time. An interruption lets those under way finish; one that fails does not
 * stop the others. `onStep` hears how many are done.
 * @throws StoreError when what exists cannot be listed
 */
export async function importAll(
  entries: readonly ImportEntry[],
  deployment: Deployment,
  { signal, onStep }: { readonly signal: AbortSignal; readonly onStep: (done: number) => void },
): Promise<ImportReport> {
  const existing = await readExisting(deployment);
  const made = new Map<string, readonly string[]>();
  const ensureCredentials = onceEach(async (name) => {
    const users = entries.flatMap(({ definition }) =>
      definition?.credentials === name ? [{ definition }] : [],
    );
    const { origins, silentIssuers } = await originsOfUsers(users, deployment);
    // A list that is not the whole would forbid what it should allow.
    const isKnown = origins.length > 0 && silentIssuers.length === 0;
    const text = serialiseSecretJson({ schema: SCHEMA, allowed_token_origins: origins });
    const value = isKnown ? { text, versionId: deployment.random.uuid() } : undefined;
    const secretId = secretName.credentials(deployment.namespace, name);
    const description = `Credentials "${name}" of Evertoken`;
    if (await deployment.secrets.ensure(secretId, description, value)) made.set(name, isKnown ? origins : []);
  });
  const imported = new Map<string, Imported>();
  const failed = new Map<string, string>();
  const limit = pLimit(AT_ONCE);
  const importOne = async (entry: ImportEntry) => {
    if (signal.aborted) return;
    try {
      imported.set(entry.name, await importConnection(entry, existing, deployment, ensureCredentials));
    } catch (error) {
      failed.set(entry.name, explainError(error, deployment).message);
    }
    onStep(imported.size + failed.size);
  };
  await Promise.all(entries.map((entry) => limit(importOne, entry)));
  // Many are imported together, and end in any order.
  const order = new Map(entries.map(({ name }, index) => [name, index]));
  const inOrder = <T>(of: ReadonlyMap<string, T>) =>
    new Map([...of].sort(([one], [other]) => (order.get(one) ?? 0) - (order.get(other) ?? 0)));
  const left = entries.length - imported.size - failed.size;
  return { imported: inOrder(imported), failed: inOrder(failed), credentials: made, left };
}

async function readExisting({ declared, state }: Deployment): Promise<Existing> {
  const declarations = new Map<string, Connection | StoreError>();
  for await (const { name, definition } of declared.list()) declarations.set(name, definition);
  const registered = new Set<string>();
  for await (const { name } of state.list()) registered.add(name);
  return { declared: declarations, registered };
}

/** Does the work once for each name, however many ask for it. */
function onceEach(work: (name: string) => Promise<void>): (name: string) => Promise<void> {
  const begun = new Map<string, Promise<void>>();
  return (name) => {
    const known = begun.get(name) ?? work(name);
    begun.set(name, known);
    return known;
  };
}
