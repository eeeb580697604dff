import { askCredentials, credentialFields } from '../../cli/connections/ask-credentials.ts';
import type { Io } from '../../cli/io.ts';
import { isInteractive } from '../../cli/prompts.ts';
import { serialiseSecretJson } from '../../functions/aws/secrets/secret-json.ts';
import { SCHEMA } from '../../functions/aws/stored-schema.ts';
import type { Secret } from '../../functions/oauth/secret.ts';
import { loadPreset } from '../../functions/providers/load-preset.ts';
import type { BroughtRefreshToken } from '../../functions/refresh/store-refresh-token.ts';
import type { OwnSecrets } from './credentials-file.ts';
import type { Place } from './place-connection.ts';

/** What a person brings for secrets that have no value yet. */
export interface BroughtSecrets {
  /** The text of a secret of credentials; `undefined` leaves it empty. */
  credentials(name: string): Promise<Secret | undefined>;
  refreshToken(connection: string): BroughtRefreshToken | undefined;
}

/**
 * What the file has. What it lacks is asked for, unless a server of the demo wants it.
 * @param io absent where there is nobody to ask
 */
export function broughtSecrets(
  own: OwnSecrets,
  places: readonly Place[],
  io: Pick<Io, 'stdin' | 'stderr' | 'signal'> | undefined,
): BroughtSecrets {
  const placed = places.filter((place) => place.kind === 'placed');
  const asking = placed.filter(({ protectedUrl }) => protectedUrl === undefined);
  return {
    credentials: async (name) => {
      const known = own.credentials.get(name);
      const users = asking.filter(({ definition }) => definition.credentials === name);
      if (known !== undefined || users.length === 0 || !io || !isInteractive(io)) return known;
      io.stderr.write(`Credentials "${name}", for ${users.map((user) => user.name).join(', ')}:\n`);
      const values = await askCredentials(io, await credentialFields(users, loadPreset));
      return serialiseSecretJson({ schema: SCHEMA, ...values });
    },
    refreshToken: (connection) => own.refreshTokens.get(connection),
  };
}
