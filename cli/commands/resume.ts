import type { CommandModule } from '../command-context.ts';
import { meantConnections } from '../connections/meant-connections.ts';
import { patiently } from '../connections/patiently.ts';
import { registeredConnection } from '../connections/registered-connections.ts';

/** `evertoken resume`: refreshes connections again that were paused. */
export const resumeCommand: CommandModule = (program, run) => {
  program
    .command('resume')
    .description('Refreshes connections again that were paused: at the next tick where they are due.')
    .argument('<connections...>', `names, or patterns such as 'crm-*'`)
    .option('--yes', 'do not ask, where a pattern matches more than one')
    .addHelpText('after', "\nExamples:\n  evertoken resume crm\n  evertoken resume 'crm-*'")
    .action(
      run(async (context, words: string[], { yes = false }: { yes?: boolean }) => {
        const deployment = await context.deployment();
        const names = await meantConnections(words, { verb: 'Resume', yes }, context, deployment);
        const { state, clock } = deployment;
        for (const name of names) {
          await registeredConnection(name, deployment);
          await patiently(
            name,
            context,
            async () => (await state.setPaused(name, false, clock.now())) || undefined,
          );
        }
        context.show({
          text: names.map((name) => `Resumed "${name}".`).join('\n'),
          json: { resumed: names },
        });
        return undefined;
      }),
    );
};
