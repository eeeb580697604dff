import { nameProblem } from '../connections/connection-name.ts';
import type { Clock } from '../refresh/ports/outside.ts';
import type { RefreshAnswer, RefreshRequests } from '../refresh/ports/refresh-requests.ts';
import type { StateTable } from '../refresh/ports/state-table.ts';
import { StoreError } from '../refresh/ports/stores.ts';
import type { Notice } from './page-model.ts';

export const ACTIONS = ['refresh', 'pause', 'resume'] as const;
export type ActionKind = (typeof ACTIONS)[number];

/** A button that was pressed. */
export interface Action {
  readonly kind: ActionKind;
  readonly connection: string;
}

export interface ActionPorts {
  readonly state: Pick<StateTable, 'setPaused'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly refreshRequests: RefreshRequests;
}

/** Does what a button asks for, and says what came of it. What AWS refuses is said, too; the page is shown all the same. */
export async function carryOut({ kind, connection }: Action, ports: ActionPorts): Promise<Notice> {
  // What cannot be a name must not reach a key.
  if (nameProblem(connection) !== undefined) return unknown(connection);
  try {
    if (kind === 'refresh') return refreshed(connection, await ports.refreshRequests.refresh(connection));
    const isDone = await ports.state.setPaused(connection, kind === 'pause', ports.clock.now());
    if (!isDone) return failed(`A refresh of ${connection} is under way.`, 'Try it again in a minute.');
    return kind === 'pause'
      ? { tone: 'done', text: `${connection} is paused: it is left alone until it is resumed.` }
      : { tone: 'done', text: `${connection} is resumed: the next tick refreshes it where it is due.` };
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    if (error.kind === 'missing' && kind !== 'refresh') return unknown(connection);
    return failed(`${connection}: ${error.message}`, 'Look at the permissions of the function that does it.');
  }
}

function refreshed(connection: string, result: RefreshAnswer | undefined): Notice {
  if (result === undefined) return failed(`${connection}: refresh-now did not answer.`, 'Look into its log.');
  const { outcome, error } = result;
  if (outcome === 'unknown-connection') return unknown(connection);
  if (outcome === 'refreshed') return { tone: 'done', text: `${connection} has a new token.` };
  if (outcome === 'fresh') return { tone: 'done', text: `${connection} had a new token just now.` };
  if (outcome === 'paused') return failed(`${connection} is paused.`, 'Resume it.');
  if (outcome === 'busy')
    return failed(`A refresh of ${connection} is under way.`, 'Look again in a minute.');
  return failed(`${connection}: ${outcome}${error ? `: ${error.message}` : ''}`, error?.remedy);
}

function unknown(connection: string): Notice {
  return failed(`No connection ${connection} is registered.`);
}

function failed(text: string, remedy?: string): Notice {
  return { tone: 'failed', text, remedy };
}
