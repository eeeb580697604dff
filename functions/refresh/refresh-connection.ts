import { ConnectionError } from '../connections/connection.ts';
import { storedDefinition } from '../connections/parse/parse-connection.ts';
import { type ResolvedConnection, resolveConnection } from '../connections/resolve-connection.ts';
import { AttemptLedger } from './attempt-ledger.ts';
import type { ConnectionState, StateChange } from './connection-state.ts';
import { cooldownKeys } from './cooldowns.ts';
import type { Presets } from './ports/outside.ts';
import { applyChange, type RefreshResult, resultOf, unknownConnection } from './refresh-result.ts';
import type { ExchangedToken, HeldLease, PublishTarget, RefreshPorts, RefreshRun } from './refresh-run.ts';
import { retryUntil, withDeadline } from './retry-until.ts';
import { classifyFailure } from './rules/classify-failure.ts';
import { type Conclusion, stateAfterFailure, stateAfterSuccess } from './rules/next-state.ts';
import { STEPS } from './rules/timing.ts';
import { announce } from './steps/announce.ts';
import { exchangeGrant, readCredentials } from './steps/exchange-grant.ts';
import { GrantChain } from './steps/grant-chain.ts';
import { persistRefreshToken } from './steps/persist-refresh-token.ts';
import { proveWritable } from './steps/prove-writable.ts';
import { publishToken } from './steps/publish-token.ts';
import { openOwnAttempt } from './steps/recover-open-attempt.ts';
import { lookAgain, stillWaiting } from './steps/wait-for-person.ts';

export interface RefreshRequest {
  readonly name: string;
  /** Obtain a token at or after `requestedAt`, though the connection is not due. */
  readonly force: boolean;
  /** When the request arrived, epoch milliseconds. */
  readonly requestedAt: number;
  /** When the process may be frozen or killed, epoch milliseconds. */
  readonly functionEndsAt: number;
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
  const { name, force, publishTo } = request;
  const now = clock.now();
  const [owner, attempt] = [random.uuid(), random.uuid()];

  // 1. Lease.
  const answer = await ports.state.lease(name, { owner, now, endsAt: now + STEPS.leaseMs, attempt, force });
  if (answer.kind === 'unknown') return unknownConnection(name, namespace);
  const { state } = answer;
  if (answer.kind !== 'acquired') {
    return resultOf(state, answer.kind === 'not-due' ? 'fresh' : answer.kind, now, namespace);
  }

  const endsAt = Math.min(now + STEPS.leaseMs, request.functionEndsAt);
  return withDeadline(endsAt - STEPS.abortBeforeEndMs, { clock }, async (signal) => {
    const lease: HeldLease = { name, owner, state, endsAt, signal };
    const ledger = new AttemptLedger(state, attempt, timing);
    let conclusion: Conclusion;
    try {
      const connection = await registeredConnection(state, ports.presets);
      const run: RefreshRun = { lease, connection, ports, ledger, publishTo };
      const early = await reasonNotToTry(request, run);
      if (early !== undefined) {
        conclusion = early;
      } else {
        await openOwnAttempt(run);

        // 2. Read: the credentials, and for each grant the refresh token that counts.
        const grants = new GrantChain(run, await readCredentials(run, { fresh: state.failures > 0 }));
        let exchanged: ExchangedToken | undefined;
        while (exchanged === undefined) {
          try {
            const grant = await grants.read();
            const spend = async () => {
              // 3. Prove that a successor could be stored.
              await proveWritable(run, grant);
              // 4. Exchange.
              const token = await exchangeGrant(run, grant);
              // 5. Persist the refresh token, before another exchange may spend something.
              await persistRefreshToken(run, token);
              return token;
            };
            exchanged = await (grant.spends ? ports.limitSpending(spend) : spend());
          } catch (error) {
            await grants.moveOn(error);
          }
        }

        // 6. Publish the token.
        const published = await publishToken(run, exchanged);
        const change = stateAfterSuccess(state, published, ledger.toChange(), clock.now(), timing);
        conclusion = { outcome: 'refreshed', change, grants: connection.grants };
      }
    } catch (error) {
      conclusion = conclusionOfFailure(error, lease, ledger, ports);
    }

    // 7. Commit.
    const after = applyChange(state, conclusion.change);
    const isCommitted = await commit(lease, conclusion.change, ports);
    // 8. Announce. When the lease was lost, whoever has it now does.
    if (isCommitted) announce(state, after, conclusion, ports);
    return resultOf(after, conclusion.outcome, clock.now(), namespace);
  });
}

/** Why nothing is tried now; `undefined` when it should be. */
async function reasonNotToTry(request: RefreshRequest, run: RefreshRun): Promise<Conclusion | undefined> {
  const { lease, connection, ports, ledger } = run;
  if (request.force) {
    if (isNewEnough(lease.state, request, ports)) return { outcome: 'fresh', change: ledger.toChange() };
  } else if (await stillWaiting(connection, lease, ports)) {
    return lookAgain(lease.state, ledger, ports);
  }
  const keys = cooldownKeys(connection);
  const cooledUntil = keys && ports.cooldowns.blockedUntil(keys);
  if (cooledUntil === undefined) return undefined;
  return { outcome: 'retry-later', change: { ...ledger.toChange(), dueAt: cooledUntil } };
}

/** A forced refresh meets a token that was obtained after the request, or too short a time ago. */
function isNewEnough(
  { obtainedAt }: ConnectionState,
  { requestedAt }: RefreshRequest,
  { clock, timing }: RefreshPorts,
): boolean {
  return (
    obtainedAt !== undefined && (obtainedAt >= requestedAt || clock.now() - obtainedAt < timing.forceGapMs)
  );
}

/** The connection as registered, with its preset. @throws ConnectionError when it cannot be used */
async function registeredConnection(state: ConnectionState, presets: Presets): Promise<ResolvedConnection> {
  const definition = storedDefinition(state.definition);
  const { provider } = definition;
  if (provider === undefined) return resolveConnection(state.name, definition);
  const preset = await presets(provider);
  if (!preset) throw new ConnectionError(`there is no provider preset "${provider}" in this version`);
  return resolveConnection(state.name, definition, preset);
}

function conclusionOfFailure(
  error: unknown,
  { name, state }: HeldLease,
  ledger: AttemptLedger,
  { clock, random, timing, log }: RefreshPorts,
): Conclusion {
  const failure = classifyFailure(error, ledger.grantType, state.failures);
  if (failure.code === 'unexpected_error') log.error(failure.message, { connection: name });
  const change = stateAfterFailure(state, failure, ledger.toChange(), clock.now(), random.fraction(), timing);
  return { outcome: failure.outcome, change };
}

/** `false` when the lease was lost. */
async function commit(
  { name, owner, endsAt, signal }: HeldLease,
  change: StateChange,
  ports: RefreshPorts,
): Promise<boolean> {
  let owned = false;
  const failure = await retryUntil(ports, { until: endsAt, signal }, async (options) => {
    owned = await ports.state.commit(name, owner, change, options);
  });
  if (failure) {
    ports.log.error('a refresh could not be committed', { connection: name, code: failure.code });
  } else if (!owned) {
    ports.log.warn('a refresh outlived its lease', { connection: name });
  }
  return owned;
}
