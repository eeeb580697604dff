import { refreshDue } from '../refresh/refresh-due.ts';
import { chain } from './chain.ts';
import { type Composition, composeFromEnvironment } from './composition.ts';

/** Scheduled, every minute: refreshes what is due. The answer is for the log; nobody waits for it. */
export function refreshDueHandler(compose: () => Composition) {
  return chain(compose, async (_event: unknown, { ports }, functionEndsAt) => {
    const { skipped, due, left, results } = await refreshDue({ functionEndsAt }, ports);
    const outcomes = Object.groupBy(results, ({ outcome }) => outcome);
    const counts = Object.fromEntries(
      Object.entries(outcomes).map(([outcome, all]) => [outcome, all.length]),
    );
    ports.log.info('tick', { skipped, due, left, ...counts });
    return { skipped, due, left, outcomes: counts };
  });
}

export const handler = refreshDueHandler(composeFromEnvironment);
