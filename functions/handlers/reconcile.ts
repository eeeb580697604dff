import { reconcile } from '../refresh/reconcile.ts';
import { chain } from './chain.ts';
import { type Composition, composeFromEnvironment } from './composition.ts';

/** Scheduled, every hour, and at deploy: brings what is registered in line with what is declared. */
export function reconcileHandler(compose: () => Composition) {
  return chain(compose, async (_event: unknown, { ports }) => {
    const result = await reconcile(ports);
    ports.log.info('reconciled', {
      registered: result.registered.length,
      removed: result.removed.length,
      unreadable: result.unreadable,
    });
    return result;
  });
}

export const handler = reconcileHandler(composeFromEnvironment);
