import { WrongUsage } from '../cli/command-failed.ts';
import type { Connection } from '../functions/connections/connection.ts';
import { REFRESH_TOKEN } from '../functions/oauth/grant-type.ts';
import { DEMO_CREDENTIALS, type DemoProviders } from './demo/demo-providers.ts';
import { localKeyArn } from './signing-keys.ts';

/** A connection that this machine can serve. */
export interface LocalConnection {
  readonly name: string;
  readonly definition: Connection;
  /** Accepts the connection's tokens; absent when no local provider issued them. */
  readonly protectedUrl?: string;
}

/** Everything that a run begins with. */
export interface LocalSetup {
  readonly connections: readonly LocalConnection[];
  /** Values of `credentials/<name>`; `undefined` leaves the secret empty, for a person to fill. */
  readonly credentials: ReadonlyMap<string, Readonly<Record<string, string>> | undefined>;
  /** Values of `refresh-tokens/<name>`; `undefined` leaves the secret empty, for a refresh to fill. */
  readonly refreshTokens: ReadonlyMap<string, string | undefined>;
  /** Origins on this machine to which token requests may go. */
  readonly allowedTokenOrigins: readonly string[];
}

type Providers = Pick<DemoProviders, 'kajabi' | 'slashid' | 'rotating'>;

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
  const setup = localSetup(connections, providers);
  // Client credentials cannot bring the first refresh token of this one: a person would have signed in.
  const seeded = new Map(setup.refreshTokens).set(
    'rotating-demo',
    await providers.rotating.mintRefreshToken(),
  );
  return { ...setup, refreshTokens: seeded };
}

/**
 * The same for connections of one's own: those of provider `kajabi` and `slashid` meet the local servers.
 * Credentials are empty but for those that are named as the demo's.
 * @throws WrongUsage for the first connection that would leave this machine or needs a secret from elsewhere
 */
export function localSetup(connections: ReadonlyMap<string, Connection>, providers: Providers): LocalSetup {
  const local = [...connections].map(([name, connection]) => localConnection(name, connection, providers));
  const credentials = new Map<string, Readonly<Record<string, string>> | undefined>();
  const refreshTokens = new Map<string, string | undefined>();
  for (const { name, definition } of local) {
    const { credentials: ref } = definition;
    if (typeof ref === 'string') credentials.set(ref, new Map(Object.entries(DEMO_CREDENTIALS)).get(ref));
    const grants = definition.grants ?? definition.rules?.grants;
    if (grants?.includes(REFRESH_TOKEN) ?? true) refreshTokens.set(name, undefined);
  }
  const origins = local.flatMap(({ definition }) =>
    endpointsOf(definition).map((url) => new URL(url).origin),
  );
  return { connections: local, credentials, refreshTokens, allowedTokenOrigins: [...new Set(origins)] };
}

function localConnection(name: string, declared: Connection, providers: Providers): LocalConnection {
  const { signingKey } = declared;
  const connection: Connection =
    signingKey === undefined
      ? declared
      : { ...declared, signingKey: { kmsKeyArn: localKeyArn(signingKey.kmsKeyArn) } };
  if (typeof connection.credentials === 'object' || connection.token !== undefined) {
    throw new WrongUsage(
      `connection "${name}" uses a secret by its ARN, and local mode has only its own secrets: name its credentials`,
    );
  }
  const { provider } = connection;
  if (provider === 'kajabi' || provider === 'slashid') {
    const { tokenUrl, revocationUrl, protectedUrl } = providers[provider];
    const definition = { ...connection, tokenUrl, ...(revocationUrl !== undefined && { revocationUrl }) };
    return { name, definition, protectedUrl };
  }
  const urls = endpointsOf(connection);
  const url = urls.find((each) => !isLoopback(each)) ?? urls[0];
  if (url === undefined || !isLoopback(url)) {
    throw new WrongUsage(
      `connection "${name}" would ask ${url === undefined ? `provider ${provider}` : new URL(url).origin} for ` +
        'tokens, and local mode stays on this machine: use provider kajabi or slashid, or a tokenUrl on 127.0.0.1',
    );
  }
  const isRotating = new URL(url).origin === providers.rotating.origin;
  return {
    name,
    definition: connection,
    ...(isRotating && { protectedUrl: providers.rotating.protectedUrl }),
  };
}

/** Where a connection sends its token requests by what it says itself, or the provider that its file defines. */
function endpointsOf({ tokenUrl, issuer, rules = {} }: Connection): readonly string[] {
  const own = tokenUrl ?? issuer;
  return [own ?? rules.tokenUrl ?? rules.issuer, rules.refreshUrl].filter((url) => url !== undefined);
}

function isLoopback(url: string): boolean {
  return ['127.0.0.1', '[::1]', 'localhost'].includes(new URL(url).hostname);
}
