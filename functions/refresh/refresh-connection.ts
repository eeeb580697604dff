import {
  ConnectionError,
  type ResolvedConnection,
  resolveConnection,
} from '../connections/resolve-connection.ts';
import { storedDefinition } from '../connections/stored-definition.ts';
import { REFRESH_TOKEN } from '../oauth/grant-type.ts';
import type { ConnectionState, StateChange } from './connection-state.ts';
import { cooldownKeys } from './cooldowns.ts';
import { withDeadline } from './deadline.ts';
import { judge, RefreshFailed } from './failure.ts';
import { obtainToken } from './grant-chain.ts';
import { insist } from './insist.ts';
import { keepRefreshToken } from './keep-refresh-token.ts';
import type { LeaseHold } from './lease-hold.ts';
import type { Obtained } from './obtained.ts';
import { settleOpenAttempt } from './open-attempt.ts';
import type { Outcome } from './outcome.ts';
import type { Publication } from './publication.ts';
import { publishToken } from './publish-token.ts';
import { refreshEvent, refreshEvents } from './refresh-events.ts';
import { nextLookAt, remindsBetween } from './refresh-policy.ts';
import { applyChange, type RefreshResult, resultOf, unknownConnection } from './refresh-result.ts';
import type { Learned, RefreshPorts, RefreshRun } from './refresh-run.ts';
import { settleFailure, settleSuccess } from './settlement.ts';
import { stillWaiting } from './still-waiting.ts';
import { STEPS } from './timing.ts';

export interface RefreshRequest {
  readonly name: string;
  /** Obtain a token at or after `requestedAt`, though the connection is not due. */
  readonly force: boolean;
  /** When the request arrived, epoch milliseconds. */
  readonly requestedAt: number;
  /** When the process may be frozen or killed, epoch milliseconds. */
  readonly functionEndsAt: number;
  /** Default: under the id of the attempt, as AWSCURRENT. */
  readonly publishAs?: Publication | undefined;
}

/** What became of a refresh under its lease: a change to commit, and how to call it. */
interface Settlement {
  readonly outcome: Outcome;
  readonly change: StateChange;
  /** The chain of grants; empty where the connection could not be resolved. */
  readonly grants?: readonly string[];
}

/**
 * One refresh, the heart: lease → read → prove the way back → exchange → persist the refresh token →
 * publish the token → commit → tell. It never throws for what a provider or a store does; it throws
 * StoreError when the state table cannot even grant the lease.
 */
export async function refreshConnection(
  request: RefreshRequest,
  ports: RefreshPorts,
): Promise<RefreshResult> {
  const { clock, random, state: table, namespace } = ports;
  const owner = random.uuid();
  const attempt = random.uuid();
  const now = clock.now();
  const endsAt = now + STEPS.leaseMs;
  const answer = await table.lease(request.name, { owner, now, endsAt, attempt, force: request.force });
  if (answer.kind === 'unknown') return unknownConnection(request.name, namespace);
  const { state } = answer;
  if (answer.kind !== 'acquired') {
    const outcome = answer.kind === 'not-due' ? 'fresh' : answer.kind;
    return resultOf(state, outcome, now, namespace);
  }
  const worksUntil = Math.min(endsAt, request.functionEndsAt);
  return withDeadline(worksUntil - STEPS.abortBeforeEndMs, { clock }, async (signal) => {
    const hold: LeaseHold = { name: request.name, owner, state, endsAt: worksUntil, signal };
    const settlement = await underLease(request, hold, attempt, ports);
    const after = applyChange(state, settlement.change);
    if (await commit(hold, settlement.change, ports)) tell(state, after, settlement, ports);
    return resultOf(after, settlement.outcome, clock.now(), namespace);
  });
}

async function underLease(
  request: RefreshRequest,
  hold: LeaseHold,
  attempt: string,
  ports: RefreshPorts,
): Promise<Settlement> {
  const { clock, random, timing } = ports;
  const { state } = hold;
  // An attempt that an earlier refresh left open stays open until it is settled.
  const unused = state.attempt === attempt ? { attempt: null, attemptAt: null } : {};
  if (request.force && isNewEnough(state, request, ports)) return { outcome: 'fresh', change: unused };
  const learned: Learned = { attempt, attemptOpen: state.attempt !== attempt };
  try {
    const connection = await resolve(state, ports);
    if (!request.force && (await stillWaiting(connection, hold, ports)))
      return lookAgain(state, unused, ports);
    const keys = cooldownKeys(connection);
    const cooledUntil = keys && ports.cooldowns.blockedUntil(keys);
    if (cooledUntil !== undefined)
      return { outcome: 'retry-later', change: { ...unused, dueAt: cooledUntil } };
    const run: RefreshRun = { hold, connection, ports, learned, publishAs: request.publishAs };
    await openOwnAttempt(run);
    return await refresh(run);
  } catch (error) {
    const failure = judge(error, learned.grantType, state.failures);
    if (failure.code === 'unexpected_error') ports.log.error(failure.message, { connection: hold.name });
    const change = settleFailure(state, failure, learned, clock.now(), random.fraction(), timing);
    return { outcome: failure.outcome, change };
  }
}

