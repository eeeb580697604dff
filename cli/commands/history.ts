import type { PastOutcome } from '../../functions/refresh/ports/history.ts';
import type { CommandModule } from '../command-context.ts';
import { registeredConnection } from '../connections/registered-connections.ts';
import { readSince } from '../since.ts';
import { historyText } from '../text/history-text.ts';

/** `evertoken history`: what a connection came to of late, without the logs. */
export const historyCommand: CommandModule = (program, run) => {
  program
    .command('history')
    .description(
      'Shows the last outcomes of a connection, at most 50, the newest first: when, why it was tried, what came of it in the words of whoever said no, how long the exchange and the storing took, and how late it was. A failure that repeats itself is one of them, with how often and since when. Older ones are in the logs.',
    )
    .argument('<connection>', 'name of the connection')
    .option('--since <when>', 'only what ended later: 90m, 24h, 7d, or an instant of ISO 8601')
    .addHelpText(
      'after',
      '\nExamples:\n  evertoken history crm\n  evertoken history crm --since 24h\n  evertoken history crm --since 2026-01-31T22:00:00Z --json',
    )
    .action(
      run(async (context, name: string, { since }: { since?: string }) => {
        const from = since === undefined ? undefined : readSince(since, context.io.clock.now());
        const deployment = await context.deployment();
        const { name: connection } = await registeredConnection(name, deployment);
        const kept = await deployment.state.history(connection);
        const outcomes = kept.filter(({ at }) => from === undefined || at >= from);
        context.show({
          text: historyText({ connection, outcomes, kept: kept.length, from }, context),
          json: { connection, outcomes: outcomes.map(toJson) },
        });
        return undefined;
      }),
    );
};

/** With every key, `null` where there is nothing to say; instants in ISO 8601. */
function toJson({ at, since, times, trigger, outcome, ...rest }: PastOutcome) {
  const { grant = null, code = null, message = null, status = null } = rest;
  const { exchangeMs = null, storeMs = null, lateMs = null } = rest;
  const instants = { at: new Date(at).toISOString(), since: new Date(since).toISOString() };
  return { ...instants, times, trigger, grant, outcome, code, message, status, exchangeMs, storeMs, lateMs };
}
