import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { CreateSecretCommand, DescribeSecretCommand } from '@aws-sdk/client-secrets-manager';
import { expect, it } from 'vitest';
import { AwsError } from '../../../local/aws/wire/error-answer.ts';
import { runningEndpoint } from './support/running-endpoint.ts';

it('a call that is refused is answered so, and has no effect', async () => {
  const asked: unknown[] = [];
  const { secrets, tables, endpoint } = await runningEndpoint({
    authorize: (accessKeyId, service, operation, resource, body) => {
      asked.push([accessKeyId, service, operation, resource, JSON.parse(body.toString())]);
      return operation === 'DescribeSecret'
        ? undefined
        : new AwsError('AccessDeniedException', `no ${operation}`);
    },
  });
  await expect(secrets.send(new CreateSecretCommand({ Name: 'a' }))).rejects.toMatchObject({
    name: 'AccessDeniedException',
    message: 'no CreateSecret',
  });
  expect(endpoint.secret('a')).toBeUndefined();
  await expect(
    tables.send(new PutItemCommand({ TableName: 'table', Item: { pk: { S: 'a' } } })),
  ).rejects.toMatchObject({ name: 'AccessDeniedException' });
  await expect(secrets.send(new DescribeSecretCommand({ SecretId: 'a' }))).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  });
  expect(asked).toEqual([
    [expect.any(String), 'secretsmanager', 'CreateSecret', 'a', expect.objectContaining({ Name: 'a' })],
    [expect.any(String), 'dynamodb', 'PutItem', 'table', expect.objectContaining({ TableName: 'table' })],
    [expect.any(String), 'secretsmanager', 'DescribeSecret', 'a', { SecretId: 'a' }],
  ]);
});
