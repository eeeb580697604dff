import { jsonService } from '../wire/json-service.ts';
import type { Service } from '../wire/message.ts';
import { readOperations } from './read-operations.ts';
import { type RotationProps, rotateSecret } from './rotation.ts';
import { writeOperations } from './write-operations.ts';

/** Secrets Manager's wire operations over `secrets`. */
export function secretsManager(props: RotationProps): Service {
  const { identity, secrets, save } = props;
  return jsonService({
    name: 'secretsmanager',
    targetPrefix: 'secretsmanager',
    messageMember: 'Message',
    resourceMembers: ['SecretId', 'Name'],
    save,
    operations: {
      ...readOperations(secrets),
      ...writeOperations(identity, secrets),
      RotateSecret: rotateSecret(props),
    },
  });
}
