import type { CommandModule } from '../command-context.ts';
import { CommandFailed, WrongUsage } from '../command-failed.ts';
import { bringRefreshToken } from '../connections/bring-refresh-token.ts';
import { readRefreshTokenInput } from '../connections/refresh-token-input.ts';
import { registeredConnection } from '../connections/registered-connections.ts';
import { askSecret, confirm, isInteractive } from '../prompts.ts';
import { readStandardInput } from '../standard-input.ts';

const STOP_THE_OTHER =
  'Stop the system that used this refresh token before: when two systems spend one token, the provider may revoke both.';

/** `evertoken refresh-token set`: takes over a refresh token from another system. */
export const refreshTokenCommand: CommandModule = (program, run) => {
  program
    .command('refresh-token')
    .description('Takes over refresh tokens from another system.')
    .helpCommand(false)
    .command('set')
    .summary('store one, by a hidden prompt or from standard input')
    .description(
      'Stores a refresh token that another system obtained, while no refresh of the connection is in flight, and makes the connection due. Stop the other system first: a refresh token has one user.',
    )
    .argument('<connection>', 'name of the connection')
    .option('--stdin', 'read it: the token alone, or JSON with refresh_token and expires_at')
    .addHelpText(
      'after',
      '\nExamples:\n  evertoken refresh-token set books/acme\n  vault read -field=token xero | evertoken refresh-token set books/acme --stdin',
    )
    .action(
      run(async (context, name: string, { stdin = false }: { stdin?: boolean }) => {
        const { io, remark } = context;
        if (!stdin && !isInteractive(io)) {
          throw new WrongUsage('There is no terminal to ask at: give --stdin and pipe the refresh token in.');
        }
        const deployment = await context.deployment();
        const state = await registeredConnection(name, deployment);
        remark(STOP_THE_OTHER);
        if (!stdin && !(await confirm(io, 'Has it been stopped?'))) {
          throw new CommandFailed('Nothing was changed.');
        }
        const text = stdin ? await readStandardInput(io) : await askSecret(io, 'refresh_token');
        const token = readRefreshTokenInput(text, stdin ? 'standard input' : 'the answer');
        await bringRefreshToken(state, token, deployment, () =>
          remark(`"${name}" is being refreshed at this moment; waiting for it to end.`),
        );
        const next =
          state.paused === true
            ? `It is paused: evertoken resume ${name}`
            : `The next tick refreshes it; at once: evertoken refresh ${name}`;
        context.show({
          text: `Stored the refresh token of "${name}". ${next}`,
          json: { connection: name, stored: true },
        });
        return undefined;
      }),
    );
};
