import { readFile } from 'node:fs/promises';
import { tooManyParameterWrites } from '../../functions/connections/parameter-writes.ts';
import type { CommandModule } from '../command-context.ts';
import { CommandFailed, WrongUsage } from '../command-failed.ts';
import { parameterLoad } from '../connections/parameter-load.ts';
import { allConnections } from '../connections/registered-connections.ts';
import type { Deployment } from '../deployment.ts';
import { EXIT } from '../exit-code.ts';
import { importAll } from '../import/import-all.ts';
import { type ImportEntry, readImportFile } from '../import/import-file.ts';
import { paceWarning } from '../import/pace-warning.ts';
import { importJson, importText } from '../text/import-text.ts';

/** A fleet has the same warning a thousand times. */
const MOST_WARNINGS = 5;

/** `evertoken import`: declares many connections at once, outside CDK. */
export const importCommand: CommandModule = (program, run) => {
  program
    .command('import')
    .description(
      'Declares the connections of a file, creates their secrets, and stores refresh tokens where none is stored yet. The file is like connections.json, with "refreshTokens" by connection beside "connections". May be interrupted and repeated: what is done stays done.',
    )
    .argument('<file>', 'the file to import')
    .addHelpText(
      'after',
      '\nExample:\n  evertoken import fleet.json\n  fleet.json: {"connections": {"books/acme": {"provider": "xero",\n    "credentials": "xero-app"}}, "refreshTokens": {"books/acme": "…"}}',
    )
    .action(
      run(async (context, file: string) => {
        const { entries, warnings } = await readImportFile(await read(file), file, context.options.namespace);
        for (const warning of warningLines(warnings)) context.remark(warning);
        const deployment = await context.deployment();
        // Fails at once where there is no deployment, or no permission to look at it.
        await deployment.encryptionKey();
        await refuseTooManyWrites(entries, deployment, file);
        const late = await paceWarning(entries, () => allConnections(deployment), deployment);
        if (late !== undefined) context.remark(`warning: ${late}`);
        const progress = context.progress('importing', entries.length);
        const report = await importAll(entries, deployment, {
          signal: context.io.signal,
          onStep: (done) => progress.step(done),
        }).finally(() => progress.finish());
        context.show({ text: importText(report), json: importJson(report) });
        if (report.left > 0) {
          throw new CommandFailed(
            `Interrupted with ${report.left} of ${entries.length} left: the same command goes on from there.`,
          );
        }
        return report.failed.size > 0 ? EXIT.failed : undefined;
      }),
    );
};

function warningLines(warnings: readonly string[]): string[] {
  const more = warnings.length - MOST_WARNINGS;
  return [
    ...warnings.slice(0, MOST_WARNINGS).map((warning) => `warning: ${warning}`),
    ...(more > 0 ? [`… and ${more} warnings more`] : []),
  ];
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new WrongUsage(`${file} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
  }
}

/** @throws WrongUsage where Parameter Store would not take all tokens of minutes, those of before included */
async function refuseTooManyWrites(
  entries: readonly ImportEntry[],
  deployment: Deployment,
  file: string,
): Promise<void> {
  const { presets, parameterWritesPerSecond } = deployment;
  const declared = entries.flatMap(({ definition }) => (definition ? [{ definition }] : []));
  const brought = (await parameterLoad(declared, presets)).filter((writes) => writes > 0);
  if (brought.length === 0) return;
  const names = new Set(entries.flatMap(({ name, definition }) => (definition ? [name] : [])));
  const others = (await allConnections(deployment)).filter(({ name }) => !names.has(name));
  const writes = [...brought, ...(await parameterLoad(others, presets))];
  const problem = tooManyParameterWrites(writes, parameterWritesPerSecond);
  if (problem === undefined) return;
  throw new WrongUsage(
    `${file}: connections: ${problem.message}: ${problem.remedy}. Where the deployment has more, set EVERTOKEN_PARAMETER_WRITES_PER_SECOND here.`,
  );
}
