import type { Connection } from '../../functions/connections/connection.ts';
import { ConnectionError } from '../../functions/connections/connection-error.ts';
import { isLoopbackUrl } from '../../functions/connections/endpoint-url.ts';
import { presetOf } from '../../functions/connections/preset-of.ts';
import {
  type ResolvedConnection,
  resolveConnection,
} from '../../functions/connections/resolve-connection.ts';
import { REFRESH_TOKEN } from '../../functions/oauth/grant-type.ts';
import { loadPreset } from '../../functions/providers/load-preset.ts';
import type { DemoProviders } from '../demo/demo-providers.ts';
import { localKeyArn } from '../signing-keys.ts';

export type Providers = Pick<DemoProviders, 'kajabi' | 'slashid' | 'rotating'>;

/** What was said on the command line about connections of one's own. */
export interface PlaceOptions {
  /** Origins elsewhere that may be asked for tokens. */
  readonly allowedOrigins: readonly string[];
  /** Whether what is stored outlives the run. */
  readonly isKept: boolean;
}

/** A connection that runs here. */
export interface PlacedConnection {
  readonly kind: 'placed';
  readonly name: string;
  readonly definition: Connection;
  readonly grants: readonly string[];
  /** Where its token requests go. */
  readonly asks: readonly string[];
  /** The real provider whose place a server of this machine takes. */
  readonly inPlaceOf?: string;
  /** It asks a server that is not of this machine. */
  readonly isRemote: boolean;
  /** Accepts the connection's tokens; absent when no local provider issued them. */
  readonly protectedUrl?: string;
}

/** A connection that does not run here, and why. */
export interface LeftOutConnection {
  readonly kind: 'left-out';
  readonly name: string;
  /** A clause: what is the matter, and what to do. */
  readonly why: string;
}

export type Place = PlacedConnection | LeftOutConnection;

/**
 * Decides whom a connection asks for tokens: whom it declares, where that is on this machine or was allowed; the
 * local server of its provider, where there is one; else nobody.
 */
export async function placeConnection(
  name: string,
  declared: Connection,
  providers: Providers,
  { allowedOrigins, isKept }: PlaceOptions,
): Promise<Place> {
  const leftOut = (why: string): LeftOutConnection => ({ kind: 'left-out', name, why });
  if (typeof declared.credentials === 'object' || declared.token !== undefined) {
    return leftOut(
      'it uses a secret by its ARN, and local mode has only its own secrets: name its credentials',
    );
  }
  const { signingKey } = declared;
  const definition: Connection =
    signingKey === undefined
      ? declared
      : { ...declared, signingKey: { kmsKeyArn: localKeyArn(signingKey.kmsKeyArn) } };
  const resolved = await resolve(name, definition);
  if ('why' in resolved) return leftOut(resolved.why);
  const { grants } = resolved;
  const asks = originsOf(resolved);
  const elsewhere = asks.filter((origin) => !isLoopbackUrl(origin));
  const unasked = elsewhere.filter((origin) => !allowedOrigins.includes(origin));
  const placed = { kind: 'placed', name, grants } as const;

  const { provider } = definition;
  if (unasked.length > 0 && (provider === 'kajabi' || provider === 'slashid')) {
    const { tokenUrl, revocationUrl, protectedUrl, origin } = providers[provider];
    const local = { ...definition, tokenUrl, ...(revocationUrl !== undefined && { revocationUrl }) };
    const inPlaceOf = elsewhere.join(' and ');
    return { ...placed, definition: local, asks: [origin], inPlaceOf, isRemote: false, protectedUrl };
  }
  if (unasked.length > 0) {
    const allow = unasked.map((origin) => `--allow-origin ${origin}`).join(' ');
    return leftOut(`it would ask ${unasked.join(' and ')} for tokens; ${allow} lets it`);
  }
  const isRemote = elsewhere.length > 0;
  if (isRemote && grants.includes(REFRESH_TOKEN) && !isKept) {
    return leftOut(
      'the refresh token that its provider gives would be lost with this run; --data <dir> keeps it',
    );
  }
  const issuing = Object.values(providers).find(({ origin }) => asks.includes(origin));
  const protectedUrl = issuing?.protectedUrl;
  return { ...placed, definition, asks, isRemote, ...(protectedUrl !== undefined && { protectedUrl }) };
}

async function resolve(name: string, definition: Connection): Promise<ResolvedConnection | { why: string }> {
  try {
    return resolveConnection(name, definition, await presetOf(definition, loadPreset));
  } catch (error) {
    if (error instanceof ConnectionError) return { why: error.message };
    throw error;
  }
}

/** Where functions send its token requests, or ask for the place where they are to go. */
function originsOf({ tokenUrl, issuer, refreshUrl }: ResolvedConnection): readonly string[] {
  const urls = [tokenUrl ?? issuer, refreshUrl].filter((url) => url !== undefined);
  return [...new Set(urls.map((url) => new URL(url).origin))];
}

/** What was done with a connection, in a line for a person. */
export function placeText(place: Place): string {
  if (place.kind === 'left-out') return `${place.name}: left out: ${place.why}`;
  const asked = place.asks.join(' and ');
  if (place.inPlaceOf === undefined) return `${place.name}: asks ${asked}`;
  return `${place.name}: asks ${asked} in place of ${place.inPlaceOf}, which --allow-origin would name`;
}
