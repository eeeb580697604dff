import { refreshDue } from '../refresh/refresh-due.ts';
import { chain } from './chain.ts';
import { type Composition, composeFromEnvironment } from './composition.ts';

/** Scheduled, every minute: refreshes what is due. The answer is for the log; nobody waits for it. */
export function refreshDueHandler(compose: () => Composition) {
  return chain(compose, async (_event: unknown, { ports }, functionEndsAt) => {
    const tick = await refreshDue({ functionEndsAt }, ports);
    const { outcomes, ...rest } = tick;
    ports.log.info('tick', { ...rest, ...outcomes });
    return tick;
  });
}

export const handler = refreshDueHandler(composeFromEnvironment);
