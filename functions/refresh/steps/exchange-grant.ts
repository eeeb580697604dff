import { ConnectionError } from '../../connections/connection.ts';
import type { Credentials } from '../../oauth/credentials.ts';
import { REFRESH_TOKEN } from '../../oauth/grant-type.ts';
import { TokenError } from '../../oauth/token-error.ts';
import type { Exchange } from '../../oauth/token-set.ts';
import { cooldownKeys } from '../cooldowns.ts';
import type { Version } from '../ports/stores.ts';
import type { ExchangedToken, Grant, RefreshRun } from '../refresh-run.ts';
import { RefreshFailed } from '../rules/classify-failure.ts';
import { STEPS } from '../rules/timing.ts';

/**
 * Exchanges a grant for a token. What it may spend is sent once, and again only inside a grace that the
 * provider documents for an answer that was lost.
 * @throws TokenError, StoreError, RefreshFailed, ConnectionError
 */
export async function exchangeGrant(run: RefreshRun, grant: Grant): Promise<ExchangedToken> {
  const { ports, connection, ledger, lease } = run;
  const { type: grantType, refreshToken: sent } = grant;
  const graceEndsAt = ports.clock.now() + connection.refreshToken.graceSeconds * 1000;
  for (;;) {
    try {
      if (grant.spends) ledger.sending();
      const exchanged = { exchange: await authenticated(run, grant), grantType, sent };
      reportNarrowing(run, exchanged);
      return exchanged;
    } catch (error) {
      if (!grant.spends) throw error;
      if (!isUnanswered(error)) {
        ledger.spentNothing();
        throw error;
      }
      const now = ports.clock.now();
      const inGrace = now + STEPS.exchangeMs < graceEndsAt && lease.endsAt - now >= STEPS.spendMs;
      if (!inGrace) throw error;
    }
  }
}

/** The refresh token may have been spent: it was sent, and no answer tells. */
function isUnanswered(error: unknown): boolean {
  return error instanceof TokenError && error.kind === 'no-answer';
}

/**
 * A client that is refused with cached credentials is tried once more when others are stored by now:
 * `invalid_client` spends nothing.
 */
async function authenticated(run: RefreshRun, grant: Grant): Promise<Exchange> {
  try {
    return await send(run, grant, grant.credentials.value);
  } catch (error) {
    if (!(error instanceof TokenError) || error.code !== 'invalid_client') throw error;
    const stored = await readCredentials(run, { fresh: true });
    if (stored.versionId === grant.credentials.versionId) throw error;
    return send(run, grant, stored.value);
  }
}

/** Asks the token endpoint once, and notes for the others at its origin how that went. */
async function send(
  run: RefreshRun,
  { type: grantType, refreshToken }: Grant,
  credentials: Credentials,
): Promise<Exchange> {
  const { connection, ports, lease } = run;
  const { signal } = lease;
  const keys = cooldownKeys(connection);
  try {
    const exchange = await ports.tokenEndpoint.exchange(
      {
        request: connection.request,
        response: connection.response,
        errors: connection.errors,
        tokenUrl: await tokenUrl(run, grantType),
        grantType,
        credentials,
        scope: connection.scope,
        ...(refreshToken && { refresh_token: refreshToken.value.refresh_token }),
      },
      { signal },
    );
    if (keys) await quietly(run, ports.cooldowns.succeeded(keys, { signal }));
    return exchange;
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
export async function tokenUrl({ connection, ports, lease }: RefreshRun, grantType: string): Promise<string> {
  const url = (grantType === REFRESH_TOKEN ? connection.refreshUrl : undefined) ?? connection.tokenUrl;
  if (url !== undefined) return url;
  if (connection.issuer !== undefined) return ports.tokenEndpoint.discover(connection.issuer, lease);
  throw new ConnectionError(`${connection.provider} has no token endpoint; add "tokenUrl" or "issuer"`);
}

/**
 * The credentials of a connection; `fresh` reads past the cache.
 * @throws RefreshFailed while they have no value, StoreError
 */
export async function readCredentials(
  { connection, ports, lease, ledger }: RefreshRun,
  { fresh }: { readonly fresh: boolean },
): Promise<Version<Credentials>> {
  const version = await ports.credentials.read(connection.credentials, { signal: lease.signal, fresh });
  ledger.usesCredentials(version?.versionId);
  if (version) return version;
  throw new RefreshFailed({
    outcome: 'awaiting-credentials',
    source: 'store',
    code: 'no_credentials',
    message: 'the credentials have no value yet',
  });
}

/** Silence means as requested (RFC 6749 section 5.1); a provider that grants less says so. */
function reportNarrowing({ connection, ports }: RefreshRun, { exchange }: ExchangedToken): void {
  const granted = exchange.token.scope?.split(' ');
  const missing = connection.scope?.split(' ').filter((value) => granted && !granted.includes(value)) ?? [];
  if (missing.length === 0) return;
  ports.log.warn('the provider granted less than the scope that is declared', {
    connection: connection.name,
    missing: missing.join(' '),
  });
}
