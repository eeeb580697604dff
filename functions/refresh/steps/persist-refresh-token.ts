import { REFRESH_TOKEN } from '../../oauth/grant-type.ts';
import type { RescuedRefreshToken, StoredRefreshToken, Version } from '../ports/stores.ts';
import type { ExchangedToken, ProvenWrite, RefreshRun } from '../refresh-run.ts';
import { retryUntil } from '../retry-until.ts';
import { refreshTokenExpiresAt } from '../rules/expiry.ts';
import { memberOf } from '../rules/ring.ts';
import { STEPS } from '../rules/timing.ts';
import { refreshEvent } from './announce.ts';

/** An exchange that takes longer leaves time in which somebody may have stored another refresh token. */
const DISPLACED_AFTER_MS = 1_000;

/**
 * Persists the refresh token that an answer brought, before anything else is done with it. An omitted one
 * keeps the old one (RFC 6749 section 6), as does the same one again. One that took the place of a spent
 * token is insisted on; one that came with another grant can be had again, and must not hold up the access
 * token. Never throws.
 */
export async function persistRefreshToken(
  run: RefreshRun,
  exchanged: ExchangedToken,
  proven?: ProvenWrite,
): Promise<void> {
  const { connection, ledger } = run;
  const { sent, grantType, mayReplaceRefreshToken } = exchanged;
  const { token, requestedAt } = exchanged.exchange;
  const usable =
    connection.grants.includes(REFRESH_TOKEN) && !connection.refreshToken.notFromGrants.includes(grantType);
  if (!token.refresh_token || !usable || token.refresh_token.equals(sent?.value.refresh_token)) {
    if (sent) ledger.broughtNothing();
    return;
  }
  // One that came with another grant takes the place of nothing that may still live.
  if (!mayReplaceRefreshToken) return;
  const endsAt = refreshTokenEnd(run, exchanged);
  const stored: StoredRefreshToken = {
    refresh_token: token.refresh_token,
    obtained_at: Math.floor(requestedAt / 1000),
    ...(endsAt !== undefined && { expires_at: Math.floor(endsAt / 1000) }),
    attempt: ledger.attempt,
    ...(sent && { replaces: sent.versionId }),
    ...(proven && proven.members > 1 && { ring: proven.members }),
    ...(sent?.value.unknown && { unknown: sent.value.unknown }),
  };
  await (sent ? storeSuccessor(run, { token: stored, sent, proven }) : storeMinted(run, stored));
}

/** When the refresh token that is stored after this exchange dies, epoch milliseconds. */
export function refreshTokenEnd(
  { connection, lease }: RefreshRun,
  { exchange, grantType, sent }: ExchangedToken,
): number | undefined {
  const storedEnd = sent?.value.expires_at === undefined ? undefined : sent.value.expires_at * 1000;
  const isNamed = sent?.versionId === lease.state.refreshTokenVersionId;
  const knownEnd = isNamed ? lease.state.refreshTokenExpiresAt : undefined;
  return refreshTokenExpiresAt(exchange, connection, grantType, storedEnd ?? knownEnd);
}

interface Successor {
  readonly token: StoredRefreshToken;
  readonly sent: Version<StoredRefreshToken>;
  readonly proven: ProvenWrite | undefined;
}

/**
 * Stores the successor of a spent token, under the attempt's id on every try; near the end of the lease, or
 * when the store refuses for good, as a rescue. The attempt stays open unless the token is in its secret.
 */
async function storeSuccessor(run: RefreshRun, { token, sent, proven }: Successor): Promise<void> {
  const { lease, ports, ledger } = run;
  const { name, signal } = lease;
  const { attempt } = ledger;
  ledger.inHand();
  ledger.versions.wrote(ports.clock.now(), memberOf(attempt));
  const refused = await retryUntil(
    ports,
    { until: lease.endsAt - STEPS.rescueBeforeEndMs, signal },
    async (options) =>
      void (await ports.refreshTokens.put(name, token, attempt, { ...options, turn: proven?.turn })),
  );
  if (refused === undefined) {
    ledger.persisted();
    await reportDisplaced(run, sent, proven);
    return;
  }
  ports.log.error('a refresh token could not be persisted; writing the rescue', {
    connection: name,
    code: refused.code,
  });
  const rescued: RescuedRefreshToken = { token, attempt, replaces: sent.versionId };
  // A store that refused early leaves time; the access token must still be published in it.
  const until = Math.min(
    lease.endsAt - STEPS.abortBeforeEndMs,
    Math.max(ports.clock.now() + STEPS.rescueMs, lease.endsAt - STEPS.publishBeforeEndMs),
  );
  const lost = await retryUntil(ports, { until, signal }, (options) =>
    ports.rescues.put(name, rescued, options),
  );
  if (lost === undefined) {
    ledger.rescued();
    ports.metrics.count('RescuesWritten');
    return;
  }
  ports.log.error('a refresh token could be stored nowhere', { connection: name, code: lost.code });
}

/**
 * A refresh token that a person stored while the exchange was under way lost its place to the successor. It
 * stays as AWSPREVIOUS, for one try when ours is refused; whoever stored it should know. Looked up only where
 * the exchange left time enough for it: an ordinary refresh makes no further call.
 */
async function reportDisplaced(
  run: RefreshRun,
  sent: Version<StoredRefreshToken>,
  proven: ProvenWrite | undefined,
): Promise<void> {
  const { lease, ports, ledger } = run;
  if (proven === undefined || ports.clock.now() - proven.turn.takenAt < DISPLACED_AFTER_MS) return;
  try {
    const options = { signal: lease.signal, known: ledger.attempt };
    const previous = await ports.refreshTokens.read(lease.name, { stage: 'AWSPREVIOUS' }, options);
    const isTheirs = previous?.versionId !== sent.versionId && previous?.value.attempt === undefined;
    if (previous && isTheirs) announceDisplaced(run, previous.versionId);
  } catch (error) {
    const { name } = error as Error;
    ports.log.warn('a displaced refresh token could not be looked for', {
      connection: lease.name,
      error: name,
    });
  }
}

function announceDisplaced({ lease, ports }: RefreshRun, versionId: string): void {
  ports.events.add(refreshEvent('Refresh Token Displaced', lease.state, ports.clock.now()));
  ports.log.warn(
    'a refresh token that somebody stored was displaced by a refresh; it is tried when that of the refresh is refused',
    {
      connection: lease.name,
      versionId,
    },
  );
}

async function storeMinted(run: RefreshRun, token: StoredRefreshToken): Promise<void> {
  const { lease, ports, ledger } = run;
  const now = ports.clock.now();
  const member = memberOf(ledger.attempt);
  if (!ledger.versions.mayWrite(now, member)) return;
  ledger.versions.wrote(now, member);
  const refused = await retryUntil(
    ports,
    { until: now + STEPS.exchangeMs, signal: lease.signal },
    async (options) => void (await ports.refreshTokens.put(lease.name, token, ledger.attempt, options)),
  );
  if (refused === undefined) {
    ledger.minted();
    return;
  }
  ports.log.warn('the refresh token of a new grant could not be stored; the grant can be repeated', {
    connection: lease.name,
    code: refused.code,
  });
}
