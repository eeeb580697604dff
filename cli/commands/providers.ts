import { didYouMean } from '../../functions/connections/parse/suggestions.ts';
import type { ProviderPreset } from '../../functions/connections/provider-preset.ts';
import { loadPreset, presetIds } from '../../functions/providers/presets.ts';
import type { CommandContext, CommandModule } from '../command-context.ts';
import { CommandFailed } from '../command-failed.ts';
import { providerDetail, providerJson, providerTable } from '../text/provider-text.ts';

/** `evertoken providers`: the presets, and what each needs. Asks nobody. */
export const providersCommand: CommandModule = (program, run) => {
  program
    .command('providers')
    .summary('the provider presets, and what each needs')
    .description('Lists the provider presets, or shows one with what it needs and an example.')
    .argument('[id]', 'a preset, such as "kajabi"')
    .addHelpText('after', '\nExamples:\n  evertoken providers\n  evertoken providers kajabi')
    .action(
      run(async ({ show, paint }: CommandContext, id: string | undefined) => {
        if (id !== undefined) {
          const preset = await presetNamed(id);
          show({ text: providerDetail(preset), json: providerJson(preset) });
          return undefined;
        }
        const presets = await Promise.all((await presetIds()).map(presetNamed));
        show({ text: providerTable(presets, paint), json: presets.map(providerJson) });
        return undefined;
      }),
    );
};

async function presetNamed(id: string): Promise<ProviderPreset> {
  const preset = await loadPreset(id);
  if (preset) return preset;
  const hint = didYouMean(id, await presetIds());
  throw new CommandFailed(
    `There is no preset "${id}"${hint || ': use "tokenUrl" or "issuer" in the connection instead.'}`,
  );
}
