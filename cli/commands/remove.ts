import { secretName } from '../../functions/aws/resource-names.ts';
import type { CommandModule } from '../command-context.ts';
import { CommandFailed } from '../command-failed.ts';
import { patiently } from '../connections/patiently.ts';
import { registeredConnection } from '../connections/registered-connections.ts';
import type { Deployment } from '../deployment.ts';

/** `evertoken remove`: forgets a connection that the command declared. Its secrets stay. */
export const removeCommand: CommandModule = (program, run) => {
  program
    .command('remove')
    .description(
      'Removes a connection that was declared with "evertoken import". Its secrets stay, so that nothing is lost; delete them yourself, and revoke the tokens first where they should die.',
    )
    .argument('<connection>', 'name of the connection')
    .addHelpText('after', '\nExample:\n  evertoken revoke books/acme\n  evertoken remove books/acme')
    .action(
      run(async (context, name: string) => {
        const deployment = await context.deployment();
        const { namespace, declared, declarations, state, clock } = deployment;
        const { ringWritesByHour = {} } = await registeredConnection(name, deployment);
        refuseForeign(name, await declared.get(name));
        // First the declaration, or whoever compares the two would register it again.
        await declarations.delete(name);
        await patiently(name, context, async () => {
          const removed = await state.unregister(name, clock.now(), { confirmed: true });
          return removed || (await isGone(name, deployment)) || undefined;
        });
        const secrets = [
          secretName.token(namespace, name),
          secretName.refreshToken(namespace, name),
          ...Object.keys(ringWritesByHour).map((member) =>
            secretName.refreshToken(namespace, name, Number(member)),
          ),
        ];
        context.show({
          text: `Removed "${name}". Its secrets stay: ${secrets.join(', ')}.`,
          json: { removed: name },
        });
        return undefined;
      }),
    );
};

/** @throws CommandFailed for a declaration that is not the command's own */
function refuseForeign(
  name: string,
  definition: { readonly declaredBy?: string | undefined } | undefined,
): void {
  if (definition === undefined || definition.declaredBy === 'cli') return;
  throw new CommandFailed(
    `Connections declared by CDK are edited there: remove "${name}" from connections.json and deploy.`,
  );
}

async function isGone(name: string, { state }: Deployment): Promise<boolean> {
  const left = await state.get(name);
  return left === undefined || left.removedAt !== undefined;
}
