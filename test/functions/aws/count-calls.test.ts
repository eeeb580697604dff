import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { GetParameterCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { countParameterCalls, countSecretCalls } from '../../../functions/aws/count-calls.ts';
import { AwsError } from '../../../local/aws/wire/error-answer.ts';
import { TestAws } from '../../support/aws.ts';

let aws: TestAws;
let counted: Record<string, number>;

beforeAll(async () => {
  aws = await TestAws.start();
  const metrics = {
    count: (name: string, value = 1) => {
      counted = { ...counted, [name]: (counted[name] ?? 0) + value };
    },
  };
  countSecretCalls(aws.clients.secretsManager, metrics);
  countParameterCalls(aws.clients.ssm, metrics);
});
beforeEach(() => {
  counted = {};
});
afterAll(() => aws[Symbol.asyncDispose]());

it('counts each write of a secret and of a parameter, and no read', async () => {
  await aws.createSecret('app/token', 'a');
  await aws.putSecret('app/token', 'b');
  await aws.clients.secretsManager.send(new GetSecretValueCommand({ SecretId: 'app/token' }));
  const { ssm } = aws.clients;
  await ssm.send(new PutParameterCommand({ Name: '/app/a', Value: 'a', Type: 'String' }));
  await ssm.send(new GetParameterCommand({ Name: '/app/a' }));
  expect(counted).toEqual({ SecretWrites: 1, ParameterWrites: 1 });
});

it('counts each try, and each that AWS finds too much', async () => {
  const slower = new AwsError('ThrottlingException', 'Rate exceeded');
  aws.failNext('PutSecretValue', { before: slower }, { before: slower });
  await aws.putSecret('app/token', 'c');
  expect(counted).toEqual({ SecretWrites: 3, SecretThrottles: 2 });
  aws.failNext('GetParameter', { before: slower });
  await aws.clients.ssm.send(new GetParameterCommand({ Name: '/app/a' }));
  expect(counted).toMatchObject({ ParameterThrottles: 1 });
});

it('counts no other failure as too much', async () => {
  aws.failNext('PutSecretValue', { before: new AwsError('AccessDeniedException', 'no') });
  await expect(aws.putSecret('app/token', 'd')).rejects.toThrow();
  expect(counted).toEqual({ SecretWrites: 1 });
});
