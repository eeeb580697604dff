import { ConnectionError } from '../../connections/connection-error.ts';
import type { Credentials } from '../../oauth/credentials.ts';
import { PASSWORD, REFRESH_TOKEN } from '../../oauth/grant-type.ts';
import { requireAllowedOrigin } from '../../oauth/request/allowed-origins.ts';
import { showsCertificate } from '../../oauth/request/client-authentication.ts';
import { isSelfIssued } from '../../oauth/request/self-issued-token.ts';
import { TokenError } from '../../oauth/token-error.ts';
import type { Exchange } from '../../oauth/token-set.ts';
import { cooldownKeys } from '../cooldowns.ts';
import type { Version } from '../ports/stores.ts';
import type { ExchangedToken, Grant, RefreshRun } from '../refresh-run.ts';
import { RefreshFailed } from '../rules/classify-failure.ts';
import { afterNone } from '../rules/earliest.ts';
import { STEPS } from '../rules/timing.ts';
import { identityCredentials } from './identity-credentials.ts';

/** How often a refresh token is sent within a grace, the first send included. */
const SENDS_IN_GRACE = 2;

/**
 * Exchanges a grant for a token. What it may spend is written down before it is sent, sent once, and again only
 * inside a grace that the provider documents for an answer that was lost. A send without an answer stays one,
 * unless a later one brings a token.
 * @throws TokenError, StoreError, RefreshFailed, ConnectionError
 */
export async function exchangeGrant(run: RefreshRun, grant: Grant): Promise<ExchangedToken> {
  const { ports, connection, ledger, lease } = run;
  const { type: grantType, refreshToken: sent, mayReplaceRefreshToken } = grant;
  const graceEndsAt = ports.clock.now() + connection.refreshToken.graceSeconds * 1000;
  let lost: TokenError | undefined;
  for (;;) {
    try {
      if (grant.spends && sent !== undefined) {
        if (lost !== undefined) await writeDownSend(run, sent.versionId);
        ledger.sending(sent.versionId, ports.clock.now());
      }
      const exchange = await authenticated(run, grant);
      reportOddities(run, exchange);
      return { exchange, grantType, sent, mayReplaceRefreshToken };
    } catch (error) {
      if (!grant.spends) throw error;
      if (!(error instanceof TokenError) || !error.mayHaveSpent) {
        ledger.spentNothing();
        throw lost ?? error;
      }
      const now = ports.clock.now();
      ledger.unanswered(now);
      lost = error;
      const inGrace = now + STEPS.exchangeMs < graceEndsAt && lease.endsAt - now >= STEPS.spendMs;
      // A provider that is down fails at once: it is not hammered for as long as its grace lasts.
      if (!inGrace || (ledger.unansweredSends ?? 1) >= SENDS_IN_GRACE) throw error;
    }
  }
}

/**
 * Writes down that this version is about to be sent, unless the lease has done so: usually it has.
 * @param member that its successor goes to; default: the one that the attempt names
 * @throws RefreshFailed when the lease was lost, StoreError
 */
export async function writeDownSend(
  { lease, ports, ledger }: RefreshRun,
  versionId: string,
  member?: number,
): Promise<void> {
  const latest = Math.max(ports.clock.now(), lease.endsAt - STEPS.sentBeforeEndMs);
  const send = ledger.toWriteDown(versionId, latest, () => ports.random.uuid(), member);
  if (send === undefined) return;
  if (await ports.state.openAttempt(lease.name, lease.owner, send, lease)) {
    ledger.writtenDown(send);
    return;
  }
  throw new RefreshFailed({
    outcome: 'retry-later',
    source: 'store',
    code: 'lease_lost',
    message: 'the lease was lost before anything was sent',
  });
}

/**
 * A client that is refused, under whatever code, is tried once more when other credentials are stored by now:
 * a secret that was rotated at the provider is no fault, and a refused client spent nothing.
 */
