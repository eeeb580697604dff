import { nameProblem } from '../connections/connection-name.ts';
import type { RotationRequest } from '../refresh/rotate-secret.ts';
import { EventError } from './event-error.ts';

const ARN = /^arn:[a-z0-9-]+:secretsmanager:[a-z0-9-]+:\d{12}:secret:(.+)-[A-Za-z0-9]{6}$/;

/** What Secrets Manager sends to a rotation function, as far as it counts. */
export interface RotationEvent {
  readonly Step: RotationRequest['step'];
  readonly SecretId: string;
  readonly ClientRequestToken: string;
}

export type WantedRotation = Omit<RotationRequest, 'functionEndsAt'>;

/**
 * What is wanted of a connection, which is known by the name of the secret, `<namespace>/tokens/<name>`.
 * @throws EventError
 */
export function rotationRequest(
  { Step, SecretId, ClientRequestToken }: RotationEvent,
  namespace: string,
): WantedRotation {
  const secretName = ARN.exec(SecretId)?.[1] ?? SecretId;
  const prefix = `${namespace}/tokens/`;
  const connection = secretName.startsWith(prefix) ? secretName.slice(prefix.length) : '';
  if (nameProblem(connection) !== undefined) {
    throw new EventError(`only secrets named ${prefix}<connection> are rotated here, not ${secretName}`);
  }
  return { step: Step, connection, secretId: SecretId, versionId: ClientRequestToken };
}
