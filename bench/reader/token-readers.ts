import { SecretsProvider } from '@aws-lambda-powertools/parameters/secrets';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { createTokenReader } from '../../reader/index.ts';

const NAME = 'crm';
export const SECRET = `evertoken/tokens/${NAME}`;

/** So long the extension keeps what it has read, unless it is told otherwise. */
const EXTENSION_TTL_MS = 300_000;

/** A way to read a token, in the process of the reader. */
export interface TokenWay {
  /** `rejected` is the token that an API has just answered with 401. */
  read(rejected?: string): Promise<string>;
}

export const WAYS = ['evertoken/reader', 'Powertools parameters', 'the extension', 'a plain call'] as const;
export type WayName = (typeof WAYS)[number];

/** Each way, with its own defaults, on Secrets Manager as `secret` stands for it: text, at the cost of a call. */
export function tokenWays(secret: () => string): Readonly<Record<WayName, TokenWay>> {
  const reader = createTokenReader({ client: clientOf(secret), now: () => Date.now() });
  const provider = new SecretsProvider({ awsSdkV3Client: clientOf(secret) });
  const plain = clientOf(secret);
  let kept = { text: '', until: 0 };
  return {
    'evertoken/reader': {
      read: (rejected) => reader.accessToken(NAME, rejected === undefined ? {} : { rejected }),
    },
    'Powertools parameters': {
      read: async () => {
        const stored = await provider.get<{ access_token: string }>(SECRET, { transform: 'json' });
        return stored?.access_token ?? '';
      },
    },
    // Its cache alone: what a request to it costs is measured over a socket.
    'the extension': {
      read: async () => {
        if (Date.now() >= kept.until) kept = { text: secret(), until: Date.now() + EXTENSION_TTL_MS };
        return tokenIn(kept.text);
      },
    },
    'a plain call': {
      read: async () => {
        const { SecretString } = await plain.send(new GetSecretValueCommand({ SecretId: SECRET }));
        return tokenIn(SecretString);
      },
    },
  };
}

/** `access_token` of the JSON of a secret. */
export const tokenIn = (text = ''): string => JSON.parse(text).access_token;

/** A client of the SDK that never leaves the process. */
function clientOf(secret: () => string): SecretsManagerClient {
  const client = new SecretsManagerClient({
    region: 'us-east-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  });
  return Object.assign(client, { send: async () => ({ SecretString: secret() }) });
}
