import {
  ConnectionError,
  type ResolvedConnection,
  resolveConnection,
} from '../connections/resolve-connection.ts';
import { storedDefinition } from '../connections/stored-definition.ts';
import type { ConnectionState } from './connection-state.ts';
import type { Presets } from './ports.ts';

/** The connection as registered, with its preset. @throws ConnectionError when it cannot be used */
export async function registeredConnection(
  state: ConnectionState,
  presets: Presets,
): Promise<ResolvedConnection> {
  const definition = storedDefinition(state.definition);
  const { provider } = definition;
  if (provider === undefined) return resolveConnection(state.name, definition);
  const preset = await presets(provider);
  if (!preset) throw new ConnectionError(`there is no provider preset "${provider}" in this version`);
  return resolveConnection(state.name, definition, preset);
}
