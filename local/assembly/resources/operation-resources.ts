import { type Account, regionalArn } from '../../iam/account.ts';
import type { Creator } from '../create-resources.ts';
import { logGroupArn } from './function-resources.ts';

/** What is watched, logged or kept for people: known by its name here, and nothing more. */
export function operationsCreators(account: Account): Record<string, Creator> {
  const named: Creator = ({ stack, id }) => ({ ref: `${stack}-${id}` });
  return {
    'AWS::CloudWatch::Alarm': ({ stack, id }) => ({
      ref: `${stack}-${id}`,
      attributes: { Arn: regionalArn(account, 'cloudwatch', `alarm:${stack}-${id}`) },
    }),
    'AWS::CloudWatch::Dashboard': named,
    'AWS::Logs::LogGroup': ({ stack, id }) => ({
      ref: `${stack}-${id}`,
      attributes: { Arn: logGroupArn(account, `${stack}-${id}`) },
    }),
    'AWS::SQS::Queue': ({ stack, id }) => {
      const name = `${stack}-${id}`;
      return {
        ref: `https://sqs.${account.region}.${account.urlSuffix}/${account.accountId}/${name}`,
        attributes: { Arn: regionalArn(account, 'sqs', name), QueueName: name },
      };
    },
    'AWS::SQS::QueuePolicy': named,
  };
}
