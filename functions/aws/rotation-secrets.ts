import { UpdateSecretVersionStageCommand } from '@aws-sdk/client-secrets-manager';
import type { RotationSecrets } from '../refresh/rotation-ports.ts';
import { parseSecretJson, secretField } from './secret-json.ts';
import { readVersion, stagesByVersion } from './secret-versions.ts';
import { sendOptions } from './send-options.ts';
import { storeCall } from './store-error.ts';
import type { TokenStoreProps } from './token-store.ts';

/** What a rotation sees and does of `<namespace>/tokens/<name>`, in Secrets Manager. */
export function createRotationSecrets({
  client,
  pace,
}: Pick<TokenStoreProps, 'client' | 'pace'>): RotationSecrets {
  return {
    stages: (secretId, options) => stagesByVersion(client, secretId, options),
    async accessToken(secretId, versionId, options) {
      const which = versionId === undefined ? {} : { versionId };
      const stored = await readVersion(client, secretId, which, options);
      return stored && secretField(parseSecretJson(stored.value, secretId), 'access_token', secretId);
    },
    async removePending(secretId, versionId, options) {
      await pace.turn(options?.signal);
      const command = new UpdateSecretVersionStageCommand({
        SecretId: secretId,
        VersionStage: 'AWSPENDING',
        RemoveFromVersionId: versionId,
      });
      await storeCall(`UpdateSecretVersionStage ${secretId}`, () =>
        client.send(command, sendOptions(options)),
      );
    },
  };
}
