import type { ConnectionState } from '../../functions/refresh/connection-state.ts';
import { didYouMean } from '../../functions/text/near-name.ts';

/**
 * What may be meant by the name of credentials that no connection uses: those of the connection of that name, or a name
 * that is near. `undefined` where they seem to be for a connection yet to come.
 */
export function credentialsHint(name: string, all: readonly ConnectionState[]): string | undefined {
  const used = [
    ...new Set(
      all.flatMap(({ definition: { credentials: each } }) => (typeof each === 'string' ? each : [])),
    ),
  ];
  const own = all.find((state) => state.name === name)?.definition.credentials;
  const hint =
    typeof own === 'string'
      ? `; did you mean "${own}", which the connection "${name}" uses?`
      : didYouMean(name, used);
  return hint === '' ? undefined : `No connection uses the credentials "${name}"${hint}`;
}
