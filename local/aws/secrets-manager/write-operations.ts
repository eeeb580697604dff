import { z } from 'zod';
import { epochSeconds, type Identity } from '../caller-identity.ts';
import { AwsError } from '../wire/error-answer.ts';
import { type JsonOperation, jsonOperation } from '../wire/json-service.ts';
import * as input from './secret-input.ts';
import { moveStage } from './secret-versions.ts';
import type { Secrets } from './secrets.ts';

/** The operations that change secrets. */
export function writeOperations(identity: Identity, secrets: Secrets): Record<string, JsonOperation> {
  const uuid = () => identity.random.uuid();
  return {
    CreateSecret: jsonOperation({
      input: z.strictObject({
        Name: z.string().min(1).max(512),
        ...input.valueMembers,
        Description: z.string().max(2048).optional(),
        KmsKeyId: z.string().max(2048).optional(),
        Tags: input.tags.optional(),
      }),
      writes: true,
      run: (request) => {
        input.checkSecretName(request.Name);
        const versionId = input.requestToken(request, uuid);
        const value = input.sentValue(request);
        const details = {
          description: request.Description,
          kmsKeyId: request.KmsKeyId,
          tags: request.Tags ?? [],
        };
        const { arn, name } = secrets.create(request.Name, details, value && { versionId, value });
        return { ARN: arn, Name: name, VersionId: value && versionId };
      },
    }),

    PutSecretValue: jsonOperation({
      input: z.strictObject({
        SecretId: input.secretId,
        ...input.valueMembers,
        VersionStages: z.array(input.stage).min(1).max(20).optional(),
        // Proves to AWS who rotates; nothing here depends on it.
        RotationToken: z.string().min(36).max(256).optional(),
      }),
      writes: true,
      run: (request) => {
        const versionId = input.requestToken(request, uuid);
        const value = input.sentValue(request);
        if (!value) {
          throw new AwsError(
            'InvalidRequestException',
            'You must provide either SecretString or SecretBinary.',
          );
        }
        const stages = request.VersionStages;
        const { record, version } = secrets.put(request.SecretId, { versionId, value, stages });
        return { ARN: record.arn, Name: record.name, VersionId: versionId, VersionStages: version.stages };
      },
    }),

    UpdateSecretVersionStage: jsonOperation({
      input: z.strictObject({
        SecretId: input.secretId,
        VersionStage: input.stage,
        RemoveFromVersionId: input.versionId.optional(),
        MoveToVersionId: input.versionId.optional(),
      }),
      writes: true,
      run: (request) => {
        const record = secrets.active(request.SecretId);
        const move = { from: request.RemoveFromVersionId, to: request.MoveToVersionId };
        moveStage(record, request.VersionStage, move, identity.clock.now());
        return { ARN: record.arn, Name: record.name };
      },
    }),

    DeleteSecret: jsonOperation({
      input: z.strictObject({
        SecretId: input.secretId,
        RecoveryWindowInDays: z.int().optional(),
        ForceDeleteWithoutRecovery: z.boolean().optional(),
      }),
      writes: true,
      run: ({ SecretId, RecoveryWindowInDays, ForceDeleteWithoutRecovery = false }) => {
        const days = input.recoveryDays(RecoveryWindowInDays, ForceDeleteWithoutRecovery);
        const { arn, name, goneAt } =
          days === undefined ? secrets.forceDelete(SecretId) : secrets.delete(SecretId, days);
        return { ARN: arn, Name: name, DeletionDate: epochSeconds(goneAt) };
      },
    }),

    RestoreSecret: jsonOperation({
      input: z.strictObject({ SecretId: input.secretId }),
      writes: true,
      run: ({ SecretId }) => {
        const { arn, name } = secrets.restoreDeleted(SecretId);
        return { ARN: arn, Name: name };
      },
    }),
  };
}
