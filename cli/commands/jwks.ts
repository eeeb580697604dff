import type { CommandModule } from '../command-context.ts';
import { publicKeyOf } from '../connections/public-keys.ts';
import { registeredConnection } from '../connections/registered-connections.ts';

/** `evertoken jwks`: the public keys of what connections sign with, for the provider. Prints nothing secret. */
export const jwksCommand: CommandModule = (program, run) => {
  program
    .command('jwks')
    .description(
      'Prints a JSON Web Key Set (RFC 7517) with the public half of the key that each connection signs its assertions with: what a provider wants to be given, or to find at a URL. It takes the permission to read the credentials, or kms:GetPublicKey on a key in KMS, which the operator policy does not have.',
    )
    .argument('<connection...>', 'names of connections; the same key is printed once')
    .addHelpText(
      'after',
      '\nExamples:\n  evertoken jwks epic\n  evertoken jwks epic epic-next > jwks.json\n\nThe construct PublicKeySet of the package serves such a file at a URL.',
    )
    .action(
      run(async (context, names: string[]) => {
        const deployment = await context.deployment();
        const keys = new Map<string, object>();
        for (const name of names) {
          const key = await publicKeyOf(await registeredConnection(name, deployment), deployment);
          keys.set(JSON.stringify(key), key);
          if (!('kid' in key)) {
            context.remark(
              `warning: the key of "${name}" has no id, and most providers find a key by its id: store one as "key_id" beside it`,
            );
          }
        }
        const set = { keys: [...keys.values()] };
        context.show({ text: JSON.stringify(set, null, 2), json: set });
        return undefined;
      }),
    );
};