/** A connection that still waits for the same person: the next look moves, and a reminder may be due. */
function lookAgain(state: ConnectionState, unused: StateChange, ports: RefreshPorts): Settlement {
  const { clock, events, timing } = ports;
  const now = clock.now();
  const since = state.lastErrorAt ?? now;
  const dueAt = nextLookAt(since, now, timing);
  if (remindsBetween(since, state.dueAt, dueAt, timing)) {
    events.add(refreshEvent('Connection Needs Attention', state, now));
  }
  return { outcome: state.lastOutcome ?? 'retry-later', change: { ...unused, dueAt } };
}

/** Steps 2 to 6: from the credentials to the published token. */
async function refresh(run: RefreshRun): Promise<Settlement> {
  const { hold, ports, connection, learned } = run;
  let rescued = false;
  const obtained = await obtainToken(run, async (answer) => {
    rescued = (await keepRefreshToken(run, answer)) === 'rescued';
  });
  await run.publishAs?.verify?.(obtained.exchange.token.access_token, hold);
  const published = await publishToken(run, obtained);
  reportNarrowing(run, obtained);
  const change = settleSuccess(
    hold.state,
    { ...published, marginSeconds: connection.marginSeconds, rescued },
    learned,
    ports.clock.now(),
    ports.timing,
  );
  return { outcome: 'refreshed', change, grants: connection.grants };
}

async function resolve(state: ConnectionState, ports: RefreshPorts): Promise<ResolvedConnection> {
  const definition = storedDefinition(state.definition);
  const { provider } = definition;
  if (provider === undefined) return resolveConnection(state.name, definition);
  const preset = await ports.presets(provider);
  if (!preset) throw new ConnectionError(`there is no provider preset "${provider}" in this version`);
  return resolveConnection(state.name, definition, preset);
}

/** A forced refresh meets a token that was obtained after the request, or too short a time ago. */
function isNewEnough(
  state: ConnectionState,
  { requestedAt }: RefreshRequest,
  { clock, timing }: RefreshPorts,
): boolean {
  const { obtainedAt } = state;
  return (
    obtainedAt !== undefined && (obtainedAt >= requestedAt || clock.now() - obtainedAt < timing.forceGapMs)
  );
}

/** Silence means as requested (RFC 6749 section 5.1); a provider that grants less says so. */
function reportNarrowing({ connection, ports }: RefreshRun, { exchange }: Obtained): void {
  const granted = exchange.token.scope?.split(' ');
  const missing = connection.scope?.split(' ').filter((value) => granted && !granted.includes(value)) ?? [];
  if (missing.length === 0) return;
  ports.log.warn('the provider granted less than the scope that is declared', {
    connection: connection.name,
    missing: missing.join(' '),
  });
}

/** Settles what an earlier refresh left open, then opens an attempt of this refresh's own. */
async function openOwnAttempt(run: RefreshRun): Promise<void> {
  const { hold, ports, learned, connection } = run;
  const { attempt: open, attemptAt } = hold.state;
  if (open === undefined || open === learned.attempt || !connection.grants.includes(REFRESH_TOKEN)) return;
  learned.attemptOpen = true;
  await settleOpenAttempt(run, open, attemptAt ?? 0);
  const own = ports.random.uuid();
  const { refreshTokenVersionId } = learned;
  const opening = { attempt: own, now: ports.clock.now(), refreshTokenVersionId };
  if (!(await ports.state.openAttempt(hold.name, hold.owner, opening, hold))) {
    throw new RefreshFailed({
      outcome: 'retry-later',
      source: 'store',
      code: 'lease_lost',
      message: 'the lease was lost before anything was sent',
    });
  }
  learned.attempt = own;
  learned.attemptOpen = false;
}

/** Step 7. `false` when the lease was lost: whoever has it now tells the state. */
async function commit(hold: LeaseHold, change: StateChange, ports: RefreshPorts): Promise<boolean> {
  const { log } = ports;
  let owned = false;
  const failure = await insist(ports, { until: hold.endsAt, signal: hold.signal }, async (options) => {
    owned = await ports.state.commit(hold.name, hold.owner, change, options);
  });
  if (failure) log.error('a refresh could not be committed', { connection: hold.name, code: failure.code });
  else if (!owned) log.warn('a refresh outlived its lease', { connection: hold.name });
  return owned;
}

/** Step 8. What was only looked at, and not tried, is not told. */
function tell(
  before: ConnectionState,
  after: ConnectionState,
  { change, grants = [] }: Settlement,
  ports: RefreshPorts,
): void {
  if (change.lastOutcome === undefined) return;
  const { events, metrics, log, clock } = ports;
  for (const event of refreshEvents(before, after, grants, clock.now())) events.add(event);
  if (after.lastOutcome === 'refreshed') {
    metrics.count('TokensRefreshed');
    log.info('token refreshed', { connection: after.name, expiresAt: after.expiresAt, dueAt: after.dueAt });
  } else {
    metrics.count('RefreshesFailed');
    log.warn('refresh failed', {
      connection: after.name,
      outcome: after.lastOutcome,
      code: after.lastErrorCode,
      reason: after.lastErrorMessage,
      dueAt: after.dueAt,
    });
  }
}
