import { screenOn } from '../../cli/text/screen.ts';
import { systemClock as clock, systemRandom as random } from '../../functions/handlers/system-clock.ts';
import { type LocalSetup, localSetup } from '../connections.ts';
import type { DemoProviders } from '../demo/demo-providers.ts';
import type { Reporter } from '../demo/reporter.ts';
import type { LocalOptions } from '../options.ts';
import { broughtSecrets } from './brought-secrets.ts';
import type { Own } from './read-own.ts';

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
