import { z } from 'zod';
import { type JsonOperation, jsonOperation } from '../wire/json-service.ts';
import { instantKey, page } from '../wire/page.ts';
import { descriptionAnswer, stagesByVersion, valueAnswer, versionEntry } from './secret-answer.ts';
import * as input from './secret-input.ts';
import { beforeLatestVersion } from './secret-versions.ts';
import type { Secrets } from './secrets.ts';

const paging = { MaxResults: z.int().min(1).max(100).optional(), NextToken: z.string().optional() };

/** The operations that change nothing. */
export function readOperations(secrets: Secrets): Record<string, JsonOperation> {
  return {
    GetSecretValue: jsonOperation({
      input: z.strictObject({
        SecretId: input.secretId,
        VersionId: input.versionId.optional(),
        VersionStage: input.stage.optional(),
      }),
      run: ({ SecretId, VersionId, VersionStage }, stale) => {
        const current = secrets.active(SecretId);
        const record = stale ? beforeLatestVersion(current) : current;
        return valueAnswer(record, secrets.version(record, VersionId, VersionStage));
      },
    }),

    DescribeSecret: jsonOperation({
      input: z.strictObject({ SecretId: input.secretId }),
      run: ({ SecretId }, stale) => {
        const current = secrets.find(SecretId);
        const record = stale ? beforeLatestVersion(current) : current;
        return { ...descriptionAnswer(record), VersionIdsToStages: stagesByVersion(record) };
      },
    }),

    ListSecrets: jsonOperation({
      input: z.strictObject({
        ...paging,
        Filters: input.filters.optional(),
        IncludePlannedDeletion: z.boolean().optional(),
        SortOrder: z.enum(['asc', 'desc']).optional(),
      }),
      run: (request) => {
        const found = secrets
          .all()
          .filter((record) => request.IncludePlannedDeletion || !record.deletion)
          .filter((record) => input.matches(record, request.Filters));
        const { items, nextToken } = page(found, (record) => instantKey(record.createdAt, record.name), {
          size: request.MaxResults ?? 100,
          nextToken: request.NextToken,
          descending: request.SortOrder !== 'asc',
          invalidTokenCode: 'InvalidNextTokenException',
        });
        const entries = items.map((record) => ({
          ...descriptionAnswer(record),
          SecretVersionsToStages: stagesByVersion(record),
        }));
        return { SecretList: entries, NextToken: nextToken };
      },
    }),

    ListSecretVersionIds: jsonOperation({
      input: z.strictObject({
        ...paging,
        SecretId: input.secretId,
        IncludeDeprecated: z.boolean().optional(),
      }),
      run: (request) => {
        const record = secrets.find(request.SecretId);
        const versions = record.versions.filter(
          ({ stages }) => request.IncludeDeprecated || stages.length > 0,
        );
        const { items, nextToken } = page(
          versions,
          (version) => instantKey(version.createdAt, version.versionId),
          {
            size: request.MaxResults ?? 100,
            nextToken: request.NextToken,
            invalidTokenCode: 'InvalidNextTokenException',
          },
        );
        return {
          ARN: record.arn,
          Name: record.name,
          Versions: items.map(versionEntry),
          NextToken: nextToken,
        };
      },
    }),
  };
}
