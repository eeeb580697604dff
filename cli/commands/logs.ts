import { StoreError } from '../../functions/refresh/ports/stores.ts';
import type { LogEvent, LogGroup } from '../aws/function-logs.ts';
import type { CommandContext, CommandModule } from '../command-context.ts';
import { CommandFailed } from '../command-failed.ts';
import { registeredConnection } from '../connections/registered-connections.ts';
import type { Deployment } from '../deployment.ts';
import { readSince } from '../since.ts';
import { type LogLine, logLine, logText } from '../text/log-text.ts';
import { countText } from '../text/table.ts';

const FOLLOW_EVERY_MS = 5_000;
/** So late a line may come to the log. */
const LATE_MS = 60_000;
/** Lines of each function, of one look. */
const MOST_LINES = 5_000;

/** `evertoken logs`: what the functions logged of a connection. */
export const logsCommand: CommandModule = (program, run) => {
  program
    .command('logs')
    .description(
      'Prints what the functions logged of a connection, the oldest first, from their log groups in CloudWatch Logs. What a connection came to of late is told by "evertoken history" without them.',
    )
    .argument('<connection>', 'name of the connection')
    .option('--since <when>', 'from when on: 90m, 24h, 7d, or an instant of ISO 8601', '24h')
    .option('--follow', 'go on with what is logged until Ctrl-C')
    .addHelpText(
      'after',
      '\nExamples:\n  evertoken logs crm\n  evertoken logs crm --since 7d\n  evertoken logs crm --follow',
    )
    .action(
      run(async (context, name: string, { since, follow = false }: { since: string; follow?: boolean }) => {
        const from = readSince(since, context.io.clock.now());
        const deployment = await context.deployment();
        await registeredConnection(name, deployment);
        const groups = await groupsOf(deployment);
        const request = { groups, connection: name, from, most: MOST_LINES };
        if (follow) return followUntilInterrupted(request, context, deployment);
        const { signal } = context.io;
        const events = await deployment.functionLogs.read(request, { signal });
        const lines = events.map(logLine);
        context.show({
          text: allText(name, lines, from, context),
          json: { connection: name, since: new Date(from).toISOString(), lines },
        });
        for (const { handler } of groups) {
          if (events.filter((event) => event.handler === handler).length < MOST_LINES) continue;
          context.remark(
            `${handler} has more than ${countText(MOST_LINES, 'line')} since then: --since takes a later instant, and what comes after ${lines.at(-1)?.at} is not shown.`,
          );
        }
        return undefined;
      }),
    );
};

/** @throws CommandFailed where there are no logs, as at the local endpoint */
async function groupsOf({
  functionLogs,
  endpoint,
  namespace,
  region,
}: Deployment): Promise<readonly LogGroup[]> {
  const groups = await functionLogs.groups().catch((error: unknown) => {
    if (!(error instanceof StoreError) || !error.code.startsWith('UnknownOperation')) throw error;
    throw new CommandFailed(
      `The endpoint ${endpoint ?? 'that answers'} keeps no logs of functions. What happens there is printed where it runs (npm start), and told by "evertoken history".`,
    );
  });
  if (groups.length > 0) return groups;
  throw new CommandFailed(
    `There are no functions of the namespace "${namespace}" in ${region}: deploy them with "npx cdk deploy --all".`,
  );
}

function allText(name: string, lines: readonly LogLine[], from: number, { paint }: CommandContext): string {
  const since = new Date(from).toISOString();
  if (lines.length === 0) return `Nothing was logged of "${name}" since ${since}.`;
  return lines.map((line) => logText(line, paint)).join('\n');
}

/** In JSON one a line. A line that comes late is shown late, and none twice. */
async function followUntilInterrupted(
  request: Parameters<Deployment['functionLogs']['read']>[0],
  { io, options, paint }: CommandContext,
  { functionLogs }: Deployment,
): Promise<undefined> {
  const { stdout, clock, signal } = io;
  let { from } = request;
  let shown = new Map<string, number>();
  for (;;) {
    const startedAt = clock.now();
    const events = await functionLogs.read({ ...request, from }, { signal }).catch((error: unknown) => {
      if (signal.aborted) return [];
      throw error;
    });
    for (const event of events) {
      if (shown.has(event.id)) continue;
      const line = logLine(event);
      stdout.write(`${options.json === true ? JSON.stringify(line) : logText(line, paint)}\n`);
      shown.set(event.id, event.at);
    }
    from = nextFrom(events, startedAt, from);
    shown = new Map([...shown].filter(([, at]) => at >= from));
    await clock.sleep(FOLLOW_EVERY_MS, signal);
    if (signal.aborted) return undefined;
  }
}

/** Where one look ended for want of room the next begins; else some time back, for what comes late. */
function nextFrom(events: readonly LogEvent[], startedAt: number, from: number): number {
  const last = events.at(-1)?.at ?? from;
  return events.length >= MOST_LINES ? Math.max(from, last - 1) : Math.max(from, startedAt - LATE_MS);
}
