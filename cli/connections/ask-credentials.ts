import { readFile } from 'node:fs/promises';
import { CREDENTIAL_FIELDS, neededCredentials } from '../../functions/connections/needed-credentials.ts';
import { presetOf } from '../../functions/connections/preset-of.ts';
import { resolveConnection } from '../../functions/connections/resolve-connection.ts';
import { Secret } from '../../functions/oauth/secret.ts';
import type { ConnectionState } from '../../functions/refresh/connection-state.ts';
import { WrongUsage } from '../command-failed.ts';
import type { Deployment } from '../deployment.ts';
import type { Io } from '../io.ts';
import { askSecret, askText } from '../prompts.ts';

type AskIo = Pick<Io, 'stdin' | 'stderr' | 'signal'>;

/** Asks for each field; nothing that is secret is shown. @throws WrongUsage for a file that cannot be read */
export async function askCredentials(
  io: AskIo,
  wanted: readonly string[],
): Promise<Readonly<Record<string, Secret>>> {
  const fields: Record<string, Secret> = {};
  for (const field of wanted) {
    if (field === 'private_key') fields[field] = await askForFile(io, 'the private key (PEM or JWK)');
    else if (field === 'certificate') fields[field] = await askForFile(io, 'the certificate (PEM)');
    else if (SHOWN.includes(field))
      fields[field] = new Secret(await askText(io, field, { validate: notEmpty }));
    else fields[field] = await askSecret(io, field);
  }
  if (wanted.includes('private_key') && !wanted.includes('key_id')) {
    const keyId = await askText(io, 'key_id (empty where the provider wants none)');
    if (keyId !== '') fields['key_id'] = new Secret(keyId);
  }
  return fields;
}

/** Names, which may be seen while they are typed; what a preset alone knows may be anything. */
const SHOWN: readonly string[] = ['client_id', 'key_id', 'username'];

/**
 * What the connections that use some credentials need of them; without any connection, a client's id and secret.
 * @throws ConnectionError as `resolveConnection` does
 */
export async function credentialFields(
  users: readonly Pick<ConnectionState, 'name' | 'definition'>[],
  presets: Deployment['presets'],
): Promise<readonly string[]> {
  const needed = new Set<string>();
  for (const { name, definition } of users) {
    const { grants, request, signingKey, identity } = resolveConnection(
      name,
      definition,
      await presetOf(definition, presets),
    );
    for (const field of neededCredentials(grants, request, { signingKey, identity })) needed.add(field);
  }
  if (needed.size === 0) return ['client_id', 'client_secret'];
  return [...new Set<string>([...CREDENTIAL_FIELDS, ...needed])].filter((field) => needed.has(field));
}

/** A key has many lines, which no prompt takes: its file is asked for. */
async function askForFile(io: AskIo, what: string): Promise<Secret> {
  const path = await askText(io, `file with ${what}`, { validate: notEmpty });
  try {
    return new Secret(await readFile(path, 'utf8'));
  } catch (error) {
    throw new WrongUsage(`${path} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
  }
}

function notEmpty(value: string): true | string {
  return value === '' ? 'This cannot be empty.' : true;
}
