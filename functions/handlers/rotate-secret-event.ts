import { z } from 'zod';
import { nameProblem } from '../connections/connection-name.ts';
import type { RotationRequest } from '../refresh/rotate-secret.ts';
import { EventError } from './refresh-now-event.ts';

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
