import { z } from 'zod';
import { nameProblem } from '../connections/connection-name.ts';
import type { RotationRequest } from '../refresh/rotate-secret.ts';

const AT_MOST = 100;
const connections = z.array(z.string().min(1)).min(1).max(AT_MOST);

const invoked = z.strictObject({ connections, force: z.boolean().default(false) });
const requested = z.object({
  'detail-type': z.literal('Refresh Requested'),
  detail: z.object({ namespace: z.string(), connections, force: z.boolean().default(false) }),
});
const parameterChanged = z.object({
  'detail-type': z.literal('Parameter Store Change'),
  detail: z.object({ name: z.string(), operation: z.string() }),
});

/** What a caller of `refresh-now` wants. */
export type RefreshNowEvent =
  | { readonly kind: 'refresh'; readonly connections: readonly string[]; readonly force: boolean }
  /** The declaration of this connection was written: register it; the tick refreshes. */
  | { readonly kind: 'register'; readonly connection: string }
  /** Meant for another namespace, or nothing to do. */
  | { readonly kind: 'ignore' };

/** The event is none that this function knows. The message says what it takes. */
export class EventError extends Error {
  override readonly name = 'EventError';
  readonly code = 'invalid_event';
}

/**
 * Reads an event: a direct invocation `{"connections": ["crm"], "force": false}`, an EventBridge event
 * `Refresh Requested`, or a change of a declared connection in Parameter Store.
 * @throws EventError
 */
export function readRefreshNowEvent(event: unknown, namespace: string): RefreshNowEvent {
  const changed = parameterChanged.safeParse(event);
  if (changed.success) return ofParameter(changed.data.detail, namespace);
  const asked = requested.safeParse(event);
  if (asked.success) {
    const { detail } = asked.data;
    return detail.namespace === namespace ? { kind: 'refresh', ...detail } : { kind: 'ignore' };
  }
  const direct = invoked.safeParse(event);
  if (direct.success) return { kind: 'refresh', ...direct.data };
  const problem = direct.error.issues[0];
  throw new EventError(
    `expected {"connections": [1 to ${AT_MOST} names], "force": true or false}: ` +
      `${problem?.path.join('.') || 'the event'}: ${problem?.message ?? 'is invalid'}`,
  );
}

function ofParameter(
  { name, operation }: { readonly name: string; readonly operation: string },
  namespace: string,
): RefreshNowEvent {
  const prefix = `/${namespace}/connections/`;
  const isWritten = operation === 'Create' || operation === 'Update';
  return isWritten && name.startsWith(prefix)
    ? { kind: 'register', connection: name.slice(prefix.length) }
    : { kind: 'ignore' };
}

const rotationEvent = z.object({
  Step: z.enum(['createSecret', 'setSecret', 'testSecret', 'finishSecret']),
  SecretId: z.string().min(1),
  ClientRequestToken: z.string().min(32).max(64),
});

const ARN = /^arn:[a-z0-9-]+:secretsmanager:[a-z0-9-]+:\d{12}:secret:(.+)-[A-Za-z0-9]{6}$/;

/**
 * Reads what Secrets Manager sends to a rotation function. The connection is known by the name of the secret,
 * `<namespace>/tokens/<name>`.
 * @throws EventError
 */
export function readRotationEvent(
  event: unknown,
  namespace: string,
): Omit<RotationRequest, 'functionEndsAt'> {
  const parsed = rotationEvent.safeParse(event);
  if (!parsed.success) {
    const problem = parsed.error.issues[0];
    throw new EventError(
      `expected an event of a Secrets Manager rotation: ${problem?.path.join('.') || 'the event'}: ${problem?.message}`,
    );
  }
  const { Step, SecretId, ClientRequestToken } = parsed.data;
  const secretName = ARN.exec(SecretId)?.[1] ?? SecretId;
  const prefix = `${namespace}/tokens/`;
  const connection = secretName.startsWith(prefix) ? secretName.slice(prefix.length) : '';
  if (nameProblem(connection) !== undefined) {
    throw new EventError(`only secrets named ${prefix}<connection> are rotated here, not ${secretName}`);
  }
  return { step: Step, connection, secretId: SecretId, versionId: ClientRequestToken };
}
