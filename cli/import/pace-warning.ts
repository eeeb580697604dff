import { fleetFit, tooManySecretWrites } from '../../functions/connections/secret-writes.ts';
import type { ConnectionState } from '../../functions/refresh/connection-state.ts';
import { secretLoads } from '../connections/secret-load.ts';
import type { Deployment } from '../deployment.ts';
import type { ImportEntry } from './import-file.ts';

/** No pace is so low that fewer, with tokens of an hour, would be late. */
const WORTH_COUNTING = 100;

/**
 * What the pace of secret writes will not bear once a file is imported: tokens that are late for ever, or after an outage.
 * `undefined` where it bears all, and for small files.
 * @param registered what there is already; not asked for a small file
 */
export async function paceWarning(
  entries: readonly ImportEntry[],
  registered: () => Promise<readonly ConnectionState[]>,
  { presets, secretWritesPerSecond }: Pick<Deployment, 'presets' | 'secretWritesPerSecond'>,
): Promise<string | undefined> {
  const brought = entries.flatMap(({ name, definition }) => (definition ? [{ name, definition }] : []));
  if (brought.length < WORTH_COUNTING) return undefined;
  const names = new Set(brought.map(({ name }) => name));
  const others = (await registered()).filter(({ name }) => !names.has(name));
  const fit = fleetFit(await secretLoads([...brought, ...others], presets), secretWritesPerSecond);
  const problem = fit && tooManySecretWrites(fit, secretWritesPerSecond);
  if (problem === undefined) return undefined;
  return `${problem.message}: ${problem.remedy}. Where the deployment has another pace, set EVERTOKEN_SECRET_WRITES_PER_SECOND here.`;
}
