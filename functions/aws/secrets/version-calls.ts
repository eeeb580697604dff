import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { Secret } from '../../oauth/secret.ts';
import type { CallOptions } from '../../refresh/ports/outside.ts';
import { StoreError, type Version, type WriteTurn } from '../../refresh/ports/stores.ts';
import { markedForDeletion, sendOptions, storeCall } from '../aws-error.ts';
import { malformed } from '../stored-schema.ts';
import type { WritePace } from './write-pace.ts';

/** Secrets Manager's limit for a value, in bytes. */
const MAX_VALUE_BYTES = 65_536;

/** Which version of a secret: by id, else by label, else AWSCURRENT. */
export interface WhichVersion {
  readonly versionId?: string;
  readonly stage?: string;
}

export interface ReadVersionOptions extends CallOptions {
  /** Makes a text of a binary value. Default: it is refused. */
  readonly textOf?: (bytes: Uint8Array) => Secret;
}

/**
 * Reads one version of a secret's text. `undefined` when the secret, the version or a value does not
 * exist: Secrets Manager answers alike. @throws StoreError
 */
export async function readVersion(
  client: SecretsManagerClient,
  secretId: string,
  which: WhichVersion = {},
  { textOf = refuseBinary(secretId), ...options }: ReadVersionOptions = {},
): Promise<Version<Secret> | undefined> {
  const command = new GetSecretValueCommand({
    SecretId: secretId,
    VersionId: which.versionId,
    VersionStage: which.stage,
  });
  const answer = await orMissing(
    storeCall(`GetSecretValue ${secretId}`, () => client.send(command, sendOptions(options))),
  );
  if (answer === undefined) return undefined;
  if (answer.VersionId === undefined) throw malformed(secretId, 'was read without a VersionId');
  const { SecretString: text, SecretBinary: bytes = new Uint8Array() } = answer;
  return {
    value: text === undefined ? textOf(bytes) : new Secret(text),
    versionId: answer.VersionId,
    createdAt: answer.CreatedDate?.getTime() ?? 0,
    stages: answer.VersionStages ?? [],
  };
}

function refuseBinary(secretId: string): () => never {
  return () => {
    throw malformed(secretId, 'holds binary data, not JSON: store it as text (SecretString)');
  };
}

/** VersionId of AWSCURRENT, without the value; `undefined` as for `readVersion`. @throws StoreError */
export async function currentVersionId(
  client: SecretsManagerClient,
  secretId: string,
  options?: CallOptions,
): Promise<string | undefined> {
  const versions = await stagesByVersion(client, secretId, options);
  return [...versions].find(([, stages]) => stages.includes('AWSCURRENT'))?.[0];
}

/**
 * Staging labels by VersionId, of the versions that have any; none when the secret does not exist.
 * @throws StoreError; `unusable` for a secret that is marked for deletion, which can be described still
 */
export async function stagesByVersion(
  client: SecretsManagerClient,
  secretId: string,
  options?: CallOptions,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const answer = await orMissing(
    storeCall(`DescribeSecret ${secretId}`, () =>
      client.send(new DescribeSecretCommand({ SecretId: secretId }), sendOptions(options)),
    ),
  );
  if (answer?.DeletedDate !== undefined) throw markedForDeletion(`DescribeSecret ${secretId}`);
  return new Map(Object.entries(answer?.VersionIdsToStages ?? {}));
}

export interface SecretWrite {
  readonly secretId: string;
  readonly text: Secret;
  /** ClientRequestToken: repeated with the same text it writes nothing. */
  readonly versionId: string;
  /** Default: Secrets Manager moves AWSCURRENT to the new version. */
  readonly stages?: readonly string[] | undefined;
  /** A turn that was had before. Default: waits for one. */
  readonly turn?: WriteTurn | undefined;
}

/** Writes one version when the pace allows; answers with its staging labels. @throws StoreError */
export async function putVersion(
  client: SecretsManagerClient,
  pace: WritePace,
  { secretId, text, versionId, stages, turn }: SecretWrite,
  options?: CallOptions,
): Promise<readonly string[]> {
  if (text.byteLength > MAX_VALUE_BYTES) {
    throw new StoreError(
      'limit',
      'ValueTooLarge',
      `${secretId}: the value has ${text.byteLength} bytes; Secrets Manager takes ${MAX_VALUE_BYTES}`,
    );
  }
  if (turn === undefined) await pace.turn(options);
  const answer = await storeCall(`PutSecretValue ${secretId}`, () =>
    client.send(
      new PutSecretValueCommand({
        SecretId: secretId,
        SecretString: text.reveal(),
        ClientRequestToken: versionId,
        VersionStages: stages === undefined ? undefined : [...stages],
      }),
      sendOptions(options),
    ),
  );
  return answer.VersionStages ?? [];
}

async function orMissing<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof StoreError && error.kind === 'missing') return undefined;
    throw error;
  }
}
