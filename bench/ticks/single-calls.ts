import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { GetSecretValueCommand, PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { Client } from 'undici';
import type { AwsClients } from '../../functions/aws/clients.ts';
import { type LeanCloud, originOf } from '../worlds/start-lean-cloud.ts';

/** As little as takes a lease or ends one. */
export const update = (clients: AwsClients, name: string) =>
  clients.dynamodb.send(
    new UpdateItemCommand({
      TableName: 'evertoken-state',
      Key: { pk: { S: `connection#${name}` } },
      UpdateExpression: 'SET #leaseOwner = :owner, #leaseEndsAt = :endsAt REMOVE #dueAgainAt',
      ConditionExpression: 'attribute_exists(#pk) AND attribute_not_exists(#removedAt) AND #dueAt <= :now',
      ExpressionAttributeNames: Object.fromEntries(
        ['leaseOwner', 'leaseEndsAt', 'dueAgainAt', 'pk', 'removedAt', 'dueAt'].map((each) => [
          `#${each}`,
          each,
        ]),
      ),
      ExpressionAttributeValues: {
        ':owner': { S: crypto.randomUUID() },
        ':endsAt': { N: '1' },
        ':now': { N: '1' },
      },
      ReturnValues: 'ALL_NEW',
    }),
  );

export const read = (clients: AwsClients, name: string) =>
  clients.secretsManager.send(new GetSecretValueCommand({ SecretId: `evertoken/${name}` }));

export const put = (clients: AwsClients, name: string, value: string) =>
  clients.secretsManager.send(
    new PutSecretValueCommand({
      SecretId: `evertoken/${name}`,
      ClientRequestToken: crypto.randomUUID(),
      SecretString: JSON.stringify({ schema: 1, value, expires_at: 1, obtained_at: 1 }),
    }),
  );

/** Over a connection of its own, as a refresh does. */
export async function exchange(cloud: LeanCloud, index: number, rotating: boolean): Promise<string> {
  const client = new Client(originOf(cloud.origins, index), { allowH2: false, pipelining: 0 });
  const form = new URLSearchParams({
    grant_type: rotating ? 'refresh_token' : 'client_credentials',
    ...(rotating && { refresh_token: 'fake-canary-refresh-token' }),
  });
  const authorization = `Basic ${Buffer.from('app:fake-canary-client-secret').toString('base64')}`;
  const { body } = await client.request({
    method: 'POST',
    path: '/token',
    headers: { authorization, 'content-type': 'application/x-www-form-urlencoded' },
    body: form.toString(),
  });
  const { access_token } = (await body.json()) as { access_token: string };
  client.destroy().catch(() => {});
  return access_token;
}
