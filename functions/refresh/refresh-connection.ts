import { registeredDefinition } from '../connections/parse/registered-definition.ts';
import { presetOf } from '../connections/preset-of.ts';
import { type ResolvedConnection, resolveConnection } from '../connections/resolve-connection.ts';
import { TokenError } from '../oauth/token-error.ts';
import { AttemptLedger } from './attempt-ledger.ts';
import { applyChange, type ConnectionState, type StateChange } from './connection-state.ts';
import { cooldownKeys, originOf } from './cooldowns.ts';
import type { Trigger } from './ports/history.ts';
import { type RefreshResult, resultOf, unknownConnection } from './refresh-result.ts';
import type { ExchangedToken, HeldLease, PublishTarget, RefreshPorts, RefreshRun } from './refresh-run.ts';
import { retryWhile, withDeadline } from './retry-until.ts';
import { classifyFailure, failureContext } from './rules/classify-failure.ts';
import { refusalOfForce } from './rules/force.ts';
import { type Conclusion, stateAfterFailure, stateAfterSuccess } from './rules/next-state.ts';
import { undecidable, unreadableState } from './rules/readable-state.ts';
import { isLastChance, lastChanceAt } from './rules/retry-schedule.ts';
import { STEPS } from './rules/timing.ts';
import { withWatch } from './rules/watch.ts';
import { announce, tellAgain, withNotices } from './steps/announce.ts';
import { claimTokenSecret } from './steps/claim-token-secret.ts';
import { exchangeGrant, readCredentials } from './steps/exchange-grant.ts';
import { GrantChain } from './steps/grant-chain.ts';
import { keepBudget } from './steps/keep-budget.ts';
import { noteDestination } from './steps/note-destination.ts';
import { persistRefreshToken } from './steps/persist-refresh-token.ts';
import { proveWritable } from './steps/prove-writable.ts';
import { publishToken } from './steps/publish-token.ts';
import { pastOutcome, remember, withMemory } from './steps/remember-outcome.ts';
import { lookAgain, stillWaiting } from './steps/wait-for-person.ts';

export interface RefreshRequest {
  readonly name: string;
  /** Obtain a token at or after `requestedAt`, though the connection is not due. */
  readonly force: boolean;
  /** When the request arrived, epoch milliseconds. */
  readonly requestedAt: number;
  /** When the process may be frozen or killed, epoch milliseconds. */
  readonly functionEndsAt: number;
  /** Why it is asked for. Default: somebody asks. */
  readonly trigger?: Trigger | undefined;
  /** Default: under the id of the attempt, as AWSCURRENT. */
  readonly publishTo?: PublishTarget | undefined;
}

/**
 * One refresh, the heart, in eight steps: lease, read, prove, exchange, persist, publish, commit, announce. It
 * never throws for what a provider or a store does; it throws StoreError when the state table cannot even
 * grant the lease.
 */
export async function refreshConnection(
  request: RefreshRequest,
  ports: RefreshPorts,
): Promise<RefreshResult> {
  const { clock, random, namespace, timing } = ports;
  const { name, force, publishTo, trigger = 'request' } = request;
  const now = clock.now();
  const [owner, attempt] = [random.uuid(), random.uuid()];

  // 1. Lease.
  const leaseEndsAt = now + STEPS.leaseMs;
  const wanted = {
    owner,
    now,
    endsAt: leaseEndsAt,
    attempt,
    attemptAt: leaseEndsAt - STEPS.sentBeforeEndMs,
    force,
  };
  const answer = await ports.state.lease(name, wanted);
  if (answer.kind === 'unknown') return unknownConnection(name, namespace);
  const { state } = answer;
  if (answer.kind !== 'acquired') {
    return resultOf(state, answer.kind === 'not-due' ? 'fresh' : answer.kind, now, namespace);
  }

  const endsAt = Math.min(leaseEndsAt, request.functionEndsAt);
  return withDeadline(endsAt - STEPS.abortBeforeEndMs, { clock }, async (signal) => {
    const lease: HeldLease = { name, owner, state, endsAt, signal };
    const ledger = new AttemptLedger(state, attempt, timing);
    let conclusion: Conclusion;
    try {
      const connection = await registeredConnection(state, ports);
      const run: RefreshRun = { lease, connection, ports, ledger, force, publishTo };
      const early = await reasonNotToTry(request, run);
      if (early !== undefined) {
        conclusion = early;
      } else {
        await claimTokenSecret(run);
        // 2. Read: the credentials, and for each grant the refresh token that counts.
        const grants = new GrantChain(run, await readCredentials(run));
        let exchanged: ExchangedToken | undefined;
        while (exchanged === undefined) {
          try {
            const grant = await grants.read();
            await noteDestination(run, grant);
            await keepBudget(run);
            const spend = async () => {
              // 3. Prove that a successor could be stored, and have the turn to do so.
              const proven = await proveWritable(run, grant);
              // 4. Exchange.
              const token = await exchangeGrant(run, grant);
              // 5. Persist the refresh token, before another exchange may spend something.
              await ledger.notes.time('storeMs', clock, () => persistRefreshToken(run, token, proven));
              return token;
            };
            exchanged = await (grant.spends ? ports.spending.run(originOf(connection), spend) : spend());
          } catch (error) {
            await grants.moveOn(error);
          }
        }

        // 6. Publish the token.
        const token = exchanged;
        const published = await ledger.notes.time('storeMs', clock, () => publishToken(run, token));
        const change = stateAfterSuccess(state, published, ledger.toChange(), clock.now(), timing);
        conclusion = { outcome: 'refreshed', change, grants: connection.grants };
      }
    } catch (error) {
      conclusion = conclusionOfFailure(error, lease, ledger, ports);
    }

    // 7. Commit, with the notices that must outlive this process, and what is remembered of it.
    const past = pastOutcome(state, conclusion, { trigger, startedAt: now, now: clock.now(), ledger });
    const noticed = withNotices(state, conclusion, clock.now(), ports);
    const change = withWatch(state, withMemory(state, past, noticed));
    const isCommitted = await commit(lease, change, ports);
    // 8. Announce. When the lease was lost, whoever has it now does.
    const after = applyChange(state, change);
    if (isCommitted) {
      announce(state, after, conclusion, ports);
      remember(after, past, ports);
      await wakeInTime(after, lease, ports);
    }
    const result = resultOf(after, conclusion.outcome, clock.now(), namespace);
    return conclusion.error ? { ...result, error: conclusion.error } : result;
  });
}

