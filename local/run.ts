import { readFile } from 'node:fs/promises';
import { WrongUsage } from '../cli/command-failed.ts';
import { wantsColour } from '../cli/text/colour.ts';
import type { Connection } from '../functions/connections/connection.ts';
import { parseConnections } from '../functions/connections/parse/parse-connections.ts';
import { fileProblemText } from '../functions/connections/parse/parse-json-file.ts';
import { systemClock as clock } from '../functions/handlers/system-clock.ts';
import { presetIds } from '../functions/providers/presets.ts';
import type { LocalOptions } from './arguments.ts';
import { assemblyDeployment } from './assembly-deployment.ts';
import { localSetup } from './connections.ts';
import type { DemoProviders } from './demo/demo-providers.ts';
import { awaitEndOfRun } from './demo/end-of-run.ts';
import { liveReporter } from './demo/live-reporter.ts';
import { jsonReporter, lineReporter } from './demo/plain-reporters.ts';
import type { Reporter } from './demo/reporter.ts';
import { exitCodeOf } from './demo/summary.ts';
import { startLocalSystem } from './system.ts';
import { startTicker } from './ticker.ts';

/**
 * Runs the system until its end and shows it. Answers with the exit code.
 * @throws WrongUsage, or what `startLocalSystem` throws
 */
export async function run(options: LocalOptions): Promise<number> {
  const end = awaitEndOfRun(process);
  const reporter = reporterFor(options);
  const connections = options.connectionsFile && (await readConnectionsFile(options.connectionsFile));
  const deployment = assemblyDeployment({
    onSynthesis: () => reporter.preparing?.('Synthesising the stacks, once for each change of them…'),
    onRefused: ({ role, call }) =>
      reporter.event(
        { type: 'call-refused', role, detail: `${role}: ${call.action} on ${call.resource}` },
        clock.now(),
      ),
  });
  const system = await startLocalSystem({
    ...options,
    clock,
    reporter,
    deployment,
    ...(connections && { setupFor: (providers: DemoProviders) => localSetup(connections, providers) }),
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
  await end.within(options.forSeconds);
  await shown?.stop();
  const summaries = await system.stop();
  const permissions = options.permissions ? system.functions.permissions?.() : undefined;
  reporter.ended(summaries, clock.now(), permissions);
  return exitCodeOf(summaries);
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

/** Reads a connections.json. @throws WrongUsage with a line for each problem */
async function readConnectionsFile(file: string): Promise<ReadonlyMap<string, Connection>> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new WrongUsage(`${file} cannot be read (${error.code})`);
  });
  const parsed = parseConnections(text, { file, providers: await presetIds() });
  if (!parsed.ok) throw new WrongUsage(parsed.problems.map(fileProblemText).join('\n'));
  return parsed.connections;
}
