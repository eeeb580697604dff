import { z } from 'zod';
import type { LocalQueues } from '../../aws/sqs/queues.ts';
import { type Account, regionalArn } from '../../iam/account.ts';
import type { Creator } from '../create-resources.ts';
import { logGroupArn } from './function-resources.ts';
import { creator, unheeded } from './properties.ts';

/** What is watched, logged or kept for people: known by its name here, and nothing more. */
export function operationsCreators(account: Account, queues: LocalQueues): Record<string, Creator> {
  const named: Creator = ({ stack, id }) => ({ ref: `${stack}-${id}` });
  return {
    'AWS::CloudWatch::Alarm': ({ stack, id }) => ({
      ref: `${stack}-${id}`,
      attributes: { Arn: regionalArn(account, 'cloudwatch', `alarm:${stack}-${id}`) },
    }),
    'AWS::CloudWatch::Dashboard': named,
    'AWS::Logs::QueryDefinition': named,
    'AWS::Logs::LogGroup': ({ stack, id }) => ({
      ref: `${stack}-${id}`,
      attributes: { Arn: logGroupArn(account, `${stack}-${id}`) },
    }),
    'AWS::SQS::Queue': creator(
      {
        MessageRetentionPeriod: z.int().min(60).max(1_209_600),
        VisibilityTimeout: z.int().min(0).max(43_200).optional(),
        SqsManagedSseEnabled: unheeded,
      },
      ({ MessageRetentionPeriod, VisibilityTimeout = 30 }, { stack, id }) => {
        const { url, arn, name } = queues.create(`${stack}-${id}`, {
          retentionMs: MessageRetentionPeriod * 1000,
          visibilityTimeoutMs: VisibilityTimeout * 1000,
        });
        return { ref: url, attributes: { Arn: arn, QueueName: name } };
      },
    ),
    'AWS::SQS::QueuePolicy': named,
  };
}
