import type { ConnectionState, StateChange } from './connection-state.ts';
import { cooldownKeys } from './cooldowns.ts';
import { withDeadline } from './deadline.ts';
import { judge } from './failure.ts';
import { obtainToken } from './grant-chain.ts';
import { insist } from './insist.ts';
import { keepRefreshToken } from './keep-refresh-token.ts';
import type { LeaseHold } from './lease-hold.ts';
import { reportNarrowing } from './narrowed-scope.ts';
import { openOwnAttempt } from './open-attempt.ts';
import type { Publication } from './publication.ts';
import { publishToken } from './publish-token.ts';
import { applyChange, type RefreshResult, resultOf, unknownConnection } from './refresh-result.ts';
import type { Learned, RefreshPorts, RefreshRun } from './refresh-run.ts';
import { registeredConnection } from './registered-connection.ts';
import { type Settlement, settleFailure, settleSuccess } from './settlement.ts';
import { lookAgain, stillWaiting } from './still-waiting.ts';
import { tell } from './tell.ts';
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
    const connection = await registeredConnection(state, ports.presets);
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
