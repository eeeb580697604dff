import type { ConnectionState } from '../../../functions/refresh/connection-state.ts';

/** The instant at which the tests of the rules stand: a whole hour. */
export const NOW = Date.UTC(2026, 0, 1);
export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** The state of a connection that nothing is known of, with `changes`; `undefined` takes a field away. */
export function stateOf(
  changes: { readonly [Key in keyof ConnectionState]?: ConnectionState[Key] | undefined } = {},
): ConnectionState {
  const state = {
    name: 'crm',
    schema: 1,
    definition: { tokenUrl: 'https://idp.example.com/token', credentials: 'client' },
    dueAt: NOW,
    generation: 1,
    failures: 0,
    writesByHour: {},
    ...changes,
  };
  return Object.fromEntries(
    Object.entries(state).filter(([, value]) => value !== undefined),
  ) as unknown as ConnectionState;
}
