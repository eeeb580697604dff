import { reconcile } from '../refresh/reconcile.ts';
import { chain } from './chain.ts';
import { type Composition, composeFromEnvironment } from './composition.ts';

/** Scheduled, every hour, and at deploy: brings what is registered in line with what is declared. */
export function reconcileHandler(compose: () => Composition) {
  return chain(compose, async (event: unknown, { ports }, endsAt) => {
    const result = await reconcile(ports, { endsAt, isRoutine: isOfSchedule(event) });
    ports.log.info('reconciled', {
      registered: result.registered.length,
      removed: result.removed.length,
      unreadable: result.unreadable,
    });
    return result;
  });
}

/** What EventBridge Scheduler sends; a deployment, and whoever invokes it by hand, sends something else. */
function isOfSchedule(event: unknown): boolean {
  return (event as { readonly source?: unknown } | null)?.source === 'aws.scheduler';
}

export const handler = reconcileHandler(composeFromEnvironment);
