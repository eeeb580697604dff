import type { ConnectionState } from '../../functions/refresh/connection-state.ts';
import { didYouMean } from '../../functions/text/near-name.ts';
import { CommandFailed } from '../command-failed.ts';
import type { Deployment } from '../deployment.ts';

type Source = Pick<Deployment, 'namespace' | 'state' | 'declared' | 'clock'>;

/** Every registered connection, by name. @throws StoreError */
export async function allConnections({ state }: Pick<Deployment, 'state'>): Promise<ConnectionState[]> {
  const states = await Array.fromAsync(state.list());
  return states.sort((one, other) => (one.name < other.name ? -1 : 1));
}

/**
 * One connection as registered; one that is declared and not yet registered is registered now.
 * @throws CommandFailed when there is none of that name, StoreError
 */
export async function registeredConnection(name: string, source: Source): Promise<ConnectionState> {
  const known = await find(name, source);
  if (known) return known;
  // With the whole of a refresh, which who only looks at connections does not need.
  const { registerDeclared } = await import('../../functions/refresh/refresh-now.ts');
  if (await registerDeclared(name, source)) {
    const registered = await find(name, source);
    if (registered) return registered;
  }
  const names = (await allConnections(source)).map((state) => state.name);
  throw new CommandFailed(
    `There is no connection "${name}" in the namespace "${source.namespace}"${didYouMean(name, names) || '.'}`,
  );
}

async function find(name: string, { state }: Source): Promise<ConnectionState | undefined> {
  const found = await state.get(name);
  return found?.removedAt === undefined ? found : undefined;
}
