import pLimit from 'p-limit';
import { nameProblem } from '../connections/connection-name.ts';
import type { DeclaredConnections } from './ports/stores.ts';
import { type RefreshRequest, refreshConnection } from './refresh-connection.ts';
import { type RefreshResult, resultOf, unknownConnection } from './refresh-result.ts';
import type { PublishTarget, RefreshPorts } from './refresh-run.ts';

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
  /** For one connection alone; see RefreshRequest. */
  readonly publishTo?: PublishTarget | undefined;
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
  const { force, functionEndsAt, publishTo } = request;
  // All are awaited before any error is thrown: no caller may return while a refresh is unsettled.
  const settled = await Promise.allSettled(
    [...new Set(request.connections)].map((name) =>
      limit(() => refreshOne({ name, force, requestedAt, functionEndsAt, publishTo }, ports)),
    ),
  );
  return settled.map((one) => {
    if (one.status === 'rejected') throw one.reason;
    return one.value;
  });
}

async function refreshOne(request: RefreshRequest, ports: RefreshNowPorts): Promise<RefreshResult> {
  // What cannot be a name must not reach a key or a path.
  if (nameProblem(request.name) !== undefined) return unknownConnection(request.name, ports.namespace);
  const result = await refreshConnection(request, ports);
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
    if (seen.leaseOwner !== undefined && (seen.leaseEndsAt ?? 0) > now) continue;
    const settled = (seen.obtainedAt ?? 0) >= request.requestedAt || seen.lastOutcome !== 'refreshed';
    if (settled || !request.force) return resultOf(seen, seen.lastOutcome ?? 'retry-later', now, namespace);
    // The holder's token is older than this request: only a refresh of its own answers it.
    const own = await refreshConnection(request, ports);
    if (own.outcome !== 'busy') return own;
  }
  return busy;
}
