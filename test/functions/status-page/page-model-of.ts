import type { ConnectionState } from '../../../functions/refresh/connection-state.ts';
import { TIMING } from '../../../functions/refresh/rules/timing.ts';
import { type ConnectionView, connectionView } from '../../../functions/status-page/connection-view.ts';
import type { PageModel } from '../../../functions/status-page/page-model.ts';
import { NOW } from '../refresh/state-of.ts';
import { tickAt } from './many-states.ts';

export const viewOf = (state: ConnectionState, now = NOW): ConnectionView =>
  connectionView(state, { now, namespace: 'evertoken', timing: TIMING });

/** A page of connections at `NOW`, a tick of a moment ago behind them. */
export function modelOf(states: readonly ConnectionState[], changes: Partial<PageModel> = {}): PageModel {
  return {
    namespace: 'evertoken',
    now: NOW,
    tick: tickAt(NOW),
    tickProblem: undefined,
    connections: states.map((state) => viewOf(state)),
    history: [],
    ...changes,
  };
}
