import { refuseUnknown } from './unknown-options.ts';

/** The namespace of a deployment that names none. */
export const DEFAULT_NAMESPACE = 'evertoken';

/** A token that is published to a secret which existed before, as a connection's `token` declares it. */
export interface ExistingSecret {
  readonly secretArn: string;
  /** What the secret calls a field, where that is not its own name, such as `{ access_token: 'token' }`. */
  readonly fields?: Readonly<Record<string, string>> | undefined;
}

/** Whose token: the name of a connection, or the secret that it publishes to. */
export type TokenLocation = string | ExistingSecret;

/** Where a token is read. */
export interface TokenSource {
  readonly secretId: string;
  /** What the secret calls each field, where that is not its own name. */
  readonly fields: Readonly<Record<string, string>>;
  /** The command that tells how the connection stands. */
  readonly statusCommand: string;
}

/** @throws TypeError when `location` is neither a name nor an object with the ARN of a secret */
export function tokenSource(location: TokenLocation, namespace: string): TokenSource {
  const status = `evertoken status${namespace === DEFAULT_NAMESPACE ? '' : ` --namespace ${namespace}`}`;
  if (typeof location === 'string' && location !== '') {
    return {
      secretId: `${namespace}/tokens/${location}`,
      fields: {},
      statusCommand: `${status} ${location}`,
    };
  }
  const { secretArn, fields = {}, ...unknown }: Partial<ExistingSecret> = Object(location);
  refuseUnknown(unknown);
  if (!secretArn) throw new TypeError('expected the name of a connection, or an object with "secretArn"');
  return { secretId: secretArn, fields, statusCommand: status };
}
