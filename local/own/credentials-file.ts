import { WrongUsage } from '../../cli/command-failed.ts';
import { readCredentialsInput } from '../../cli/connections/credentials-input.ts';
import { REFRESH_TOKENS, readRefreshTokens } from '../../cli/connections/refresh-token-input.ts';
import {
  parseSecretJson,
  type SecretFields,
  serialiseSecretJson,
} from '../../functions/aws/secrets/secret-json.ts';
import { SCHEMA } from '../../functions/aws/stored-schema.ts';
import type { Connection } from '../../functions/connections/connection.ts';
import { Secret } from '../../functions/oauth/secret.ts';
import { StoreError } from '../../functions/refresh/ports/stores.ts';
import type { BroughtRefreshToken } from '../../functions/refresh/store-refresh-token.ts';
import { didYouMean } from '../../functions/text/near-name.ts';

const CREDENTIALS = 'credentials';
const EXAMPLE = '{"credentials": {"crm": {"client_id": "…", "client_secret": "…"}}}';

/** Secrets of connections of one's own. */
export interface OwnSecrets {
  /** Texts of `credentials/<name>`, by name. */
  readonly credentials: ReadonlyMap<string, Secret>;
  /** By the name of the connection. */
  readonly refreshTokens: ReadonlyMap<string, BroughtRefreshToken>;
}

/**
 * Reads a file of `credentials`, by the name that connections call them by, and of `refreshTokens`, by connection.
 * No message repeats a value.
 * @throws WrongUsage for what is no such file, or for a name that no connection has
 */
export function readCredentialsFile(
  text: Secret,
  file: string,
  connections: ReadonlyMap<string, Connection>,
): OwnSecrets {
  const fields = fieldsOf(text, file);
  for (const key of Object.keys(fields)) {
    const known = [CREDENTIALS, REFRESH_TOKENS];
    if (known.includes(key)) continue;
    throw new WrongUsage(
      `${file}: it has a key beside ${known.join(' and ')}; expected an object such as ${EXAMPLE}`,
    );
  }
  const refreshTokens = readRefreshTokens(text, file);
  requireKnown(
    [...refreshTokens.keys()],
    [...connections.keys()],
    `${file}: ${REFRESH_TOKENS}`,
    'connection',
  );
  const names = [...connections.values()].flatMap(({ credentials }) =>
    typeof credentials === 'string' ? [credentials] : [],
  );
  const credentials = credentialsOf(fields, file);
  requireKnown([...credentials.keys()], names, `${file}: ${CREDENTIALS}`, 'connection that uses credentials');
  return { credentials, refreshTokens };
}

function fieldsOf(text: Secret, file: string): SecretFields {
  try {
    return parseSecretJson(text, file, `an object such as ${EXAMPLE}`);
  } catch (error) {
    throw error instanceof StoreError ? new WrongUsage(error.message) : error;
  }
}

function credentialsOf(fields: SecretFields, file: string): ReadonlyMap<string, Secret> {
  const byName = fields[CREDENTIALS] ?? {};
  if (!isObject(byName))
    throw new WrongUsage(`${file}: ${CREDENTIALS}: expected an object such as ${EXAMPLE}`);
  const entries = Object.entries(byName).map(([name, value]) => {
    const where = `${file}: ${CREDENTIALS}[${JSON.stringify(name)}]`;
    if (!isObject(value)) throw new WrongUsage(`${where}: expected an object such as {"client_id": "…"}`);
    const { values, allowed } = readCredentialsInput(serialiseSecretJson(value), where);
    const stored = { schema: SCHEMA, ...values, ...(allowed && { allowed_token_origins: allowed }) };
    return [name, serialiseSecretJson(stored)] as const;
  });
  return new Map(entries);
}

function isObject(value: unknown): value is SecretFields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Secret);
}

function requireKnown(names: readonly string[], known: readonly string[], where: string, what: string): void {
  const stranger = names.find((name) => !known.includes(name));
  if (stranger === undefined) return;
  throw new WrongUsage(`${where}: there is no ${what} "${stranger}"${didYouMean(stranger, known)}`);
}
