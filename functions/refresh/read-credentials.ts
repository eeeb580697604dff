import type { Credentials } from '../oauth/credentials.ts';
import { RefreshFailed } from './failure.ts';
import type { Version } from './ports.ts';
import type { RefreshRun } from './refresh-run.ts';

/**
 * The credentials of a connection; `fresh` reads past the cache.
 * @throws RefreshFailed while they have no value, StoreError
 */
export async function readCredentials(run: RefreshRun, fresh: boolean): Promise<Version<Credentials>> {
  const { connection, ports, hold, learned } = run;
  const version = await ports.credentials.read(connection.credentials, { signal: hold.signal, fresh });
  learned.credentialsVersionId = version?.versionId;
  if (version) return version;
  throw new RefreshFailed({
    outcome: 'awaiting-credentials',
    source: 'store',
    code: 'no_credentials',
    message: 'the credentials have no value yet',
  });
}
