import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import {
  CreateSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
} from '@aws-sdk/client-secrets-manager';
import { GetParameterCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import { expect, it, onTestFinished, vi } from 'vitest';
import { openDataDirectory } from '../../../local/aws/data-directory.ts';
import { startAwsEndpoint } from '../../../local/aws/endpoint.ts';
import { canarySecret } from '../../support/canary.ts';
import { createTable, runningEndpoint, token } from './support/running-endpoint.ts';

async function emptyDirectory(): Promise<string> {
  const parent = await mkdtemp(join(tmpdir(), 'local-aws-'));
  onTestFinished(() => rm(parent, { recursive: true, force: true }));
  return join(parent, 'data');
}

const startIn = async (path: string) =>
  startAwsEndpoint({ port: 0, dataDirectory: await openDataDirectory(path) });

const VALUE = canarySecret('stored');
const CREATE = new CreateSecretCommand({ Name: 'a', SecretString: VALUE, ClientRequestToken: token('1') });

it('refuses a directory that others may read', async () => {
  const dataDirectory = await emptyDirectory();
  await (await startIn(dataDirectory)).close();
  await chmod(dataDirectory, 0o750);
  await expect(startIn(dataDirectory)).rejects.toThrow(/chmod 700/);
});

it('refuses a directory in use, and takes over from a process that died', async () => {
  const dataDirectory = await emptyDirectory();
  const { endpoint } = await runningEndpoint({ dataDirectory: await openDataDirectory(dataDirectory) });
  await expect(startIn(dataDirectory)).rejects.toThrow(`in use by process ${process.pid}`);
  await endpoint.close();
  // No process has this id: Linux ends at 2^22.
  await writeFile(join(dataDirectory, 'in-use'), '99999999');
  await (await startIn(dataDirectory)).close();
});

it.each(['secrets.json', 'parameters.json'])(
  'refuses a damaged %s without showing it, and lets go',
  async (name) => {
    const dataDirectory = await emptyDirectory();
    await (await startIn(dataDirectory)).close();
    const file = join(dataDirectory, name);
    for (const damage of [`{"schema":1,"${VALUE}`, '{"schema":2}']) {
      await writeFile(file, damage);
      const refused = await startIn(dataDirectory).catch((error: Error) => error);
      expect(String(refused)).toContain(`${file} is damaged`);
      expect(String(refused)).not.toContain(VALUE);
      expect((refused as Error).cause).toBeUndefined();
    }
    await rm(file);
    await (await startIn(dataDirectory)).close();
  },
);

it('keeps secrets, parameters and tables from one run to the next', async () => {
  const dataDirectory = await emptyDirectory();
  const first = await runningEndpoint({ dataDirectory: await openDataDirectory(dataDirectory) });
  const { ARN } = await first.secrets.send(CREATE);
  await first.parameters.send(new PutParameterCommand({ Name: '/p', Value: VALUE, Type: 'SecureString' }));
  await createTable(first.tables, { TableName: 'state' });
  await first.tables.send(new PutItemCommand({ TableName: 'state', Item: { pk: { S: 'x' } } }));
  await first.endpoint.close();

  const second = await runningEndpoint({ dataDirectory: await openDataDirectory(dataDirectory) });
  expect(await second.secrets.send(new GetSecretValueCommand({ SecretId: 'a' }))).toMatchObject({
    ARN,
    VersionId: token('1'),
    SecretString: VALUE,
  });
  const { Parameter } = await second.parameters.send(
    new GetParameterCommand({ Name: '/p', WithDecryption: true }),
  );
  expect(Parameter).toMatchObject({ Value: VALUE, Version: 1 });
  const read = new GetItemCommand({ TableName: 'state', Key: { pk: { S: 'x' } } });
  expect((await second.tables.send(read)).Item).toEqual({ pk: { S: 'x' } });
});

it('has stored a write before it answers, for nobody else to read', async () => {
  const dataDirectory = await emptyDirectory();
  const { secrets } = await runningEndpoint({ dataDirectory: await openDataDirectory(dataDirectory) });
  await secrets.send(CREATE);
  const file = join(dataDirectory, 'secrets.json');
  expect(await readFile(file, 'utf8')).toContain(VALUE);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect((await stat(dataDirectory)).mode & 0o777).toBe(0o700);
});

it('stores many writes at once, and leaves no temporary file', async () => {
  const dataDirectory = await emptyDirectory();
  const { secrets } = await runningEndpoint({ dataDirectory: await openDataDirectory(dataDirectory) });
  await secrets.send(CREATE);
  const writes = Array.from({ length: 50 }, (_, index) => {
    const ClientRequestToken = token(`many-${index}`);
    return secrets.send(
      new PutSecretValueCommand({ SecretId: 'a', SecretString: VALUE, ClientRequestToken }),
    );
  });
  await Promise.all(writes);
  const stored = JSON.parse(await readFile(join(dataDirectory, 'secrets.json'), 'utf8'));
  expect(stored.secrets[0].versions).toHaveLength(51);
  expect((await readdir(dataDirectory)).sort()).toEqual(['in-use', 'secrets.json', 'tables']);
});

it('answers with a failure when a write cannot be stored', async () => {
  const dataDirectory = await emptyDirectory();
  const { secrets } = await runningEndpoint({ dataDirectory: await openDataDirectory(dataDirectory) });
  const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  // A directory is in the way of the file.
  await mkdir(join(dataDirectory, 'secrets.json'));
  await expect(secrets.send(CREATE)).rejects.toMatchObject({ name: 'InternalServiceError' });
  expect(warned).toHaveBeenCalledWith('a request failed: Error', 'LocalAwsWarning');
  warned.mockRestore();
});
