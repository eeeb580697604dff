import type { Secret } from '../oauth/secret.ts';
import { AttemptLedger } from './attempt-ledger.ts';
import type { ConnectionState, StateChange } from './connection-state.ts';
import type { RefreshPorts } from './refresh-run.ts';
import { isWaiting } from './rules/health.ts';
import { STEPS } from './rules/timing.ts';
import { withWatch } from './rules/watch.ts';

const LOOK_EVERY_MS = 1_000;

/** A refresh token that a person brings: by signing in, or from another system. */
export interface BroughtRefreshToken {
  readonly refresh_token: Secret;
  /** When it dies, epoch milliseconds, where that is known. */
  readonly expiresAt?: number | undefined;
}

export type StoringPorts = Pick<RefreshPorts, 'clock' | 'random' | 'timing' | 'state' | 'refreshTokens'>;

/** `busy`: a refresh held the lease for all of its time. `unknown`: no such connection is registered. */
export type StoringOutcome = 'stored' | 'busy' | 'unknown';

/**
 * Stores a refresh token under the connection's lease, so that no refresh in flight can overwrite it, and
 * makes the connection due. Waits while a refresh holds the lease; `waiting` is called once then. What an
 * earlier refresh left open is overtaken by this token. A paused connection stays paused.
 * @throws StoreError; nothing has been replaced then, or the new token is current already
 */
export async function storeRefreshToken(
  name: string,
  token: BroughtRefreshToken,
  ports: StoringPorts,
  waiting: () => void = () => undefined,
): Promise<StoringOutcome> {
  const { clock, random, timing, state: table } = ports;
  const owner = random.uuid();
  const giveUpAt = clock.now() + STEPS.leaseMs + LOOK_EVERY_MS;
  let told = false;
  for (;;) {
    const now = clock.now();
    const attempt = random.uuid();
    const request = { owner, now, endsAt: now + STEPS.leaseMs, attempt, force: true, evenPaused: true };
    const answer = await table.lease(name, request);
    if (answer.kind === 'unknown') return 'unknown';
    if (answer.kind === 'acquired') {
      const { state } = answer;
      await replace(state, { owner, ledger: new AttemptLedger(state, attempt, timing) }, token, ports);
      return 'stored';
    }
    if (now >= giveUpAt) return 'busy';
    if (!told) waiting();
    told = true;
    await clock.sleep(LOOK_EVERY_MS);
  }
}

async function replace(
  state: ConnectionState,
  { owner, ledger }: { readonly owner: string; readonly ledger: AttemptLedger },
  { refresh_token, expiresAt }: BroughtRefreshToken,
  { clock, random, state: table, refreshTokens }: StoringPorts,
): Promise<void> {
  const { name } = state;
  const now = clock.now();
  const versionId = random.uuid();
  const obtained_at = Math.floor(now / 1000);
  const stored = {
    refresh_token,
    obtained_at,
    ...(expiresAt !== undefined && { expires_at: Math.floor(expiresAt / 1000) }),
  };
  try {
    // A rescue stays where it is, out of reach of whoever stores: it may be all that lives, should this be refused.
    await refreshTokens.put(name, stored, versionId);
  } catch (error) {
    // Released, so that the next refresh finds what is current; a lease that stays would end by itself. The
    // attempt that came with the lease spent nothing.
    await table.commit(name, owner, ledger.toChange()).catch(() => undefined);
    throw error;
  }
  ledger.replaced(versionId);
  const change: StateChange = {
    ...ledger.toChange(),
    refreshTokenExpiresAt: expiresAt ?? null,
    dueAt: now,
    queuedAt: now,
    // It waited for a person, who has done something: a refresh looks no more whether anything changed.
    ...(isWaiting(state.lastOutcome) && { lastOutcome: 'retry-later' }),
  };
  await table.commit(name, owner, withWatch(state, change));
}
