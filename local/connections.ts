import { WrongUsage } from '../cli/command-failed.ts';
import type { Connection } from '../functions/connections/connection.ts';
import { REFRESH_TOKEN } from '../functions/oauth/grant-type.ts';
import { DEMO_CREDENTIALS } from './demo/demo-providers.ts';
import type { BroughtSecrets } from './own/brought-secrets.ts';
import {
  type Place,
  type PlacedConnection,
  type PlaceOptions,
  type Providers,
  placeConnection,
  placeText,
} from './own/place-connection.ts';

/** Everything that a run begins with. */
export interface LocalSetup {
  readonly connections: readonly LocalConnection[];
  /** Values of `credentials/<name>`; `undefined` leaves the secret empty, for a person to fill. */
  readonly credentials: ReadonlyMap<string, Readonly<Record<string, string>> | undefined>;
  /** Values of `refresh-tokens/<name>`; `undefined` leaves the secret empty, for a refresh to fill. */
  readonly refreshTokens: ReadonlyMap<string, string | undefined>;
  /** What a person brings for secrets that are empty. Default: nothing. */
  readonly brought?: BroughtSecrets;
  /** Origins on this machine, and those elsewhere that were allowed, to which token requests may go. */
  readonly allowedTokenOrigins: readonly string[];
}

/** What runs of a connection. */
export type LocalConnection = Pick<PlacedConnection, 'name' | 'definition' | 'protectedUrl'> &
  Partial<Pick<PlacedConnection, 'isRemote'>>;

/** One connection at each local provider, all that they need included. */
export async function demoSetup(providers: Providers): Promise<LocalSetup> {
  const connections = new Map<string, Connection>([
    [
      'kajabi-demo',
      {
        provider: 'kajabi',
        credentials: 'kajabi-demo',
        grants: ['refresh_token', 'client_credentials'],
        readerCacheSeconds: 0,
      },
    ],
    [
      'slashid-demo',
      {
        provider: 'slashid',
        credentials: 'slashid-demo',
        grants: ['client_credentials'],
        readerCacheSeconds: 0,
      },
    ],
    [
      'rotating-demo',
      {
        tokenUrl: providers.rotating.tokenUrl,
        revocationUrl: providers.rotating.revocationUrl,
        credentials: 'rotating-demo',
        grants: ['refresh_token'],
        readerCacheSeconds: 0,
      },
    ],
  ]);
  const setup = await localSetup(connections, providers);
  // Client credentials cannot bring the first refresh token of this one: a person would have signed in.
  const seeded = new Map(setup.refreshTokens).set(
    'rotating-demo',
    await providers.rotating.mintRefreshToken(),
  );
  return { ...setup, refreshTokens: seeded };
}

/** Where nothing was said: this machine alone. */
const HERE: PlaceOptions = { allowedOrigins: [], isKept: false };

/**
 * The same for connections of one's own, as `placeConnection` decides it. Credentials are empty but for those that
 * are named as the demo's.
 * @throws WrongUsage when not one of them can run, with a line for each
 */
export async function localSetup(
  connections: ReadonlyMap<string, Connection>,
  providers: Providers,
  options: PlaceOptions = HERE,
): Promise<LocalSetup & { readonly places: readonly Place[] }> {
  const places = await Promise.all(
    [...connections].map(([name, connection]) => placeConnection(name, connection, providers, options)),
  );
  const placed = places.filter((place) => place.kind === 'placed');
  if (placed.length === 0 && places.length > 0) {
    throw new WrongUsage(['No connection can run here.', ...places.map(placeText)].join('\n'));
  }
  const credentials = new Map<string, Readonly<Record<string, string>> | undefined>();
  const refreshTokens = new Map<string, string | undefined>();
  for (const { name, definition, grants } of placed) {
    const { credentials: ref } = definition;
    if (typeof ref === 'string') credentials.set(ref, new Map(Object.entries(DEMO_CREDENTIALS)).get(ref));
    if (grants.includes(REFRESH_TOKEN)) refreshTokens.set(name, undefined);
  }
  const origins = [...placed.flatMap(({ asks }) => asks), ...options.allowedOrigins];
  return {
    connections: placed,
    places,
    credentials,
    refreshTokens,
    allowedTokenOrigins: [...new Set(origins)],
  };
}
