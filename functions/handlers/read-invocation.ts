import { fallback, flag, list, object, oneOf, REFUSED, text } from '../connections/shapes/shape.ts';
import type { RefreshNowEvent } from './read-event.ts';
import { type RotationEvent, rotationRequest, type WantedRotation } from './rotation-request.ts';

/** `{"connections": ["crm"], "force": false}`, as a person, the command or a button sends it. */
const direct = object({
  connections: list(text({ least: 1 }), { least: 1, most: 100 }),
  force: fallback(false, flag),
});

/**
 * `readRefreshNowEvent` for a cold start: somebody waits for a direct invocation, so that it is read without schemas. They
 * are loaded for events, and to say what is wrong with an invocation.
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

const rotation = object({
  Step: oneOf('createSecret', 'setSecret', 'testSecret', 'finishSecret'),
  SecretId: text({ least: 1 }),
  ClientRequestToken: text({ least: 32, most: 64 }),
});

/** `readRotationEvent` likewise, which a person in the console waits for. @throws EventError */
export async function readRotation(event: unknown, namespace: string): Promise<WantedRotation> {
  const { Step, SecretId, ClientRequestToken } = (event ?? {}) as Partial<RotationEvent>;
  const read = rotation({ Step, SecretId, ClientRequestToken });
  if (read !== REFUSED) return rotationRequest(read as RotationEvent, namespace);
  const { readRotationEvent } = await import('./read-event.ts');
  return readRotationEvent(event, namespace);
}
