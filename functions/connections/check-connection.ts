import { PASSWORD, REFRESH_TOKEN } from '../oauth/grant-type.ts';
import { clientAuthenticationFor } from '../oauth/request/client-authentication.ts';
import type { Connection } from './connection.ts';
import { ConnectionError } from './connection-error.ts';
import { type FitInput, fit, fitsSecret, marginSeconds } from './fit.ts';
import { FIT_LIMITS, type FitLimits } from './fit-limits.ts';
import { isExperimental, type ProviderPreset } from './provider-preset.ts';
import { type ResolvedConnection, RFC_PRESET, resolveConnection } from './resolve-connection.ts';

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
  let resolved: ResolvedConnection;
  try {
    resolved = resolveConnection(name, connection, preset);
  } catch (error) {
    if (!(error instanceof ConnectionError)) throw error;
    return [{ level: 'error', message: `${at}.${error.message}` }];
  }
  const input = fitInputOf(connection, preset);
  const place = placeOf(connection, input, limits);
  const misfits = fit({ ...input, place }, limits).map(({ level, field, message, remedy }) => ({
    level,
    message: `${at}.${field}: ${message}: ${remedy}`,
  }));
  return [
    ...tooLong(at, connection),
    ...experimental(at, connection, preset),
    ...missingParameters(at, resolved),
    ...misfits,
    ...budgetProblems(at, resolved, preset),
    ...rotationProblems(at, connection),
    ...signingProblems(at, resolved),
    ...unwise(at, connection, resolved),
  ];
}

/** As far as anybody says before the first answer. */
export function lifetimeSecondsOf(connection: Connection, preset: ProviderPreset): number {
  return preset.defaultLifetimeSeconds ?? connection.defaultLifetimeSeconds ?? ASSUMED_LIFETIME_SECONDS;
}

/** Where the token will go as far as is declared: where the connection says, else by its lifetime. */
export function declaredPlace(
  connection: Connection,
  preset: ProviderPreset = RFC_PRESET,
  limits: FitLimits = FIT_LIMITS,
): 'secret' | 'parameter' {
  return placeOf(connection, fitInputOf(connection, preset), limits);
}

function placeOf({ token, publishTo }: Connection, input: FitInput, limits: FitLimits) {
  if (token !== undefined) return 'secret';
  if (publishTo !== undefined) return publishTo;
  return fitsSecret(input, limits) ? 'secret' : 'parameter';
}

/** Whether its refreshes may spend a refresh token: they write its secret then. */
export function spendsRefreshToken(
  { grants }: Pick<Connection, 'grants'>,
  preset: Pick<ProviderPreset, 'grants' | 'refreshToken'>,
): boolean {
  return (grants ?? preset.grants).includes(REFRESH_TOKEN) && preset.refreshToken.rotates !== 'never';
}

function fitInputOf(connection: Connection, preset: ProviderPreset): FitInput {
  const { grants = preset.grants } = connection;
  const refreshes = grants.includes(REFRESH_TOKEN);
  return {
    lifetimeSeconds: lifetimeSecondsOf(connection, preset),
    marginSeconds: connection.marginSeconds,
    readerCacheSeconds: connection.readerCacheSeconds,
    spendsRefreshToken: spendsRefreshToken(connection, preset),
    mayMove: connection.token === undefined,
    earliestRefreshSeconds: preset.accessToken.earliestRefreshSeconds,
    refreshTokenInactivitySeconds: refreshes ? preset.refreshToken.inactivitySeconds : undefined,
  };
}

/** What one parameter of Parameter Store holds at most, in its advanced tier, in bytes. */
const MOST_BYTES = 8192;

function tooLong(at: string, connection: Connection): ConnectionProblem[] {
  const bytes = Buffer.byteLength(JSON.stringify({ schema: 1, ...connection }));
  if (bytes <= MOST_BYTES) return [];
  return [
    {
      level: 'error',
      message: `${at}: is ${bytes} bytes of JSON with the rules of its provider, and one parameter holds ${MOST_BYTES}: say only what differs from RFC 6749, and leave notes out`,
    },
  ];
}

