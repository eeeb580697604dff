import { wantsColour } from '../cli/text/colour.ts';
import { systemClock as clock } from '../functions/handlers/composition.ts';
import type { LocalOptions } from './arguments.ts';
import { assemblyDeployment } from './assembly-deployment.ts';
import { localSetup } from './connections.ts';
import { readConnectionsFile } from './connections-file.ts';
import type { DemoProviders } from './demo-providers.ts';
import { awaitEndOfRun } from './end-of-run.ts';
import { jsonReporter } from './json-reporter.ts';
import { lineReporter } from './line-reporter.ts';
import { liveReporter } from './live-reporter.ts';
import type { Reporter } from './reporter.ts';
import { exitCodeOf } from './summary.ts';
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
  reporter.ended(summaries, clock.now(), system.functions.permissions?.());
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
