import { wantsColour } from '../cli/text/colour.ts';
import { systemClock as clock } from '../functions/handlers/system-clock.ts';
import { assemblyDeployment } from './assembly-deployment.ts';
import type { DemoProviders } from './demo/demo-providers.ts';
import { awaitEndOfRun } from './demo/end-of-run.ts';
import { playFailures } from './demo/failures.ts';
import { liveReporter } from './demo/live-reporter.ts';
import { jsonReporter, lineReporter } from './demo/plain-reporters.ts';
import type { Reporter } from './demo/reporter.ts';
import { exitCodeOf } from './demo/summary.ts';
import type { LocalOptions } from './options.ts';
import { setUpOwn } from './own/own-connections.ts';
import type { Own } from './own/read-own.ts';
import { startLocalSystem } from './system.ts';
import { startTicker } from './ticker.ts';

/**
 * Runs the system until its end and shows it. Answers with the exit code.
 * @param own in place of the demo's connections
 * @throws WrongUsage, or what `startLocalSystem` throws
 */
export async function run(options: LocalOptions, own: Own | undefined): Promise<number> {
  const reporter = reporterFor(options);
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
    ...(own && {
      setupFor: (providers: DemoProviders) => setUpOwn(own, providers, options, reporter.placed),
    }),
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
