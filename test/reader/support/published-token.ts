import {
  CreateSecretCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { onTestFinished } from 'vitest';
import { type AwsEndpoint, startAwsEndpoint } from '../../../local/aws/endpoint.ts';
import { createTokenReader, type TokenReader, type TokenReaderOptions } from '../../../reader/index.ts';
import { canarySecret } from '../../support/canary.ts';

export const START = Date.UTC(2026, 2, 1, 12);
export const HOUR_MS = 3_600_000;

/** Secrets Manager on the local endpoint, a reader in front of it, and a clock that stands still. */
export interface ReaderWorld {
  readonly endpoint: AwsEndpoint;
  readonly client: SecretsManagerClient;
  readonly reader: TokenReader;
  /** The reader's clock. Epoch milliseconds. */
  at: number;
  /** How often a value was read. */
  reads(): number;
  /** Publishes a token as the refresher does; the secret is made if need be. @returns its access token */
  publish(label: string, further?: Readonly<Record<string, unknown>>): Promise<string>;
  /** Stores any value under any name. @returns the ARN */
  store(name: string, value?: string): Promise<string>;
}

/** Both end with the test. */
export async function readerWorld(options: Partial<TokenReaderOptions> = {}): Promise<ReaderWorld> {
  const endpoint = await startAwsEndpoint({ port: 0 });
  const client = new SecretsManagerClient({
    endpoint: endpoint.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  });
  onTestFinished(async () => {
    client.destroy();
    await endpoint.close();
  });

  async function store(name: string, value?: string): Promise<string> {
    const existing = await client.send(new CreateSecretCommand({ Name: name })).catch(() => undefined);
    if (value === undefined) return existing?.ARN ?? '';
    const { ARN } = await client.send(new PutSecretValueCommand({ SecretId: name, SecretString: value }));
    return ARN ?? '';
  }

  const world: ReaderWorld = {
    endpoint,
    client,
    reader: createTokenReader({ client, now: () => world.at, ...options }),
    at: START,
    reads: () => endpoint.calls.count({ operation: 'GetSecretValue' }),
    store,
    async publish(label, further = {}) {
      const access_token = canarySecret(label);
      const obtained_at = START / 1000;
      const times = { expires_at: obtained_at + 3600, obtained_at };
      const token = { schema: 1, access_token, token_type: 'bearer', ...times, ...further };
      await store('evertoken/tokens/crm', JSON.stringify(token));
      return access_token;
    },
  };
  return world;
}
