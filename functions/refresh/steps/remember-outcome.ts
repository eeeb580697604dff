import { providerName } from '../../connections/connection-labels.ts';
import type { AttemptLedger } from '../attempt-ledger.ts';
import {
  type ConnectionState,
  type LastingOutcome,
  nextDueAt,
  type StateChange,
} from '../connection-state.ts';
import { KEPT_OUTCOMES, type PastOutcome, type Trigger } from '../ports/history.ts';
import type { RefreshPorts } from '../refresh-run.ts';
import type { Conclusion } from '../rules/next-state.ts';
import { writeAccounts } from '../rules/write-accounts.ts';
import { writesLeft } from '../rules/write-quota.ts';

/** Outcomes that the state itself keeps, for who looks at many connections. */
const KEPT_IN_STATE = 12;

/** What only the refresh itself knows of what it came to. */
export interface TriedFacts {
  readonly trigger: Trigger;
  /** When it was begun, and when it ended, epoch milliseconds. */
  readonly startedAt: number;
  readonly now: number;
  readonly ledger: AttemptLedger;
}

/** What one try came to; `undefined` where nothing was tried. */
export function pastOutcome(
  before: ConnectionState,
  { change, status }: Conclusion,
  { trigger, startedAt, now, ledger }: TriedFacts,
): PastOutcome | undefined {
  const { lastOutcome: outcome, lastErrorCode: code, lastErrorMessage: message } = change;
  if (outcome === undefined || outcome === null) return undefined;
  const grant = ledger.grantType;
  const isPlanned = trigger === 'schedule' || trigger === 'wake-up';
  const repeated = isRepeated(before, change) ? before.remembered : undefined;
  return {
    at: now,
    since: repeated?.since ?? now,
    times: (repeated?.times ?? 0) + 1,
    trigger,
    outcome,
    ...(grant !== undefined && { grant }),
    ...(code && { code }),
    ...(message && { message }),
    ...(status !== undefined && { status }),
    ...ledger.notes.durations,
    ...(isPlanned && { lateMs: startedAt - nextDueAt(before) }),
  };
}

/**
 * The change to commit, with what the state remembers. A failure that repeats the last takes its place in the
 * history, so that however long an outage lasts, how it began stays known.
 */
export function withMemory(
  before: ConnectionState,
  past: PastOutcome | undefined,
  change: StateChange,
): StateChange {
  if (past === undefined) return change;
  const outcomes = (before.remembered?.outcomes ?? 0) + (past.times > 1 ? 0 : 1);
  const recent = [...(before.recent ?? []), [past.at, past.outcome === 'refreshed' ? 'r' : 'f'] as const];
  return {
    ...change,
    recent: recent.slice(-KEPT_IN_STATE),
    remembered: { outcomes, since: past.since, times: past.times },
  };
}

const COUNT_OF_OUTCOME = {
  refreshed: undefined,
  'retry-later': 'RefreshesRetried',
  'awaiting-credentials': 'RefreshesAwaitingCredentials',
  misconfigured: 'RefreshesMisconfigured',
  'needs-reauthorization': 'RefreshesNeedingReauthorization',
} as const satisfies Record<LastingOutcome, string | undefined>;

/** Tells the history, the metrics and the log, once that is committed. */
export function remember(
  after: ConnectionState,
  past: PastOutcome | undefined,
  { history, metrics, log, timing }: Pick<RefreshPorts, 'history' | 'metrics' | 'log' | 'timing'>,
): void {
  const { name, definition, remembered, lastOutcome } = after;
  if (past === undefined || remembered === undefined) return;
  history.add(name, (remembered.outcomes - 1) % KEPT_OUTCOMES, past);
  const count = lastOutcome && COUNT_OF_OUTCOME[lastOutcome];
  if (count !== undefined) metrics.count(count);
  if (past.exchangeMs !== undefined) metrics.gauge('ExchangeMilliseconds', past.exchangeMs);
  if (past.lateMs !== undefined) metrics.gauge('RefreshLatenessSeconds', past.lateMs / 1000);
  metrics.gauge('WritesLeft', writesLeft(writeAccounts(after), past.at, timing));
  // What was said stands in a line of its own; this one is what queries count by.
  const { message: _, at: __, since: ___, ...counted } = past;
  log.info('tried', { connection: name, provider: providerName(definition) ?? '-', ...counted });
}

/** The same failure in the same words, one after the other. */
function isRepeated(before: ConnectionState, change: StateChange): boolean {
  return (
    change.lastOutcome !== 'refreshed' &&
    change.lastOutcome === before.lastOutcome &&
    change.lastErrorCode === before.lastErrorCode &&
    change.lastErrorMessage === before.lastErrorMessage
  );
}
