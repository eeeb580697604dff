import {
  CreateSecretCommand,
  PutSecretValueCommand,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { storeCall } from '../../functions/aws/aws-error.ts';
import type { WritePace } from '../../functions/aws/secrets/write-pace.ts';
import type { Secret } from '../../functions/oauth/secret.ts';
import { StoreError } from '../../functions/refresh/ports/stores.ts';

/** Secrets Manager as an operator may use it: create and write, never read. */
export interface OperatorSecrets {
  /** Creates a secret, without a value where none is given; `false` when there is one. @throws StoreError */
  ensure(name: string, description: string, value?: SecretValue): Promise<boolean>;
  /** Writes a new version, in a new secret where there is none. @throws StoreError */
  store(name: string, text: Secret, versionId: string, description: string): Promise<void>;
}

export interface SecretValue {
  readonly text: Secret;
  readonly versionId: string;
}

export interface OperatorSecretsProps {
  readonly client: SecretsManagerClient;
  readonly pace: WritePace;
  /** The key of new secrets; `undefined` for the account's own. */
  readonly encryptionKey: () => Promise<string | undefined>;
}

export function createOperatorSecrets(props: OperatorSecretsProps): OperatorSecrets {
  const { client, pace, encryptionKey } = props;

  async function create(name: string, description: string, value?: SecretValue) {
    const keyId = await encryptionKey();
    await pace.turn();
    const command = new CreateSecretCommand({
      Name: name,
      Description: description,
      ...(keyId !== undefined && { KmsKeyId: keyId }),
      ...(value && { SecretString: value.text.reveal(), ClientRequestToken: value.versionId }),
    });
    await storeCall(`CreateSecret ${name}`, () => client.send(command));
  }

  return {
    async ensure(name, description, value) {
      try {
        await create(name, description, value);
        return true;
      } catch (error) {
        if (error instanceof StoreError && error.code === 'ResourceExistsException') return false;
        throw error;
      }
    },
    async store(name, text, versionId, description) {
      await pace.turn();
      try {
        const command = new PutSecretValueCommand({
          SecretId: name,
          SecretString: text.reveal(),
          ClientRequestToken: versionId,
        });
        await storeCall(`PutSecretValue ${name}`, () => client.send(command));
      } catch (error) {
        if (!(error instanceof StoreError) || error.kind !== 'missing') throw error;
        await create(name, description, { text, versionId });
      }
    },
  };
}
