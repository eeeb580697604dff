import {
  DeleteParameterCommand,
  GetParameterCommand,
  PutParameterCommand,
  type SSMClient,
} from '@aws-sdk/client-ssm';
import { Secret } from '../../oauth/secret.ts';
import type { CallOptions } from '../../refresh/ports/outside.ts';
import { StoreError } from '../../refresh/ports/stores.ts';
import { sendOptions, storeCall } from '../aws-error.ts';
import { parameterName } from '../resource-names.ts';
import type { WritePace } from '../secrets/write-pace.ts';

export interface TokenParametersProps {
  readonly client: SSMClient;
  readonly namespace: string;
  /** The key that tokens are written under. Default: the account's `aws/ssm`. */
  readonly keyId?: string | undefined;
  /** Parameter Store takes few writes a second, of everybody in the account together. */
  readonly pace: WritePace;
}

/** Tokens that live too short for a secret, as SecureStrings at `/<namespace>/tokens/<name>`. */
export interface TokenParameters {
  /** @returns the parameter's name. @throws StoreError */
  put(name: string, text: Secret, options?: CallOptions): Promise<string>;
  /** `undefined` when there is none. @throws StoreError */
  get(name: string, options?: CallOptions): Promise<Secret | undefined>;
  /** Also of one that is not there. @throws StoreError */
  delete(name: string, options?: CallOptions): Promise<void>;
}

/**
 * Parameter Store keeps the youngest hundred versions of a parameter and deletes older ones by itself, so that one may
 * be written as often as the account's throughput bears. A repeated write makes one version more, which harms nobody.
 */
export function createTokenParameters({
  client,
  namespace,
  keyId,
  pace,
}: TokenParametersProps): TokenParameters {
  return {
    async put(name, text, options) {
      const parameter = parameterName.token(namespace, name);
      await pace.turn(options);
      const command = new PutParameterCommand({
        Name: parameter,
        // Parameter Store takes `{{` for a reference. In JSON the two can only meet inside a string.
        Value: text.reveal().replaceAll('{{', '{\\u007b'),
        Type: 'SecureString',
        KeyId: keyId,
        Tier: 'Intelligent-Tiering',
        Overwrite: true,
      });
      await storeCall(`PutParameter ${parameter}`, () => client.send(command, sendOptions(options)));
      return parameter;
    },
    async get(name, options) {
      const parameter = parameterName.token(namespace, name);
      const command = new GetParameterCommand({ Name: parameter, WithDecryption: true });
      const { Parameter } =
        (await unlessMissing(
          storeCall(`GetParameter ${parameter}`, () => client.send(command, sendOptions(options))),
        )) ?? {};
      return Parameter?.Value === undefined ? undefined : new Secret(Parameter.Value);
    },
    async delete(name, options) {
      const parameter = parameterName.token(namespace, name);
      const command = new DeleteParameterCommand({ Name: parameter });
      await unlessMissing(
        storeCall(`DeleteParameter ${parameter}`, () => client.send(command, sendOptions(options))),
      );
    },
  };
}

async function unlessMissing<Value>(call: Promise<Value>): Promise<Value | undefined> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof StoreError && error.kind === 'missing') return undefined;
    throw error;
  }
}
