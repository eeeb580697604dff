import pLimit from 'p-limit';
import { nameProblem } from '../connections/connection-name.ts';
import type { Trigger } from './ports/history.ts';
import type { DeclaredConnections } from './ports/stores.ts';
import { type RefreshRequest, refreshConnection } from './refresh-connection.ts';
import { type RefreshResult, resultOf, unknownConnection } from './refresh-result.ts';
import type { PublishTarget, RefreshPorts } from './refresh-run.ts';
import type { RequestGate, RequestOrigin } from './request-gate.ts';
import { FORCED_TOO_OFTEN } from './rules/force.ts';

const AT_ONCE = 8;
/** How long a caller that meets a lease waits for its holder. */
const WAIT_MS = 20_000;
const LOOK_EVERY_MS = 250;

export interface RefreshNowPorts extends RefreshPorts {
  readonly declared: Pick<DeclaredConnections, 'get'>;
}

/** What is asked for: these connections, now. */
export interface RefreshNowRequest {
  readonly connections: readonly string[];
  /** Obtain new tokens though the connections are not due. */
  readonly force: boolean;
  /** When the function may be killed, epoch milliseconds. */
  readonly functionEndsAt: number;
  /** Why it is asked for. Default: somebody asks. */
  readonly trigger?: Trigger | undefined;
  /** For one connection alone; see RefreshRequest. */
  readonly publishTo?: PublishTarget | undefined;
  /**
   * An event asks, and nobody has the answer: it makes nobody look for what is not registered, nor wait for
   * another refresh, unless it insists on a new token. Default false.
   */
  readonly byEvent?: boolean;
}

/**
 * Refreshes connections on demand, registering those that are declared and not yet known. A caller that
 * meets another refresh of the same connection waits for it and gets its result.
 * @throws StoreError when the state table cannot be reached
 */
export async function refreshNow(
  request: RefreshNowRequest,
  ports: RefreshNowPorts,
): Promise<RefreshResult[]> {
  const requestedAt = ports.clock.now();
  const limit = pLimit(AT_ONCE);
  const { functionEndsAt, publishTo, force, trigger, byEvent = false } = request;
  // All are awaited before any error is thrown: no caller may return while a refresh is unsettled.
  const settled = await Promise.allSettled(
    [...new Set(request.connections)].map((name) =>
      limit(() =>
        refreshOne({ name, force, requestedAt, functionEndsAt, trigger, publishTo }, byEvent, ports),
      ),
    ),
  );
  return settled.map((one) => {
    if (one.status === 'rejected') throw one.reason;
    return one.value;
  });
}

/**
 * Refreshes what an event asks for, as far as the budget of all events goes. What is refused of it is told of.
 * @throws StoreError when the state table cannot be reached
 */
export async function refreshRequested(
  { origin, ...request }: Omit<RefreshNowRequest, 'byEvent'> & { readonly origin: RequestOrigin },
  ports: RefreshNowPorts & { readonly requests: RequestGate },
): Promise<RefreshResult[]> {
  const { requests } = ports;
  if (!(await requests.admit(request.connections.length, ports))) {
    await requests.refuse('too-many-requests', origin, ports);
    return [];
  }
  const results = await refreshNow({ ...request, byEvent: true }, ports);
  if (results.some(({ outcome }) => outcome === 'unknown-connection')) {
    await requests.refuse('unknown-connection', origin, ports);
  }
  if (results.some(({ error }) => error?.code === FORCED_TOO_OFTEN)) {
    await requests.refuse('forced-too-often', origin, ports);
  }
  return results;
}

async function refreshOne(
  request: RefreshRequest,
  byEvent: boolean,
  ports: RefreshNowPorts,
): Promise<RefreshResult> {
  // What cannot be a name must not reach a key or a path.
  if (nameProblem(request.name) !== undefined) return unknownConnection(request.name, ports.namespace);
  const result = await refreshConnection(request, ports);
  if (byEvent && !(request.force && result.outcome === 'busy')) return result;
  if (result.outcome === 'unknown-connection') {
    return (await registerDeclared(request.name, ports)) ? refreshConnection(request, ports) : result;
  }
  return result.outcome === 'busy' ? waitForHolder(request, result, ports) : result;
}

/**
 * Registers a connection from its declaration, due now; `false` when it is not declared.
 * @throws StoreError, `malformed` for a declaration that cannot be read
 */
export async function registerDeclared(
  name: string,
  { declared, state, clock }: Pick<RefreshNowPorts, 'declared' | 'state' | 'clock'>,
): Promise<boolean> {
  const definition = await declared.get(name);
  if (definition) await state.register(name, definition, clock.now());
  return definition !== undefined;
}

/** The holder's result once it has settled; `busy` when it takes longer than a caller should wait. */
async function waitForHolder(
  request: RefreshRequest,
  busy: RefreshResult,
  ports: RefreshNowPorts,
): Promise<RefreshResult> {
  const { clock, state, namespace } = ports;
  const until = clock.now() + WAIT_MS;
  while (clock.now() < until) {
    await clock.sleep(LOOK_EVERY_MS);
    const seen = await state.get(request.name);
    if (!seen) return busy;
    const now = clock.now();
    if ((seen.leaseEndsAt ?? 0) > now) continue;
    const settled = (seen.obtainedAt ?? 0) >= request.requestedAt || seen.lastOutcome !== 'refreshed';
    if (settled || !request.force) return resultOf(seen, seen.lastOutcome ?? 'retry-later', now, namespace);
    // The holder's token is older than this request: only a refresh of its own answers it.
    const own = await refreshConnection(request, ports);
    if (own.outcome !== 'busy') return own;
  }
  return busy;
}
