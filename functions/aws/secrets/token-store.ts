import { type SecretsManagerClient, UpdateSecretVersionStageCommand } from '@aws-sdk/client-secrets-manager';
import type { ResolvedConnection } from '../../connections/resolve-connection.ts';
import { usableSecretId } from '../../connections/secret-owner.ts';
import { Secret } from '../../oauth/secret.ts';
import type { CallOptions } from '../../refresh/ports/outside.ts';
import {
  type PublishedToken,
  type RotationSecrets,
  StoreError,
  type TokenStore,
} from '../../refresh/ports/stores.ts';
import { sendOptions, storeCall } from '../aws-error.ts';
import type { TokenParameters } from '../parameters/token-parameters.ts';
import { secretName } from '../resource-names.ts';
import { SCHEMA } from '../stored-schema.ts';
import { parseSecretJson, type SecretFields, secretField, serialiseSecretJson } from './secret-json.ts';
import { putVersion, readVersion, stagesByVersion } from './version-calls.ts';
import type { WritePace } from './write-pace.ts';

/** What an extra field of the answer may never set: our own fields, and what consumers must not see. */
const RESERVED = new Set([
  'schema',
  'access_token',
  'token_type',
  'expires_at',
  'obtained_at',
  'parameter',
  'presentation',
  'scope',
  'id_token',
  'refresh_token',
  'client_id',
  'client_secret',
  'private_key',
  'username',
  'password',
]);

/** Staging label of a version that only proves that one can be written. */
const PROOF_STAGE = 'evertoken-proof';

export interface TokenStoreProps {
  readonly client: SecretsManagerClient;
  readonly namespace: string;
  readonly pace: WritePace;
  /** Where tokens go that live too short for a secret. */
  readonly parameters: TokenParameters;
}

/**
 * Publishes access tokens: to `<namespace>/tokens/<name>`, which is ours and is written whole, or to the
 * connection's own secret, of which only our fields change. Secrets Manager knows no conditional write,
 * so nobody else should write to that secret. What lives too short for a secret goes to a parameter, and our secret
 * says where that is: readers are led there once it holds a token, and back once the secret does.
 */
export function createTokenStore(props: TokenStoreProps): TokenStore {
  const { client, namespace, pace, parameters } = props;
  const idOf = async ({ name, token }: ResolvedConnection) =>
    token === undefined
      ? secretName.token(namespace, name)
      : usableSecretId('token', token, { namespace, region: await client.config.region() });

  return {
    async publish(connection, token, versionId, { stages, place, isMove, ...options } = {}) {
      const ours = tokenFields(connection, token);
      const reference = connection.token;
      const secretId = await idOf(connection);
      if (place === 'parameter') {
        const value = serialiseSecretJson({ schema: SCHEMA, ...ours });
        const parameter = await parameters.put(connection.name, value, options);
        if (!isMove) return;
        const text = serialiseSecretJson({ schema: SCHEMA, parameter });
        await putVersion(client, pace, { secretId, text, versionId, stages }, options);
        return;
      }
      const fields =
        reference === undefined
          ? { schema: SCHEMA, ...ours }
          : { ...(await existingFields(client, secretId, options)), ...renamed(ours, reference.fields) };
      const text = serialiseSecretJson(fields);
      await putVersion(client, pace, { secretId, text, versionId, stages }, options);
      // Nobody is led there any more: what stays is a token that ends.
      if (isMove) await parameters.delete(connection.name, options).catch(() => undefined);
    },
    async prove(connection, versionId, { place, ...options } = {}) {
      if (place === 'parameter') {
        const value = await parameters.get(connection.name, options);
        if (value !== undefined) await parameters.put(connection.name, value, options);
        return;
      }
      const secretId = await idOf(connection);
      // Other content under an id that exists is refused as a conflict, but only by who may write and can use
      // the key; where the id is gone, the version that this makes has no label that anybody reads.
      const proof = { secretId, text: new Secret('{"proof":true}'), versionId, stages: [PROOF_STAGE] };
      try {
        await putVersion(client, pace, proof, options);
      } catch (error) {
        if (!(error instanceof StoreError && error.kind === 'conflict')) throw error;
      }
    },
  };
}

/** What consumers read. `id_token` only on request. */
function tokenFields(connection: ResolvedConnection, published: PublishedToken): SecretFields {
  const { token, expires_at, obtained_at } = published;
  const extras = Object.entries(token.extras).filter(([key]) => !RESERVED.has(key));
  return {
    access_token: token.access_token,
    token_type: token.token_type,
    expires_at,
    obtained_at,
    ...(token.scope !== undefined && { scope: token.scope }),
    ...(connection.publishIdToken && token.id_token !== undefined && { id_token: token.id_token }),
    ...(connection.accessToken.presentation && { presentation: connection.accessToken.presentation }),
    ...Object.fromEntries(extras),
  };
}

function renamed(fields: SecretFields, names: Readonly<Record<string, string>>): SecretFields {
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [names[key] ?? key, value]));
}

/** What the secret holds besides; a repeated publish finds its own fields and writes the same bytes. */
async function existingFields(
  client: SecretsManagerClient,
  secretId: string,
  options: CallOptions,
): Promise<SecretFields> {
  const existing = await readVersion(client, secretId, {}, options);
  return existing === undefined ? {} : parseSecretJson(existing.value, secretId);
}

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
      await pace.turn(options);
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
