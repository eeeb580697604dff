import {
  DeleteParameterCommand,
  GetParameterCommand,
  GetParametersByPathCommand,
  type GetParametersByPathCommandOutput,
  PutParameterCommand,
  type SSMClient,
} from '@aws-sdk/client-ssm';
import { Secret } from '../../oauth/secret.ts';
import type { CallOptions, Clock } from '../../refresh/ports/outside.ts';
import { type RescuedRefreshToken, type RescueStore, StoreError } from '../../refresh/ports/stores.ts';
import { sendOptions, storeCall } from '../aws-error.ts';
import { parameterName } from '../resource-names.ts';
import { parseRefreshToken, refreshTokenFields } from '../secrets/refresh-token-text.ts';
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
  readonly clock: Pick<Clock, 'now'>;
  /** The key that rescues are written under. Default: the account's `aws/ssm`. Reading needs no name of it. */
  readonly keyId?: string | undefined;
  /** How long a list of the rescues is believed. Default 5 minutes: they are rare, and made by this process too. */
  readonly cacheMs?: number;
}

const CACHE_MS = 300_000;

/**
 * Refresh tokens that Secrets Manager would not take, as SecureStrings at `/<namespace>/rescue/<name>`.
 * Another service and another key on purpose.
 */
export function createRescueStore(props: RescueStoreProps): RescueStore {
  const { client, namespace, clock, keyId, cacheMs = CACHE_MS } = props;
  const prefix = parameterName.rescue(namespace, '');
  let listed: { readonly at: number; readonly names: Promise<Set<string> | undefined> } | undefined;

  /** The names of all rescues, without their values; `undefined` where they cannot be listed. */
  async function list(options: CallOptions | undefined): Promise<Set<string> | undefined> {
    const names = new Set<string>();
    let nextToken: string | undefined;
    do {
      const command = new GetParametersByPathCommand({
        Path: prefix.slice(0, -1),
        Recursive: true,
        NextToken: nextToken,
      });
      try {
        const page: GetParametersByPathCommandOutput = await client.send(command, sendOptions(options));
        for (const { Name = '' } of page.Parameters ?? []) names.add(Name.slice(prefix.length));
        nextToken = page.NextToken;
      } catch {
        return undefined;
      }
    } while (nextToken !== undefined);
    return names;
  }

  return {
    async mayExist(name, options) {
      const now = clock.now();
      if (listed === undefined || now - listed.at >= cacheMs) listed = { at: now, names: list(options) };
      const { names } = listed;
      const known = await names;
      // What cannot be listed is looked up by name, and listed again the next time.
      if (known === undefined && listed?.names === names) listed = undefined;
      return known?.has(name) ?? true;
    },
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
        KeyId: keyId,
        Tier: 'Intelligent-Tiering',
        Overwrite: true,
      });
      // Whatever becomes of the call, it may have made the parameter.
      (await listed?.names)?.add(name);
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
      (await listed?.names)?.delete(name);
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
