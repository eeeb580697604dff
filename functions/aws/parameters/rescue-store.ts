import {
  DeleteParameterCommand,
  GetParameterCommand,
  PutParameterCommand,
  type SSMClient,
} from '@aws-sdk/client-ssm';
import { Secret } from '../../oauth/secret.ts';
import { type RescuedRefreshToken, type RescueStore, StoreError } from '../../refresh/ports/stores.ts';
import { sendOptions, storeCall } from '../aws-error.ts';
import { parameterName } from '../resource-names.ts';
import { parseRefreshToken, refreshTokenFields } from '../secrets/refresh-token-store.ts';
import {
  parseSecretJson,
  type SecretFields,
  secretField,
  serialiseSecretJson,
} from '../secrets/secret-json.ts';
import { malformed, refuseNewerSchema, SCHEMA } from '../stored-schema.ts';

/** Parameter Store's limit for the value of an advanced parameter, in bytes. */
const MAX_VALUE_BYTES = 8_192;

export interface RescueStoreProps {
  readonly client: SSMClient;
  readonly namespace: string;
}

/**
 * Refresh tokens that Secrets Manager would not take, as SecureStrings at `/<namespace>/rescue/<name>`.
 * Another service and another key (the account's `aws/ssm`) on purpose.
 */
export function createRescueStore({ client, namespace }: RescueStoreProps): RescueStore {
  return {
    async put(name, rescued, options) {
      const parameter = parameterName.rescue(namespace, name);
      const text = serialise(rescued);
      if (text.byteLength > MAX_VALUE_BYTES) {
        throw new StoreError(
          'limit',
          'ValueTooLarge',
          `${parameter}: the value has ${text.byteLength} bytes; Parameter Store takes ${MAX_VALUE_BYTES}`,
        );
      }
      const command = new PutParameterCommand({
        Name: parameter,
        Value: text.reveal(),
        Type: 'SecureString',
        Tier: 'Intelligent-Tiering',
        Overwrite: true,
      });
      await storeCall(`PutParameter ${parameter}`, () => client.send(command, sendOptions(options)));
    },
    async get(name, options) {
      const parameter = parameterName.rescue(namespace, name);
      const command = new GetParameterCommand({ Name: parameter, WithDecryption: true });
      try {
        const answer = await storeCall(`GetParameter ${parameter}`, () =>
          client.send(command, sendOptions(options)),
        );
        const createdAt = answer.Parameter?.LastModifiedDate?.getTime() ?? 0;
        return parse(new Secret(answer.Parameter?.Value ?? ''), createdAt, parameter);
      } catch (error) {
        if (error instanceof StoreError && error.kind === 'missing') return undefined;
        throw error;
      }
    },
    async delete(name, options) {
      const parameter = parameterName.rescue(namespace, name);
      try {
        await storeCall(`DeleteParameter ${parameter}`, () =>
          client.send(new DeleteParameterCommand({ Name: parameter }), sendOptions(options)),
        );
      } catch (error) {
        if (!(error instanceof StoreError && error.kind === 'missing')) throw error;
      }
    },
  };
}

function serialise({ token, attempt, replaces }: RescuedRefreshToken): Secret {
  const fields = { schema: SCHEMA, attempt, replaces, token: refreshTokenFields(token) };
  // Parameter Store refuses a value with `{{`, its syntax for references. In JSON the two can only meet
  // inside a string, where an escape means the same.
  return new Secret(serialiseSecretJson(fields).reveal().replaceAll('{{', '{\\u007b'));
}

function parse(text: Secret, createdAt: number, where: string): RescuedRefreshToken {
  const fields = parseSecretJson(text, where);
  refuseNewerSchema(fields['schema'], where);
  const attempt = secretField(fields, 'attempt', where)?.reveal();
  if (attempt === undefined) throw malformed(where, 'has no "attempt"');
  const replaces = secretField(fields, 'replaces', where)?.reveal();
  const token = fields['token'];
  if (!isFields(token)) throw malformed(where, 'has no "token"');
  return {
    token: parseRefreshToken(token, createdAt, where),
    attempt,
    ...(replaces !== undefined && { replaces }),
  };
}

function isFields(value: unknown): value is SecretFields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Secret);
}