/** What lives too short for the tick alone is woken to the second. The tick comes all the same. */
async function wakeInTime(
  after: ConnectionState,
  { name, signal }: HeldLease,
  ports: RefreshPorts,
): Promise<void> {
  if (after.publishedTo !== 'parameter' || after.paused) return;
  try {
    // Notices that are due sooner can wait for the tick.
    await ports.wakeUps.at(name, after.dueAfterTold ?? after.dueAt, { signal });
  } catch (error) {
    ports.log.warn('a wake-up could not be sent; the tick refreshes instead', {
      connection: name,
      error: error instanceof Error ? error.message : 'unknown',
    });
  }
}

/** Why nothing is tried now; `undefined` when it should be. */
async function reasonNotToTry(request: RefreshRequest, run: RefreshRun): Promise<Conclusion | undefined> {
  const { lease, connection, ports, ledger } = run;
  const { state } = lease;
  const now = ports.clock.now();
  const told = request.force ? undefined : tellAgain(state, ledger, now);
  if (told !== undefined) return told;
  if (request.force) {
    const refusal = refusalOfForce(state, request, now, ports.timing);
    if (refusal !== undefined) return { ...refusal, change: ledger.toChange() };
  } else if (await stillWaiting(connection, lease, ports)) {
    return lookAgain(connection, lease, ledger, ports);
  }
  const keys = cooldownKeys(connection);
  const cooledUntil = keys && ports.cooldowns.blockedUntil(keys);
  if (keys === undefined || cooledUntil === undefined) return undefined;
  const isOrigin = ports.cooldowns.originBlockedUntil(keys) !== undefined;
  if (!isOrigin && isLastChance(state, now)) return undefined;
  const dueAt = isOrigin
    ? cooledUntil
    : Math.min(cooledUntil, lastChanceAt(state.expiresAt, now) ?? cooledUntil);
  return { outcome: 'retry-later', change: { ...ledger.toChange(), dueAt } };
}

/** The connection as registered, with its preset. @throws ConnectionError, RefreshFailed when it cannot be used */
async function registeredConnection(
  state: ConnectionState,
  { presets, namespace }: Pick<RefreshPorts, 'presets' | 'namespace'>,
): Promise<ResolvedConnection> {
  const doubtful = undecidable(state);
  if (doubtful.length > 0) throw unreadableState(doubtful);
  const definition = await registeredDefinition(state.definition, { namespace });
  return resolveConnection(state.name, definition, await presetOf(definition, presets));
}

function conclusionOfFailure(
  error: unknown,
  { name, state }: HeldLease,
  ledger: AttemptLedger,
  { clock, random, timing, log }: RefreshPorts,
): Conclusion {
  const now = clock.now();
  const failure = classifyFailure(error, failureContext(state, ledger.grantType, now));
  if (failure.code === 'unexpected_error') log.error(failure.message, { connection: name });
  const change = stateAfterFailure(state, failure, ledger.toChange(), now, random.fraction(), timing);
  return { outcome: failure.outcome, change, status: error instanceof TokenError ? error.status : undefined };
}

/** `false` when the lease was lost. */
async function commit(
  { name, owner, endsAt, signal }: HeldLease,
  change: StateChange,
  ports: RefreshPorts,
): Promise<boolean> {
  let owned = false;
  // Which aborts some seconds before the lease ends.
  const failure = await retryWhile(ports, { until: endsAt, signal }, async (options) => {
    owned = await ports.state.commit(name, owner, change, options);
  });
  if (failure) {
    ports.log.error('a refresh could not be committed', { connection: name, code: failure.code });
  } else if (!owned) {
    ports.log.warn('a refresh outlived its lease', { connection: name });
  }
  return owned;
}
