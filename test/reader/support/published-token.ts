import {
  CreateSecretCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { onTestFinished } from 'vitest';
import { type AwsEndpoint, startAwsEndpoint } from '../../../local/aws/endpoint.ts';
import { createTokenReader, type TokenReader, type TokenReaderOptions } from '../../../reader/index.ts';
import { canarySecret } from '../../support/canary.ts';

export const START = Date.UTC(2026, 2, 1, 12);
export const HOUR_MS = 3_600_000;

/** Where a short-lived token lies, as its secret says. */
export const PARAMETER = '/evertoken/tokens/crm';

/** Secrets Manager and Parameter Store on the local endpoint, a reader in front of it, and a clock that stands still. */
export interface ReaderWorld {
  readonly endpoint: AwsEndpoint;
  readonly client: SecretsManagerClient;
  readonly ssm: SSMClient;
  readonly reader: TokenReader;
  /** The reader's clock. Epoch milliseconds. */
  at: number;
  /** How often the value of a secret was read. */
  reads(): number;
  /** How often that of a parameter was. */
  parameterReads(): number;
  /** Publishes a token as the refresher does; the secret is made if need be. @returns its access token */
  publish(label: string, further?: Readonly<Record<string, unknown>>): Promise<string>;
  /** Publishes a token to a parameter, to which the secret then points. @returns its access token */
  publishParameter(label: string, further?: Readonly<Record<string, unknown>>): Promise<string>;
  /** Stores any value in a SecureString parameter. */
  storeParameter(name: string, value: string): Promise<void>;
  /** Stores any value under any name. @returns the ARN */
  store(name: string, value?: string): Promise<string>;
}

/** All of them end with the test. */
export async function readerWorld(options: Partial<TokenReaderOptions> = {}): Promise<ReaderWorld> {
  const endpoint = await startAwsEndpoint({ port: 0 });
  const settings = {
    endpoint: endpoint.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  };
  const client = new SecretsManagerClient(settings);
  const ssm = new SSMClient(settings);
  onTestFinished(async () => {
    client.destroy();
    ssm.destroy();
    await endpoint.close();
  });

  async function store(name: string, value?: string): Promise<string> {
    const existing = await client.send(new CreateSecretCommand({ Name: name })).catch(() => undefined);
    if (value === undefined) return existing?.ARN ?? '';
    const { ARN } = await client.send(new PutSecretValueCommand({ SecretId: name, SecretString: value }));
    return ARN ?? '';
  }

  function token(label: string, further: Readonly<Record<string, unknown>>) {
    const access_token = canarySecret(label);
    const obtained_at = START / 1000;
    const times = { expires_at: obtained_at + 3600, obtained_at };
    const fields = { schema: 1, access_token, token_type: 'bearer', ...times, ...further };
    return { access_token, text: JSON.stringify(fields) };
  }

  const world: ReaderWorld = {
    endpoint,
    client,
    ssm,
    reader: createTokenReader({ client, ssm, now: () => world.at, ...options }),
    at: START,
    reads: () => endpoint.calls.count({ operation: 'GetSecretValue' }),
    parameterReads: () => endpoint.calls.count({ operation: 'GetParameter' }),
    store,
    async publish(label, further = {}) {
      const { access_token, text } = token(label, further);
      await store('evertoken/tokens/crm', text);
      return access_token;
    },
    async publishParameter(label, further = {}) {
      const { access_token, text } = token(label, further);
      await world.storeParameter(PARAMETER, text);
      await store('evertoken/tokens/crm', JSON.stringify({ schema: 1, parameter: PARAMETER }));
      return access_token;
    },
    async storeParameter(Name, Value) {
      const kept = { Type: 'SecureString', Tier: 'Intelligent-Tiering', Overwrite: true } as const;
      await ssm.send(new PutParameterCommand({ Name, Value, ...kept }));
    },
  };
  return world;
}
