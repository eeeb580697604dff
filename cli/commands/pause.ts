import { durationText } from '../../functions/text/times.ts';
import type { CommandModule } from '../command-context.ts';
import { meantConnections } from '../connections/meant-connections.ts';
import { patiently } from '../connections/patiently.ts';
import { registeredConnection } from '../connections/registered-connections.ts';

/** `evertoken pause`: leaves connections alone until they are resumed. */
export const pauseCommand: CommandModule = (program, run) => {
  program
    .command('pause')
    .description(
      'Stops refreshing connections; a deploy does not undo it. A refresh in flight is waited for. Their tokens expire in time, and refresh tokens may die of disuse.',
    )
    .argument('<connections...>', `names, or patterns such as 'crm-*'`)
    .option('--yes', 'do not ask, where a pattern matches more than one')
    .addHelpText('after', "\nExamples:\n  evertoken pause crm\n  evertoken pause 'crm-*'")
    .action(
      run(async (context, words: string[], { yes = false }: { yes?: boolean }) => {
        const deployment = await context.deployment();
        const names = await meantConnections(words, { verb: 'Pause', yes }, context, deployment);
        const { state, clock } = deployment;
        const lines: string[] = [];
        for (const name of names) {
          const known = await registeredConnection(name, deployment);
          await patiently(
            name,
            context,
            async () => (await state.setPaused(name, true, clock.now())) || undefined,
          );
          const left = (known.refreshTokenExpiresAt ?? 0) - clock.now();
          const end = left > 0 ? ` Its refresh token ends in ${durationText(left)}: resume it before.` : '';
          lines.push(`Paused "${name}".${end}`);
        }
        context.show({ text: lines.join('\n'), json: { paused: names } });
        return undefined;
      }),
    );
};
