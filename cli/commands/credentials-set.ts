import { secretName } from '../../functions/aws/resource-names.ts';
import { serialiseSecretJson } from '../../functions/aws/secrets/secret-json.ts';
import { SCHEMA } from '../../functions/aws/stored-schema.ts';
import { nameProblem } from '../../functions/connections/connection-name.ts';
import { originPatternProblem } from '../../functions/oauth/request/allowed-origins.ts';
import type { Secret } from '../../functions/oauth/secret.ts';
import type { ConnectionState } from '../../functions/refresh/connection-state.ts';
import type { CommandContext, CommandModule } from '../command-context.ts';
import { WrongUsage } from '../command-failed.ts';
import { originsOfUsers } from '../connections/allowed-origins.ts';
import { askCredentials, credentialFields } from '../connections/ask-credentials.ts';
import { credentialsHint } from '../connections/credentials-hint.ts';
import { readCredentialsInput } from '../connections/credentials-input.ts';
import { allConnections } from '../connections/registered-connections.ts';
import type { Deployment } from '../deployment.ts';
import { isInteractive, makeSure } from '../prompts.ts';
import { readStandardInput } from '../standard-input.ts';
import { countText } from '../text/table.ts';

/** `evertoken credentials set`: stores what an operator holds, and wakes the connections that use it. */
export const credentialsCommand: CommandModule = (program, run) => {
  program
    .command('credentials')
    .description('Stores the credentials that connections use.')
    .helpCommand(false)
    .command('set')
    .summary('store them, by hidden prompts or from standard input')
    .description(
      'Stores credentials, in place of what was stored, and wakes the connections that use them. Asks with hidden prompts, or reads a JSON object from standard input; never takes a secret as an argument, which the history of the shell would keep. Writes beside them, as allowed_token_origins, where the connections that use them send them: anything else is refused from then on, whatever is declared.',
    )
    .argument('<credentials>', 'their name, as connections refer to it')
    .option(
      '--stdin',
      'read JSON: client_id, client_secret, private_key, key_id, certificate, username, password, and what else a preset names',
    )
    .option(
      '--allow-origin <origin...>',
      'where they may be sent beside the origins of the connections that use them',
    )
    .addHelpText(
      'after',
      '\nExamples:\n  evertoken credentials set kajabi-main\n  evertoken credentials set kajabi-main --stdin < kajabi.json',
    )
    .action(
      run(async (context, name: string, { stdin = false, allowOrigin = [] }: Options) => {
        const problem = nameProblem(name);
        if (problem !== undefined) throw new WrongUsage(`"${name}" ${problem}.`);
        for (const origin of allowOrigin) {
          const wrong = originPatternProblem(origin);
          if (wrong !== undefined) throw new WrongUsage(`--allow-origin ${origin}: ${wrong}.`);
        }
        if (!stdin && !isInteractive(context.io)) {
          throw new WrongUsage('There is no terminal to ask at: give --stdin and pipe a JSON object in.');
        }
        const deployment = await context.deployment();
        const all = await allConnections(deployment);
        const users = all.filter(({ definition }) => definition.credentials === name);
        if (users.length === 0) await makeSureOfName(name, all, stdin, context);
        const input = stdin
          ? readCredentialsInput(await readStandardInput(context.io))
          : await askedFor(context, users, deployment);
        const found = await originsOfUsers(users, deployment);
        const origins = input.allowed ?? [...new Set([...found.origins, ...allowOrigin])];
        for (const issuer of input.allowed ? [] : found.silentIssuers) {
          context.remark(
            `warning: ${issuer} does not say where its endpoints are; if they are at another origin, repeat this with --allow-origin`,
          );
        }
        // Without a connection nobody knows yet where they are to go, and to forbid everything helps nobody.
        const isBound = input.allowed !== undefined || origins.length > 0;
        const fields = { ...input.values, ...(isBound && { allowed_token_origins: origins }) };
        await store(name, serialiseSecretJson({ schema: SCHEMA, ...fields }), deployment);
        const woken = await wake(users, deployment);
        context.show({
          text: [
            `Stored ${secretName.credentials(deployment.namespace, name)}: ${input.fields.join(', ')}.`,
            isBound ? boundText(origins) : UNBOUND,
            wokenText(woken),
          ].join('\n'),
          json: {
            credentials: name,
            fields: input.fields,
            allowedTokenOrigins: isBound ? origins : null,
            woken,
          },
        });
        return undefined;
      }),
    );
};

/** Under a wrong name they would lie where nobody reads them. They may also be stored before they are used. */
async function makeSureOfName(
  name: string,
  all: readonly ConnectionState[],
  stdin: boolean,
  { io, remark }: CommandContext,
): Promise<void> {
  requireSomethingToSet(name, all);
  const hint = credentialsHint(name, all);
  if (hint === undefined) return;
  if (stdin) remark(`warning: ${hint}`);
  else await makeSure(io, `${hint} Store them as "${name}" all the same?`, false);
}

/** A connection may be meant whose name is taken for that of its credentials, and which needs none. */
function requireSomethingToSet(name: string, all: readonly ConnectionState[]): void {
  const definition = all.find((each) => each.name === name)?.definition;
  if (definition?.identity === undefined || definition.credentials !== undefined) return;
  throw new WrongUsage(
    `There is nothing to set for "${name}": it proves itself with the identity of the deployed functions. What the provider must trust is said by: aws iam get-outbound-web-identity-federation-info`,
  );
}

interface Options {
  readonly stdin?: boolean;
  readonly allowOrigin?: readonly string[];
}

const UNBOUND =
  'They may be sent wherever a connection that names them says: store them again once it is declared, or give --allow-origin.';

function boundText(origins: readonly string[]): string {
  if (origins.length === 0) return 'They may be sent nowhere: the input allows no origin.';
  return `They may be sent to ${origins.join(', ')}, and nowhere else.`;
}

async function store(name: string, text: Secret, { secrets, namespace, random }: Deployment): Promise<void> {
  const description = `Credentials "${name}" of Evertoken`;
  await secrets.store(secretName.credentials(namespace, name), text, random.uuid(), description);
}

/** They are due at once: the next tick reads the new value. */
async function wake(users: readonly ConnectionState[], { state, clock }: Deployment): Promise<string[]> {
  const woken = users.filter(({ paused }) => paused !== true).map(({ name }) => name);
  for (const name of woken) await state.wake(name, clock.now());
  return woken;
}

function wokenText(woken: readonly string[]): string {
  if (woken.length === 0) return 'No connection uses them yet.';
  const names =
    woken.length <= 5 ? woken.join(', ') : `${woken.slice(0, 5).join(', ')} and ${woken.length - 5} more`;
  return `${countText(woken.length, 'connection')} will use them at the next tick: ${names}.`;
}

async function askedFor({ io }: CommandContext, users: readonly ConnectionState[], { presets }: Deployment) {
  const values = await askCredentials(io, await credentialFields(users, presets));
  return { values, fields: Object.keys(values), allowed: undefined };
}
