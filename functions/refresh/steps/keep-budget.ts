import { cooldownKeys } from '../cooldowns.ts';
import type { RefreshRun } from '../refresh-run.ts';
import { RefreshFailed } from '../rules/classify-failure.ts';

const DAY_MS = 86_400_000;

/**
 * Takes one token request out of what the provider allows, before anything is spent. A forced refresh may take the
 * first half alone, so that the ticks have the rest. What is taken and then not sent stays taken: a provider's limit
 * is rather not reached than broken.
 * @throws RefreshFailed until a request is free again, StoreError
 */
export async function keepBudget({ connection, force, lease, ports }: RefreshRun): Promise<void> {
  const keys = cooldownKeys(connection);
  if (keys === undefined) return;
  for (const { calls, perSeconds, scope } of connection.budgets) {
    // In local time a day is shorter, and so is what the provider counts in.
    const windowMs = (perSeconds * 1000 * ports.timing.versionDayMs) / DAY_MS;
    const most = force ? Math.max(1, Math.floor(calls / 2)) : calls;
    const key = scope === 'client' ? keys.client : keys.origin;
    const now = ports.clock.now();
    const freeAt = await ports.state.takeFromBudget(key, { calls: most, windowMs }, now, lease);
    if (freeAt === undefined) continue;
    throw new RefreshFailed({
      outcome: 'retry-later',
      source: 'provider',
      kind: 'budget',
      code: 'budget_spent',
      message: `${connection.provider} allows ${calls} token requests in ${perSeconds} s, and ${force ? 'half of them, all that may be forced,' : 'all of them'} are used`,
      retryAt: freeAt,
    });
  }
}
