import {
  CreateSecretCommand,
  DescribeSecretCommand,
  ListSecretVersionIdsCommand,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import type { Secret } from '../../oauth/secret.ts';
import type { CallOptions } from '../../refresh/ports/outside.ts';
import { StoreError, type Version, type WriteTurn } from '../../refresh/ports/stores.ts';
import { sendOptions, storeCall } from '../aws-error.ts';
import {
  currentVersionId,
  putVersion,
  readVersion,
  type SecretWrite,
  type WhichVersion,
} from './version-calls.ts';
import type { WritePace } from './write-pace.ts';

/** As many as one answer holds, and more than may be written in a day. */
const MOST_VERSIONS = 100;

/** The calls on single secrets that a store of refresh tokens is made of. Every method throws StoreError. */
export interface SecretCalls {
  /** `undefined` when the secret, the version or a value does not exist. */
  read(secretId: string, which: WhichVersion, options?: CallOptions): Promise<Version<Secret> | undefined>;
  /** VersionId of AWSCURRENT, without the value; `undefined` as for `read`. */
  currentVersionId(secretId: string, options?: CallOptions): Promise<string | undefined>;
  /** Answers with the staging labels of the version. */
  write(write: SecretWrite, options?: CallOptions): Promise<readonly string[]>;
  /** Makes a secret under the key of another; nothing where there is one. */
  createLike(secretId: string, like: string, text: Secret, options?: CallOptions): Promise<void>;
  /** When its versions were made, epoch milliseconds: up to a hundred. */
  madeAt(secretId: string, options?: CallOptions): Promise<readonly number[]>;
  turn(writes: number, options?: CallOptions): Promise<WriteTurn>;
}

/** These calls on Secrets Manager, writes at the pace of all. */
export function createSecretCalls(client: SecretsManagerClient, pace: WritePace): SecretCalls {
  return {
    read: (secretId, which, options) => readVersion(client, secretId, which, options),
    currentVersionId: (secretId, options) => currentVersionId(client, secretId, options),
    write: (write, options) => putVersion(client, pace, write, options),
    turn: (writes, options) => pace.turn({ ...options, writes }),

    async madeAt(secretId, options) {
      const command = new ListSecretVersionIdsCommand({
        SecretId: secretId,
        IncludeDeprecated: true,
        MaxResults: MOST_VERSIONS,
      });
      const { Versions = [] } = await storeCall(`ListSecretVersionIds ${secretId}`, () =>
        client.send(command, sendOptions(options)),
      );
      return Versions.flatMap(({ CreatedDate }) => CreatedDate?.getTime() ?? []);
    },

    async createLike(secretId, like, text, options) {
      const { KmsKeyId } = await storeCall(`DescribeSecret ${like}`, () =>
        client.send(new DescribeSecretCommand({ SecretId: like }), sendOptions(options)),
      );
      const command = new CreateSecretCommand({
        Name: secretId,
        Description: `Holds refresh tokens of ${like} in turn with it, since one secret takes some hundred writes a day`,
        KmsKeyId,
        SecretString: text.reveal(),
      });
      try {
        await storeCall(`CreateSecret ${secretId}`, () => client.send(command, sendOptions(options)));
      } catch (error) {
        if (!(error instanceof StoreError && error.kind === 'conflict')) throw error;
      }
    },
  };
}
