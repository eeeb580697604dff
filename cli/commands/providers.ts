import { readFile } from 'node:fs/promises';
import type { ProviderPreset } from '../../functions/connections/provider-preset.ts';
import { loadPreset } from '../../functions/providers/load-preset.ts';
import { presetIds } from '../../functions/providers/presets.ts';
import { didYouMean } from '../../functions/text/near-name.ts';
import type { CommandContext, CommandModule } from '../command-context.ts';
import { CommandFailed, WrongUsage } from '../command-failed.ts';
import { EXIT } from '../exit-code.ts';
import { checkPreset } from '../providers/check-preset.ts';
import { presetReportText } from '../text/preset-report-text.ts';
import { providerDetail, providerJson, providerTable } from '../text/provider-text.ts';

/** `evertoken providers`: the presets, and what each needs. Asks nobody. */
export const providersCommand: CommandModule = (program, run) => {
  const providers = program
    .command('providers')
    .description('Lists the provider presets, or shows one with what it needs and an example.')
    .argument('[id]', 'a preset, such as "kajabi"')
    .addHelpText('after', '\nExamples:\n  evertoken providers\n  evertoken providers kajabi')
    .action(
      run(async (context: CommandContext, id: string | undefined) => {
        const { show } = context;
        if (id !== undefined) {
          const preset = await presetNamed(id);
          show({ text: providerDetail(preset), json: providerJson(preset) });
          return undefined;
        }
        const presets = await Promise.all((await presetIds()).map(presetNamed));
        show({ text: providerTable(presets, context), json: presets.map(providerJson) });
        return undefined;
      }),
    );
  addCheck(providers, run);
};

/** `evertoken providers check`: judges presets that somebody writes. */
const addCheck: CommandModule = (providers, run) => {
  providers
    .command('check')
    .summary('judge a preset, and replay its examples')
    .description(
      'Judges the file of a provider preset: its form, its URLs and placeholders, whether its tokens can be kept fresh, and each of its recorded examples, to the byte. Asks nobody.',
    )
    .argument('<file...>', 'the files of presets')
    .addHelpText('after', '\nExample:\n  evertoken providers check functions/providers/kajabi.json')
    .action(
      run(async ({ show, paint }: CommandContext, files: string[]) => {
        const reports = await Promise.all(
          files.map(async (file) => checkPreset(file, await readText(file), (label) => `fake-${label}`)),
        );
        show({ text: presetReportText(reports, paint), json: reports });
        const failed = reports.some(({ findings }) => findings.some(({ level }) => level === 'error'));
        return failed ? EXIT.failed : undefined;
      }),
    );
};

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new WrongUsage(`${file} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
  }
}

async function presetNamed(id: string): Promise<ProviderPreset> {
  const preset = await loadPreset(id);
  if (preset) return preset;
  const hint = didYouMean(id, await presetIds());
  throw new CommandFailed(
    `There is no preset "${id}"${hint || ': use "tokenUrl" or "issuer" in the connection instead.'}`,
  );
}
