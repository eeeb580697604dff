import { ConnectionError } from '../connections/resolve-connection.ts';
import type { Credentials } from '../oauth/credentials.ts';
import type { Exchange } from '../oauth/exchange.ts';
import { REFRESH_TOKEN } from '../oauth/grant-type.ts';
import type { Secret } from '../oauth/secret.ts';
import { TokenError } from '../oauth/token-error.ts';
import { cooldownKeys } from './cooldowns.ts';
import type { Version } from './ports.ts';
import { readCredentials } from './read-credentials.ts';
import type { RefreshRun } from './refresh-run.ts';

/**
 * Asks the token endpoint once with the connection's credentials. A client that is refused with cached
 * credentials is tried once more when others are stored by now: `invalid_client` spends nothing.
 * @throws TokenError, StoreError, RefreshFailed, ConnectionError
 */
export async function exchange(
  run: RefreshRun,
  credentials: Version<Credentials>,
  grantType: string,
  refreshToken?: Secret,
): Promise<Exchange> {
  try {
    return await send(run, credentials.value, grantType, refreshToken);
  } catch (error) {
    if (!(error instanceof TokenError) || error.code !== 'invalid_client') throw error;
    const stored = await readCredentials(run, true);
    if (stored.versionId === credentials.versionId) throw error;
    return send(run, stored.value, grantType, refreshToken);
  }
}

async function send(
  run: RefreshRun,
  credentials: Credentials,
  grantType: string,
  refreshToken: Secret | undefined,
): Promise<Exchange> {
  const { connection, ports, hold } = run;
  const { signal } = hold;
  const keys = cooldownKeys(connection);
  try {
    const answer = await ports.tokenEndpoint.exchange(
      {
        request: connection.request,
        response: connection.response,
        errors: connection.errors,
        tokenUrl: await tokenUrl(run, grantType),
        grantType,
        credentials,
        scope: connection.scope,
        ...(refreshToken && { refresh_token: refreshToken }),
      },
      { signal },
    );
    if (keys) await quietly(run, ports.cooldowns.succeeded(keys, { signal }));
    return answer;
  } catch (error) {
    if (keys) await quietly(run, ports.cooldowns.failed(keys, error, { signal }));
    throw error;
  }
}

/** A note about an origin must never cost a token. */
async function quietly(run: RefreshRun, note: Promise<void>): Promise<void> {
  await note.catch((error: Error) =>
    run.ports.log.warn('a cooldown could not be noted', { error: error.name }),
  );
}

/** Where a grant goes; asks the issuer where only that is known. @throws TokenError, ConnectionError */
export async function tokenUrl({ connection, ports, hold }: RefreshRun, grantType: string): Promise<string> {
  const url = (grantType === REFRESH_TOKEN ? connection.refreshUrl : undefined) ?? connection.tokenUrl;
  if (url !== undefined) return url;
  if (connection.issuer !== undefined) return ports.tokenEndpoint.discover(connection.issuer, hold);
  throw new ConnectionError(`${connection.provider} has no token endpoint; add "tokenUrl" or "issuer"`);
}