/** Judged where a connection is declared, and never again: a preset that is doubted later stops nobody. */
function experimental(at: string, connection: Connection, preset: ProviderPreset): ConnectionProblem[] {
  if (connection.provider === undefined || connection.acceptExperimental === true) return [];
  if (!isExperimental(preset)) return [];
  const { name, recalled, docsUrl } = preset;
  const which = recalled.length === 0 ? 'it' : recalled.join(', ');
  return [
    {
      level: 'error',
      message: `${at}.provider: the preset of ${name} is experimental: ${which} was not verified against its documentation: compare it with ${docsUrl}, and set "acceptExperimental": true`,
    },
  ];
}

/** What a provider insists on, and only the operator knows. A refresh repeats what the first request had. */
function missingParameters(at: string, { grants, scope, request }: ResolvedConnection): ConnectionProblem[] {
  if (grants.every((grant) => grant === REFRESH_TOKEN)) return [];
  const given = [request.parameters, ...Object.values(request.parametersByGrant)];
  return Object.entries(request.requiredParameters).flatMap(([key, description]) => {
    const isGiven =
      key === 'scope'
        ? scope !== undefined || request.defaultScope !== undefined
        : given.some((each) => Object.hasOwn(each, key));
    if (isGiven) return [];
    const place = key === 'scope' ? 'scope' : `parameters.${key}`;
    return [
      { level: 'error', message: `${at}.${place}: is missing, and the provider needs it: ${description}` },
    ];
  });
}

/** Whether the provider allows as many token requests as one connection makes. */
function budgetProblems(
  at: string,
  { budgets, marginSeconds: configured, defaultLifetimeSeconds }: ResolvedConnection,
  preset: ProviderPreset,
): ConnectionProblem[] {
  const lifetime = preset.defaultLifetimeSeconds ?? defaultLifetimeSeconds ?? ASSUMED_LIFETIME_SECONDS;
  const margin = marginSeconds(lifetime, configured, preset.accessToken.earliestRefreshSeconds);
  const everySeconds = (lifetime - margin) * (1 - FIT_LIMITS.jitterShare);
  return budgets.flatMap(({ calls, perSeconds, scope }): ConnectionProblem[] => {
    const needed = perSeconds / everySeconds;
    const whose = scope === 'client' ? 'one client' : 'all clients together';
    const limit = `${preset.name} allows ${whose} ${calls} token requests in ${perSeconds} s`;
    if (needed > calls) {
      return [
        {
          level: 'error',
          message: `${at}.defaultLifetimeSeconds: ${limit}, and a token that lives ${lifetime} s is refreshed ${Math.ceil(needed)} times in that: have the provider issue tokens that live longer, or set marginSeconds lower`,
        },
      ];
    }
    if (needed * 2 <= calls) return [];
    return [
      {
        level: 'warning',
        message: `${at}.credentials: ${limit}, and this connection alone uses more than half of them: give no other connection the same credentials, and force no refresh`,
      },
    ];
  });
}

/** A key that nothing is signed with is a mistake elsewhere. */
function signingProblems(
  at: string,
  { signingKey, grants, request }: ResolvedConnection,
): ConnectionProblem[] {
  const { assertion, assertionByGrant } = request;
  const signs = grants.some(
    (grant) =>
      clientAuthenticationFor(grant, request) === 'private_key_jwt' ||
      (Object.hasOwn(assertionByGrant, grant) ? assertionByGrant[grant] : assertion) !== undefined,
  );
  if (signingKey === undefined || signs) return [];
  return [
    {
      level: 'error',
      message: `${at}.signingKey: nothing is signed with it: set "clientAuthentication": "private_key_jwt", or say in "rules.request.assertion" what is`,
    },
  ];
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

function unwise(at: string, connection: Connection, resolved: ResolvedConnection): ConnectionProblem[] {
  const { grants } = resolved;
  const problems: ConnectionProblem[] = [];
  if (grants.includes(PASSWORD)) {
    problems.push({
      level: 'warning',
      message: `${at}.grants: "password" hands a person's password to the client, and RFC 9700 section 2.4 forbids it: use another grant type where the provider has one`,
    });
  }
  if (resolved.accessToken.endsPrevious) {
    problems.push({
      level: 'warning',
      message: `${at}.readerCacheSeconds: a refresh ends the access token before it at once, so that a reader that caches may meet a 401: have it read the secret again then, as evertoken/reader does`,
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