async function authenticated(run: RefreshRun, grant: Grant): Promise<Exchange> {
  try {
    return await send(run, grant, grant.credentials.value);
  } catch (error) {
    if (!(error instanceof TokenError) || error.kind !== 'client-refused') throw error;
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
  const { connection, ports, lease, ledger } = run;
  const { signal } = lease;
  const keys = cooldownKeys(connection);
  try {
    const url = await tokenUrl(run, grantType, credentials);
    const request = {
      request: connection.request,
      response: connection.response,
      errors: connection.errors,
      tokenUrl: url,
      grantType,
      credentials,
      signingKey: connection.signingKey,
      identity: connection.identity,
      scope: connection.scope,
      ...(refreshToken && { refresh_token: refreshToken.value.refresh_token }),
    };
    const ask = () => ports.tokenEndpoint.exchange(request, { signal });
    const exchange = await ledger.notes.time('exchangeMs', ports.clock, ask);
    ledger.notes.exchanged(exchange.requestedAt, refreshToken !== undefined);
    if (keys) await quietly(run, ports.cooldowns.succeeded(keys, { signal }));
    return exchange;
  } catch (error) {
    if (hasLeft(error)) ledger.notes.exchanged(ports.clock.now(), refreshToken !== undefined);
    if (error instanceof TokenError && error.isEarly) {
      ledger.notes.learned(afterNone(lease.state, ports.clock.now()));
    }
    if (keys) await quietly(run, ports.cooldowns.failed(keys, error, { signal }));
    throw error;
  }
}

/** Whether the provider may have seen the request. */
function hasLeft(error: unknown): boolean {
  if (!(error instanceof TokenError) || error.kind === 'never-sent') return false;
  return error.kind !== 'configuration' || error.status !== undefined;
}

/** A note about an origin must never cost a token. */
async function quietly(run: RefreshRun, note: Promise<void>): Promise<void> {
  await note.catch((error: Error) =>
    run.ports.log.warn('a cooldown could not be noted', { error: error.name }),
  );
}

/**
 * Where a grant goes, empty for one that asks nobody; asks the issuer where only that is known, and the credentials may go there: whoever answers
 * for it decides where they are sent.
 * @throws TokenError, ConnectionError
 */
export async function tokenUrl(
  { connection, ports, lease }: RefreshRun,
  grantType: string,
  credentials: Credentials,
): Promise<string> {
  const url = (grantType === REFRESH_TOKEN ? connection.refreshUrl : undefined) ?? connection.tokenUrl;
  if (url !== undefined) return url;
  if (isSelfIssued({ ...connection, grantType })) return '';
  if (connection.issuer !== undefined) {
    requireAllowedOrigin(credentials, connection.issuer);
    const { signal } = lease;
    const mutualTls = showsCertificate(grantType, connection.request);
    return ports.tokenEndpoint.discover(connection.issuer, { signal, mutualTls });
  }
  throw new ConnectionError(`${connection.provider} has no token endpoint; add "tokenUrl" or "issuer"`);
}

/**
 * The credentials of a connection, or what stands in for them; `fresh` reads past the cache, as does whoever asks for
 * a token now, what has failed, and a password: of wrong ones providers take few.
 * @throws RefreshFailed while they have no value, StoreError
 */
export async function readCredentials(
  { connection, ports, lease, ledger, force }: RefreshRun,
  { fresh = false }: { readonly fresh?: boolean } = {},
): Promise<Version<Credentials>> {
  const { credentials, grants } = connection;
  const { failures, credentialsVersionId: known, credentialsSetAt: setAt } = lease.state;
  const isFresh = fresh || force || failures > 0 || grants.includes(PASSWORD);
  const version =
    credentials === undefined
      ? identityCredentials(connection)
      : await ports.credentials.read(credentials, { signal: lease.signal, fresh: isFresh, known, setAt });
  ledger.notes.usesCredentials(version?.versionId);
  if (version) return version;
  throw new RefreshFailed({
    outcome: 'awaiting-credentials',
    source: 'store',
    code: 'no_credentials',
    message: 'the credentials have no value yet',
  });
}

/** What a person should know of an answer although it is used. */
function reportOddities({ connection, ports }: RefreshRun, { token, problem }: Exchange): void {
  // Silence means as requested (RFC 6749 section 5.1); a provider that grants less says so.
  const granted = token.scope?.split(' ');
  const missing = connection.scope?.split(' ').filter((value) => granted && !granted.includes(value)) ?? [];
  if (missing.length > 0) {
    ports.log.warn('the provider granted less than the scope that is declared', {
      connection: connection.name,
      missing: missing.join(' '),
    });
  }
  if (problem) {
    ports.log.warn('an answer brought a refresh token, and no access token that can be used', {
      connection: connection.name,
      code: problem.code,
    });
  }
}
