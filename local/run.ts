import { readFile } from 'node:fs/promises';
import { WrongUsage } from '../cli/command-failed.ts';
import { wantsColour } from '../cli/text/colour.ts';
import { screenOn } from '../cli/text/screen.ts';
import type { Connection } from '../functions/connections/connection.ts';
import { parseConnections } from '../functions/connections/parse/parse-connections.ts';
import { fileProblemText } from '../functions/connections/parse/parse-json-file.ts';
import { systemClock as clock, systemRandom as random } from '../functions/handlers/system-clock.ts';
import { Secret } from '../functions/oauth/secret.ts';
import { presetIds } from '../functions/providers/presets.ts';
import { assemblyDeployment } from './assembly-deployment.ts';
import { type LocalSetup, localSetup } from './connections.ts';
import type { DemoProviders } from './demo/demo-providers.ts';
import { awaitEndOfRun } from './demo/end-of-run.ts';
import { playFailures } from './demo/failures.ts';
import { liveReporter } from './demo/live-reporter.ts';
import { jsonReporter, lineReporter } from './demo/plain-reporters.ts';
import type { Reporter } from './demo/reporter.ts';
import { exitCodeOf } from './demo/summary.ts';
import type { LocalOptions } from './options.ts';
import { broughtSecrets } from './own/brought-secrets.ts';
import { type OwnSecrets, readCredentialsFile } from './own/credentials-file.ts';
import { startLocalSystem } from './system.ts';
import { startTicker } from './ticker.ts';

/**
 * Runs the system until its end and shows it. Answers with the exit code.
 * @throws WrongUsage, or what `startLocalSystem` throws
 */
export async function run(options: LocalOptions): Promise<number> {
  const reporter = reporterFor(options);
  const own = options.connectionsFile && (await readOwn(options.connectionsFile, options.credentialsFile));
  const end = awaitEndOfRun(process);
  const unknownNames = new Set<string>();
  const deployment = assemblyDeployment({
    onSynthesis: () => reporter.preparing?.('Synthesising the stacks, once for each change of them…'),
    onRefused: ({ role, call }) =>
      reporter.event(
        { type: 'call-refused', role, detail: `${role}: ${call.action} on ${call.resource}` },
        clock.now(),
      ),
    onRefusedLookup: (hostname) => {
      if (unknownNames.has(hostname)) return;
      unknownNames.add(hostname);
      const detail = `nothing is asked of ${hostname} unless it is named: --allow-origin https://${hostname}`;
      reporter.event({ type: 'lookup-refused', hostname, detail }, clock.now());
    },
  });
  const system = await startLocalSystem({
    ...options,
    clock,
    reporter,
    deployment,
    ...(own && { setupFor: (providers: DemoProviders) => setUp(own, providers, options, reporter) }),
  });
  const shown =
    reporter.showEveryMs === undefined
      ? undefined
      : startTicker({
          clock,
          everyMs: reporter.showEveryMs,
          work: async () => reporter.show(await system.rows(), clock.now()),
          // The next one tries again.
          onError: () => {},
        });
  const ending = new AbortController();
  const ended = end.within(options.forSeconds).then(() => undefined);
  const tell = (text: string) => reporter.scene?.(text, clock.now());
  const played = options.demoFailures
    ? playFailures({
        system,
        namespace: system.namespace,
        lifetimeSeconds: options.lifetimeSeconds,
        clock,
        tell,
        signal: ending.signal,
      })
    : undefined;
  const wasShown = await Promise.race([ended, ...(played ? [played] : [])]);
  ending.abort();
  await played;
  await shown?.stop();
  const summaries = await system.stop();
  const permissions = options.permissions ? system.functions.permissions?.() : undefined;
  reporter.ended(summaries, clock.now(), permissions);
  return wasShown === false ? 1 : exitCodeOf(summaries);
}

function reporterFor({ json, tickSeconds }: LocalOptions): Reporter {
  if (json) return jsonReporter(process.stdout);
  const { isTTY, columns, rows } = process.stdout;
  // Some pseudo-terminals have no size, and a dumb terminal cannot redraw.
  if (isTTY && columns > 0 && rows > 0 && process.env['TERM'] !== 'dumb') {
    return liveReporter(process.stdout, { colour: wantsColour(process.stdout, process.env) });
  }
  return lineReporter(process.stdout, tickSeconds * 1000);
}

/** Connections of one's own, and what they need. */
interface Own {
  readonly connections: ReadonlyMap<string, Connection>;
  readonly secrets: OwnSecrets;
}

async function setUp(
  { connections, secrets }: Own,
  providers: DemoProviders,
  { allowedOrigins, dataDirectory, json }: LocalOptions,
  reporter: Reporter,
): Promise<LocalSetup> {
  const setup = await localSetup(connections, providers, {
    allowedOrigins,
    isKept: dataDirectory !== undefined,
  });
  reporter.placed?.(setup.places, clock.now());
  const stderr = screenOn(process.stderr, { env: process.env, random });
  const io = { stdin: process.stdin, stderr, signal: new AbortController().signal };
  // A program that reads events answers no questions.
  return { ...setup, brought: broughtSecrets(secrets, setup.places, json ? undefined : io) };
}

/** Reads both files. @throws WrongUsage with a line for each problem */
async function readOwn(file: string, credentialsFile: string | undefined): Promise<Own> {
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
