import { readFile } from 'node:fs/promises';
import { WrongUsage } from '../../cli/command-failed.ts';
import { screenOn } from '../../cli/text/screen.ts';
import type { Connection } from '../../functions/connections/connection.ts';
import { parseConnections } from '../../functions/connections/parse/parse-connections.ts';
import { fileProblemText } from '../../functions/connections/parse/parse-json-file.ts';
import { systemClock as clock, systemRandom as random } from '../../functions/handlers/system-clock.ts';
import { Secret } from '../../functions/oauth/secret.ts';
import { presetIds } from '../../functions/providers/presets.ts';
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
  const parsed = parseConnections(await readText(file), { file, providers: await presetIds() });
  if (!parsed.ok) throw new WrongUsage(parsed.problems.map(fileProblemText).join('\n'));
  const { connections } = parsed;
  const none: OwnSecrets = { credentials: new Map(), refreshTokens: new Map() };
  const secrets =
    credentialsFile === undefined
      ? none
      : readCredentialsFile(new Secret(await readText(credentialsFile)), credentialsFile, connections);
  return { connections, secrets };
}

async function readText(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new WrongUsage(`${file} cannot be read (${error.code})`);
  });
}
