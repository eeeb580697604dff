import { readConnectionsFile, readNamedFile } from '../../cli/connections/connections-file.ts';
import type { Connection } from '../../functions/connections/connection.ts';
import { Secret } from '../../functions/oauth/secret.ts';
import { type OwnSecrets, readCredentialsFile } from './credentials-file.ts';

/** Connections of one's own, and what they need. */
export interface Own {
  readonly connections: ReadonlyMap<string, Connection>;
  readonly secrets: OwnSecrets;
}

/** Reads both files. @throws WrongUsage with a line for each problem */
export async function readOwn(file: string, credentialsFile: string | undefined): Promise<Own> {
  const connections = await readConnectionsFile(file);
  const none: OwnSecrets = { credentials: new Map(), refreshTokens: new Map() };
  const secrets =
    credentialsFile === undefined
      ? none
      : readCredentialsFile(new Secret(await readNamedFile(credentialsFile)), credentialsFile, connections);
  return { connections, secrets };
}
