import { PASSWORD, REFRESH_TOKEN } from '../oauth/grant-type.ts';
import type { Connection } from './connection.ts';
import { ConnectionError } from './connection-error.ts';
import { FIT_LIMITS, type FitLimits, fit } from './fit.ts';
import type { ProviderPreset } from './provider-preset.ts';
import { RFC_PRESET, resolveConnection } from './resolve-connection.ts';

/** What a person should know of a connection before it is deployed. */
export interface ConnectionProblem {
  /** An `error` refuses the connection. */
  readonly level: 'error' | 'warning';
  /** A whole sentence that begins with the connection's path and ends with the remedy. */
  readonly message: string;
}

/** Lifetime that is assumed where nothing says, as for a token whose answer does not. */
const ASSUMED_LIFETIME_SECONDS = 3600;

/**
 * Everything that can be known of a connection without asking its provider: whether its preset can be
 * applied, whether its tokens fit (see `fit`), whether its secret can be rotated, and what is unwise about it.
 */
export function checkConnection(
  name: string,
  connection: Connection,
  preset: ProviderPreset = RFC_PRESET,
  limits: FitLimits = FIT_LIMITS,
): ConnectionProblem[] {
  const at = `connections.${name}`;
  let grants: readonly string[];
  try {
    grants = resolveConnection(name, connection, preset).grants;
  } catch (error) {
    if (!(error instanceof ConnectionError)) throw error;
    return [{ level: 'error', message: `${at}.${error.message}` }];
  }
  const spends = grants.includes(REFRESH_TOKEN) && preset.refreshToken.rotates !== 'never';
  const misfits = fit(
    {
      lifetimeSeconds:
        preset.defaultLifetimeSeconds ?? connection.defaultLifetimeSeconds ?? ASSUMED_LIFETIME_SECONDS,
      marginSeconds: connection.marginSeconds,
      readerCacheSeconds: connection.readerCacheSeconds,
      spendsRefreshToken: spends,
      refreshTokenInactivitySeconds: grants.includes(REFRESH_TOKEN)
        ? preset.refreshToken.inactivitySeconds
        : undefined,
    },
    limits,
  ).map(({ level, field, message, remedy }) => ({ level, message: `${at}.${field}: ${message}: ${remedy}` }));
  return [...misfits, ...rotationProblems(at, connection), ...unwise(at, connection, grants)];
}

function rotationProblems(at: string, { consoleRotate, token }: Connection): ConnectionProblem[] {
  if (!consoleRotate || token === undefined) return [];
  return [
    {
      level: 'error',
      message: `${at}.consoleRotate: the console rotates only <namespace>/tokens/<name>, and "token" names another: leave one of them out`,
    },
  ];
}

function unwise(at: string, connection: Connection, grants: readonly string[]): ConnectionProblem[] {
  const problems: ConnectionProblem[] = [];
  if (grants.includes(PASSWORD)) {
    problems.push({
      level: 'warning',
      message: `${at}.grants: "password" hands a person's password to the client, and RFC 9700 section 2.4 forbids it: use another grant type where the provider has one`,
    });
  }
  if (connection.clientAuthentication === 'none' && grants.includes('client_credentials')) {
    problems.push({
      level: 'warning',
      message: `${at}.clientAuthentication: "none" with client_credentials lets anyone who knows the client_id have tokens (RFC 6749 section 4.4): use client_secret_basic, client_secret_post or private_key_jwt`,
    });
  }
  return problems;
}
