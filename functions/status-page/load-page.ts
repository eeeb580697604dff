import type { CallOptions, Clock } from '../refresh/ports/outside.ts';
import type { StateTable } from '../refresh/ports/state-table.ts';
import { pulseProblem } from '../refresh/rules/pulse.ts';
import type { Timing } from '../refresh/rules/timing.ts';
import { connectionView } from './connection-view.ts';
import type { PageModel } from './page-model.ts';
import type { PageQuery } from './query.ts';

/** What a page is read from. */
export interface PagePorts {
  readonly state: Pick<StateTable, 'list' | 'lastTick' | 'history'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly timing: Timing;
  readonly namespace: string;
}

/**
 * Reads what a query asks for: all connections, the last tick, and of one connection its history.
 * @throws StoreError
 */
export async function loadPage(
  query: PageQuery,
  { state, clock, timing, namespace }: PagePorts,
  options?: CallOptions,
): Promise<PageModel> {
  const [states, tick] = await Promise.all([Array.fromAsync(state.list(options)), state.lastTick(options)]);
  const isKnown = states.some(({ name }) => name === query.connection);
  const history = isKnown ? await state.history(query.connection ?? '', options) : [];
  const now = clock.now();
  return {
    namespace,
    now,
    tick,
    tickProblem: pulseProblem(tick, now, namespace),
    connections: states.map((each) => connectionView(each, { now, namespace, timing })),
    history,
  };
}
