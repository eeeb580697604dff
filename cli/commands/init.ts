import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { checkConnection } from '../../functions/connections/check-connection.ts';
import type { Connection } from '../../functions/connections/connection.ts';
import { nameProblem } from '../../functions/connections/connection-name.ts';
import { parseConnection } from '../../functions/connections/parse/parse-connection.ts';
import { parseConnections } from '../../functions/connections/parse/parse-connections.ts';
import { fileProblemText } from '../../functions/connections/parse/parse-json-file.ts';
import { presetOf } from '../../functions/connections/preset-of.ts';
import { loadPreset } from '../../functions/providers/load-preset.ts';
import { presetIds } from '../../functions/providers/presets.ts';
import type { CommandModule } from '../command-context.ts';
import { CommandFailed, WrongUsage } from '../command-failed.ts';
import { askConnection, askName, type InitOptions } from '../init/ask-connection.ts';
import { insertConnection } from '../init/insert-connection.ts';
import { canSignIn, needsRefreshToken, nextSteps } from '../init/next-steps.ts';

/** `evertoken init`: writes a connection into connections.json. Asks AWS for nothing. */
export const initCommand: CommandModule = (program, run) => {
  program
    .command('init')
    .description('Adds a connection to connections.json, and asks for what the options leave out.')
    .argument('[name]')
    .option('--provider <id>', 'a preset; see "evertoken providers"')
    .option('--issuer <url>', 'the issuer whose metadata names the endpoints')
    .option('--token-url <url>', 'the token endpoint')
    .option('--authorization-url <url>', 'where a person signs in')
    .option('--placeholder <key=value...>', "values for the preset's URLs")
    .option('--credentials <name>', 'name of the credentials to use')
    .option('--signing-key <arn>', 'a KMS key that signs for the client')
    .option('--identity', "no credentials: a token of the functions' role")
    .option('--client-id <id>', 'with --identity, the public client_id')
    .option('--grants <list>', 'grant types in order, with commas')
    .option('--scope <scope>', 'scope values with spaces')
    .option('--accept-experimental', 'use a preset that nobody verified')
    .option('--file <path>', 'where to write', 'connections.json')
    .addHelpText('after', '\nExample:\n  evertoken init crm --provider kajabi --credentials kajabi-main')
    .action(
      run(async (context, given: string | undefined, options: InitOptions & { readonly file: string }) => {
        const { file } = options;
        const before = await readExisting(file);
        const name = given ?? (await askName(context.io));
        const problem = nameProblem(name);
        if (problem !== undefined) throw new WrongUsage(`"${name}" ${problem}.`);
        if (before?.names.has(name)) {
          throw new CommandFailed(`${file} has a connection "${name}" already: edit it there.`);
        }
        const connection = parseConnection(await askConnection(name, options, context), name, {
          namespace: context.options.namespace,
        });
        const { preset, warnings } = await judge(name, connection);
        await writeChecked(file, insertConnection(before?.text, name, connection));
        for (const warning of warnings) context.remark(`warning: ${warning}`);
        if (needsRefreshToken(connection, preset) && !canSignIn(connection, preset)) {
          context.remark(
            `warning: nothing says where a person signs in: bring a refresh token, or add "authorizationUrl" or "issuer" for "evertoken authorize"`,
          );
        }
        const added = { name, connection, preset, file, hasApp: existsSync('cdk.json') };
        const steps = nextSteps(added, context.options, context.io.env);
        context.show({
          text: `Added "${name}" to ${file}.\n\n${steps}`,
          json: { connection: name, file, definition: connection, warnings },
        });
        return undefined;
      }),
    );
};

async function readExisting(file: string) {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw new CommandFailed(`${file} cannot be read (${code}).`);
  }
  return { text, names: new Set((await parsed(file, text)).keys()) };
}

/** @throws CommandFailed with a line for each problem */
async function parsed(file: string, text: string): Promise<ReadonlyMap<string, Connection>> {
  const result = parseConnections(text, { file, providers: await presetIds() });
  if (result.ok) return result.connections;
  throw new CommandFailed(
    `${file} must be mended first:\n${result.problems.map(fileProblemText).join('\n')}`,
  );
}

async function judge(name: string, connection: Connection) {
  const preset = await presetOf(connection, loadPreset);
  const problems = checkConnection(name, connection, preset);
  const errors = problems.filter(({ level }) => level === 'error');
  if (errors.length > 0) throw new CommandFailed(errors.map(({ message }) => message).join('\n'));
  return { preset, warnings: problems.map(({ message }) => message) };
}

/** Together the connections may be wrong though each alone is right. */
async function writeChecked(file: string, text: string): Promise<void> {
  await parsed(file, text);
  try {
    await writeFile(file, text);
  } catch (error) {
    throw new CommandFailed(`${file} cannot be written (${(error as NodeJS.ErrnoException).code}).`);
  }
}
