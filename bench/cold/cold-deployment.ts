import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CreateTableCommand } from '@aws-sdk/client-dynamodb';
import { CreateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { createStateTable } from '../../functions/aws/state-table/create-state-table.ts';
import { stateTableDefinition } from '../../functions/aws/state-table/state-table-definition.ts';
import { createLocalAwsClients, LOCAL_REGION } from '../../local/endpoint-clients.ts';
import { testCertificate } from '../../test/support/certificate.ts';
import type { LoopbackCall } from './loopback-aws.ts';
import { CERTIFICATE, KEY } from './tls-front.ts';

const NAMESPACE = 'evertoken';
const STATE_TABLE = 'evertoken-state';
const CREDENTIALS = 'evertoken/credentials/main';
const CLIENT = { client_id: 'orders', client_secret: randomUUID() };

/** AWS and a provider on loopback, each in a process of its own, and connections that have no token yet. */
export interface ColdDeployment extends AsyncDisposable {
  /** An empty secret for a token, and where that is asked for a connection that is registered and due. */
  connect(options: {
    readonly registered: boolean;
  }): Promise<{ readonly name: string; readonly secretId: string }>;
  /** The environment of a deployed function. */
  readonly environment: Readonly<Record<string, string>>;
  /** The environment of what writes one of the secrets, and knows nothing of a deployment. */
  environmentOf(secretId: string): Readonly<Record<string, string>>;
  /** The calls to AWS since it was last asked, or something was connected. */
  takeCalls(): Promise<readonly LoopbackCall[]>;
}

/** Starts it. */
export async function startColdDeployment(): Promise<ColdDeployment> {
  const folder = await mkdtemp(join(tmpdir(), 'evertoken-certificate-'));
  const { cert, key } = testCertificate('127.0.0.1');
  await writeFile(join(folder, CERTIFICATE), cert);
  await writeFile(join(folder, KEY), key);
  const aws = start('loopback-aws.ts', folder);
  const provider = start('loopback-provider.ts', folder, CLIENT.client_id, CLIENT.client_secret);
  const [{ url, tlsUrl }, { origin, tokenUrl }] = await Promise.all([
    told<{ url: string; tlsUrl: string }>(aws),
    told<{ origin: string; tokenUrl: string }>(provider),
  ]);
  const takeCalls = async () => {
    aws.send('calls');
    return told<readonly LoopbackCall[]>(aws);
  };
  const clients = createLocalAwsClients(url);
  const createSecret = (Name: string, value?: unknown) =>
    clients.secretsManager.send(
      new CreateSecretCommand({ Name, ...(value !== undefined && { SecretString: JSON.stringify(value) }) }),
    );
  await clients.dynamodb.send(new CreateTableCommand(stateTableDefinition(STATE_TABLE)));
  await createSecret(CREDENTIALS, CLIENT);
  const state = createStateTable({ client: clients.dynamodb, tableName: STATE_TABLE });
  const definition = {
    provider: 'slashid',
    tokenUrl,
    credentials: 'main',
    grants: ['client_credentials' as const],
  };
  const ofAws = {
    AWS_REGION: LOCAL_REGION,
    AWS_ENDPOINT_URL: tlsUrl,
    NODE_EXTRA_CA_CERTS: join(folder, CERTIFICATE),
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_SESSION_TOKEN: 'local',
  };
  let connections = 0;
  return {
    async connect({ registered }) {
      connections += 1;
      const name = `c${connections}`;
      const secretId = `${NAMESPACE}/tokens/${name}`;
      await createSecret(secretId);
      if (registered) await state.register(name, definition, Date.now());
      await takeCalls();
      return { name, secretId };
    },
    environment: {
      ...ofAws,
      EVERTOKEN_NAMESPACE: NAMESPACE,
      EVERTOKEN_STATE_TABLE: STATE_TABLE,
      EVERTOKEN_ALLOWED_TOKEN_ORIGINS: origin,
      // As Lambda does, which tells Powertools not to warn.
      AWS_LAMBDA_FUNCTION_NAME: 'cold',
      AWS_LAMBDA_LOG_LEVEL: 'INFO',
    },
    environmentOf: (secretId) => ({
      ...ofAws,
      STATE_TABLE,
      CREDENTIALS,
      TOKEN: secretId,
      TOKEN_URL: tokenUrl,
    }),
    takeCalls,
    async [Symbol.asyncDispose]() {
      for (const client of Object.values(clients)) client.destroy();
      for (const child of [aws, provider]) {
        child.disconnect();
        await once(child, 'exit');
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function start(file: string, ...args: string[]): ChildProcess {
  return fork(fileURLToPath(new URL(file, import.meta.url)), args);
}

/** The next that a process says. @throws Error when it ends without a word */
async function told<Message>(child: ChildProcess): Promise<Message> {
  const over = new AbortController();
  const ended = once(child, 'exit', { signal: over.signal }).then(() => {
    throw new Error('a loopback process ended');
  });
  try {
    const [message] = await Promise.race([once(child, 'message', { signal: over.signal }), ended]);
    return message as Message;
  } finally {
    over.abort();
  }
}
