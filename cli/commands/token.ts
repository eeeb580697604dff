import { durationText } from '../../functions/text/times.ts';
import type { CommandModule } from '../command-context.ts';
import { CommandFailed } from '../command-failed.ts';
import { registeredConnection } from '../connections/registered-connections.ts';
import type { Deployment } from '../deployment.ts';

/** `evertoken token`: the access token, for scripts. The one command that prints a secret. */
export const tokenCommand: CommandModule = (program, run) => {
  program
    .command('token')
    .description(
      "Prints the access token of a connection and nothing else. It takes the permission to read the token's secret, which the operator's policy does not have.",
    )
    .argument('<connection>', 'name of the connection')
    .option('--header', 'print the header that carries it')
    .addHelpText(
      'after',
      '\nExamples:\n  evertoken token crm\n  curl -H "$(evertoken token crm --header)" https://api.example.com/v1/me',
    )
    .action(
      run(async (context, name: string, { header = false }: { header?: boolean }) => {
        const token = await validToken(name, await context.deployment());
        const { access_token, token_type, expiresAt, header: carrier, scheme } = token;
        const authorization = `${carrier}: ${scheme === '' ? '' : `${scheme} `}${access_token.reveal()}`;
        context.show({
          text: header ? authorization : access_token.reveal(),
          json: {
            ...(header ? { header: authorization } : { access_token: access_token.reveal(), token_type }),
            expires_at: expiresAt === undefined ? null : new Date(expiresAt).toISOString(),
          },
        });
        return undefined;
      }),
    );
};

async function validToken(name: string, deployment: Deployment) {
  const { publishedToken } = await import('../connections/published-token.ts');
  const token =
    (await publishedToken(name, {}, deployment)) ??
    (await publishedToken(name, (await registeredConnection(name, deployment)).definition, deployment));
  if (token === undefined) {
    throw new CommandFailed(`"${name}" has no token yet: evertoken status ${name} says why.`);
  }
  const age = deployment.clock.now() - (token.expiresAt ?? Number.POSITIVE_INFINITY);
  if (age >= 0) {
    throw new CommandFailed(
      `The token of "${name}" expired ${durationText(age)} ago: evertoken status ${name} says why.`,
    );
  }
  return token;
}
