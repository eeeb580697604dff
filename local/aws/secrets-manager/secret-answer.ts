import { epochSeconds } from '../caller-identity.ts';
import type { SecretRecord, SecretVersion } from './secret-record.ts';

/** The answer of GetSecretValue. */
export function valueAnswer(record: SecretRecord, version: SecretVersion): object {
  return {
    ARN: record.arn,
    Name: record.name,
    VersionId: version.versionId,
    ...version.value,
    VersionStages: version.stages,
    CreatedDate: epochSeconds(version.createdAt),
  };
}

/** The members that DescribeSecret and ListSecrets share. JSON leaves out what is undefined. */
export function descriptionAnswer(record: SecretRecord): object {
  return {
    ARN: record.arn,
    Name: record.name,
    Description: record.description,
    KmsKeyId: record.kmsKeyId,
    RotationEnabled: record.rotation && true,
    RotationLambdaARN: record.rotation?.lambdaArn,
    LastRotatedDate: record.rotation?.lastRotatedAt && epochSeconds(record.rotation.lastRotatedAt),
    Tags: record.tags,
    CreatedDate: epochSeconds(record.createdAt),
    LastChangedDate: epochSeconds(record.changedAt),
    DeletedDate: record.deletion && epochSeconds(record.deletion.markedAt),
  };
}

/** Versions that carry a label; deprecated ones are not shown. `undefined` when there is none. */
export function stagesByVersion(record: SecretRecord): Record<string, string[]> | undefined {
  const labelled = record.versions.filter(({ stages }) => stages.length > 0);
  if (labelled.length === 0) return undefined;
  return Object.fromEntries(labelled.map(({ versionId, stages }) => [versionId, stages]));
}

export function versionEntry(version: SecretVersion): object {
  return {
    VersionId: version.versionId,
    VersionStages: version.stages.length > 0 ? version.stages : undefined,
    CreatedDate: epochSeconds(version.createdAt),
  };
}
