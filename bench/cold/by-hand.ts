/**
 * What people write by hand: reads the credentials, asks for a token, writes it where readers find it. No state, no
 * lease, no retry, nobody told.
 */
import {
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';

const { CREDENTIALS, TOKEN, TOKEN_URL = '' } = process.env;
const secrets = new SecretsManagerClient({});

export async function handler() {
  const { SecretString = '' } = await secrets.send(new GetSecretValueCommand({ SecretId: CREDENTIALS }));
  const { client_id, client_secret } = JSON.parse(SecretString);
  const response = await fetch(TOKEN_URL, {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(`${client_id}:${client_secret}`).toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: 'grant_type=client_credentials',
    signal: AbortSignal.timeout(15_000),
  });
  if (!response.ok) throw new Error(`the token endpoint answered with ${response.status}`);
  const { access_token, expires_in } = (await response.json()) as {
    access_token: string;
    expires_in: number;
  };
  const expires_at = Math.floor(Date.now() / 1000) + expires_in;
  const token = JSON.stringify({ access_token, expires_at });
  await secrets.send(new PutSecretValueCommand({ SecretId: TOKEN, SecretString: token }));
  return { expires_at };
}
