import type { Identity } from '../identity.ts';
import { jsonService } from '../wire/json-service.ts';
import type { Service } from '../wire/message.ts';
import { readOperations } from './read-operations.ts';
import type { Secrets } from './secrets.ts';
import { writeOperations } from './write-operations.ts';

/** Secrets Manager's wire operations over `secrets`. @param save stores them */
export function secretsManager(identity: Identity, secrets: Secrets, save: () => Promise<void>): Service {
  return jsonService({
    name: 'secretsmanager',
    targetPrefix: 'secretsmanager',
    messageMember: 'Message',
    resourceMembers: ['SecretId', 'Name', 'SecretIdList'],
    save,
    operations: { ...readOperations(secrets), ...writeOperations(identity, secrets) },
  });
}
