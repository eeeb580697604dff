import { readConnectionsFile, readNamedFile } from '../../cli/connections/connections-file.ts';
import { screenOn } from '../../cli/text/screen.ts';
import type { Connection } from '../../functions/connections/connection.ts';
import { systemClock as clock, systemRandom as random } from '../../functions/handlers/system-clock.ts';
import { Secret } from '../../functions/oauth/secret.ts';
import { type LocalSetup, localSetup } from '../connections.ts';
import type { DemoProviders } from '../demo/demo-providers.ts';
import type { Reporter } from '../demo/reporter.ts';
import type { LocalOptions } from '../options.ts';
import { broughtSecrets } from './brought-secrets.ts';
import { type OwnSecrets, readCredentialsFile } from './credentials-file.ts';

/** Connections of one's own, and what they need. */
export interface Own {
  readonly connections: ReadonlyMap<string, Connection>;
  readonly secrets: OwnSecrets;
}

/** Places the connections, tells of it, and brings their secrets. @throws WrongUsage as `localSetup` does */
export async function setUpOwn(
  { connections, secrets }: Own,
  providers: DemoProviders,
  { allowedOrigins, dataDirectory, json }: LocalOptions,
  placed: Reporter['placed'],
): Promise<LocalSetup> {
  const setup = await localSetup(connections, providers, {
    allowedOrigins,
    isKept: dataDirectory !== undefined,
  });
  placed?.(setup.places, clock.now());
  const stderr = screenOn(process.stderr, { env: process.env, random });
  const io = { stdin: process.stdin, stderr, signal: new AbortController().signal };
  // A program that reads events answers no questions.
  return { ...setup, brought: broughtSecrets(secrets, setup.places, json ? undefined : io) };
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
