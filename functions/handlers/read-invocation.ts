import { fallback, flag, list, object, REFUSED, text } from '../connections/shapes/shape.ts';
import type { RefreshNowEvent } from './read-event.ts';

/** `{"connections": ["crm"], "force": false}`, as a person, the command or a button sends it. */
const direct = object({
  connections: list(text({ least: 1 }), { least: 1, most: 100 }),
  force: fallback(false, flag),
});

/**
 * `readRefreshNowEvent` for a cold start: who invokes the function directly waits for it, and for him no schemas are
 * loaded. They are for events, and to say what is wrong with an invocation.
 * @throws EventError
 */
export async function readInvocation(
  event: unknown,
  namespace: string,
  accountId: string | undefined,
): Promise<RefreshNowEvent> {
  const read = direct(event);
  if (read !== REFUSED) {
    const { connections, force } = read as { readonly connections: string[]; readonly force: boolean };
    return { kind: 'refresh', connections, force, trigger: 'request' };
  }
  const { readRefreshNowEvent } = await import('./read-event.ts');
  return readRefreshNowEvent(event, namespace, accountId);
}
