import type { CommandModule } from '../command-context.ts';
import { EXIT } from '../exit-code.ts';
import { doctorText } from '../text/doctor-text.ts';

/** `evertoken doctor`: looks for what keeps tokens from being refreshed. */
export const doctorCommand: CommandModule = (program, run) => {
  program
    .command('doctor')
    .description(
      'Looks at the deployment, its settings, your permissions, the clock, the ticks, every connection, its credentials and its token endpoint, and names a remedy for each finding. Changes nothing; reads no secret. Exits with 3 when something is wrong.',
    )
    .option(
      '--settings <file>',
      'what the next deployment goes by, compared with what is deployed',
      'deployment.json',
    )
    .addHelpText('after', '\nExample:\n  evertoken doctor --namespace staging')
    .action(
      run(async (context, { settings }: { settings: string }) => {
        const { examine } = await import('../doctor/examine.ts');
        const findings = await examine(await context.deployment(), settings);
        context.show({ text: doctorText(findings, context.paint), json: { findings } });
        return findings.some(({ level }) => level === 'error') ? EXIT.needsHuman : undefined;
      }),
    );
};
