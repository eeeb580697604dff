import type { PastOutcome } from '../refresh/ports/history.ts';
import type { TickRecord } from '../refresh/ports/state-table.ts';
import type { PulseProblem } from '../refresh/rules/pulse.ts';
import type { ConnectionView } from './connection-view.ts';

/** All that a page is made of. Instants are epoch milliseconds. */
export interface PageModel {
  readonly namespace: string;
  readonly now: number;
  /** The last tick that came to its end. */
  readonly tick: TickRecord | undefined;
  /** Why the ticks need a person. */
  readonly tickProblem: PulseProblem | undefined;
  readonly connections: readonly ConnectionView[];
  /** Of the connection that is looked at, newest first. */
  readonly history: readonly PastOutcome[];
  /** What came of the button that was pressed. */
  readonly notice?: Notice | undefined;
}

/** What came of an action, for who asked for it. */
export interface Notice {
  readonly tone: 'done' | 'failed';
  readonly text: string;
  readonly remedy?: string | undefined;
}
