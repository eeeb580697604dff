import { Secret } from '../../functions/oauth/secret.ts';
import type { ConnectionState } from '../../functions/refresh/connection-state.ts';
import type { Clock } from '../../functions/refresh/ports/outside.ts';
import { refreshConnection } from '../../functions/refresh/refresh-connection.ts';
import type { RefreshPorts } from '../../functions/refresh/refresh-run.ts';
import { storeRefreshToken } from '../../functions/refresh/store-refresh-token.ts';
import { RefreshWorld, ROTATING } from './refresh-world.ts';
import { type Actor, type Choose, runSchedule, type SentExchange, type Step } from './schedule.ts';

export const CONNECTION = 'crm';
const MINUTE_MS = 60_000;
const FUNCTION_MS = 300_000;
/** As far as the clocks of the processes may be apart. */
export const CLOCKS_APART_MS = 30_000;

/** Who acts on the connection. */
export const ACTORS = ['tick', 'forced', 'authorize', 'edit', 'restore', 'forget', 'regrant'] as const;
export type ActorKind = (typeof ACTORS)[number];

export interface Scenario {
  readonly actors: readonly ActorKind[];
  /** How long each actor waits before it acts, in milliseconds. Default 0 for all. */
  readonly startAfterMs?: readonly number[];
  readonly faults: number;
  readonly preemptions?: number;
  /** Whether the refresh token goes round in three secrets. Default: it has one. */
  readonly ring?: boolean;
  /** How far the clocks of two processes may be apart, in milliseconds. Default 0. */
  readonly skewMs?: number;
  readonly choose: Choose;
}

/** What a schedule left behind, after faults stopped and ticks had time to mend it. */
export interface Aftermath {
  readonly world: RefreshWorld;
  readonly steps: readonly Step[];
  readonly exchanges: readonly SentExchange[];
  /** Refresh tokens that a person brought, and how. */
  readonly brought: readonly { readonly by: ActorKind; readonly refreshToken: string }[];
  /** When the state was put back or made anew: what it knew of answers before is forgotten. Epoch milliseconds. */
  readonly restoredAt: readonly number[];
  /** Minutes until the connection was healthy or asked for a person; `undefined` when it never was. */
  readonly minutes: number | undefined;
}

/** How long a connection may need once faults have stopped: two ticks and a cooldown of under a minute. */
export const MOST_MINUTES = 3;

/** One connection with a refresh behind it and due now; the actors act; then ticks alone mend what is left. */
export async function runScenario(scenario: Scenario): Promise<Aftermath> {
  const { actors, startAfterMs = [], faults, preemptions, skewMs = 0, choose, ring = false } = scenario;
  const beginning = await beginningOf(ring);
  const world = new RefreshWorld(beginning.world);
  const { history } = beginning;
  const exchanges: SentExchange[] = [];
  const authored = new Map<string, ActorKind>();
  const restoredAt: number[] = [];
  const steps = await runSchedule(
    world,
    actors.map((kind, index) =>
      actorOf(kind, { name: `${kind}-${index}`, afterMs: startAfterMs[index] ?? 0 }, world, {
        authored,
        history,
        restoredAt,
      }),
    ),
    {
      choose,
      faults,
      skewMs,
      onExchange: (exchange) => exchanges.push(exchange),
      ...(preemptions !== undefined && { preemptions }),
    },
  );
  const minutes = await mend(world, exchanges);
  return { world, steps, exchanges, brought: broughtOf(world, authored), restoredAt, minutes };
}

/** What a scenario begins with. */
interface Beginning {
  readonly world: RefreshWorld;
  /** The connection's state after each refresh. */
  readonly history: readonly ConnectionState[];
}

/** Made once: what comes before the first choice is always the same. */
const beginnings = new Map<boolean, Promise<Beginning>>();

function beginningOf(ring: boolean): Promise<Beginning> {
  const beginning = beginnings.get(ring) ?? begin(ring);
  beginnings.set(ring, beginning);
  return beginning;
}

async function begin(ring: boolean): Promise<Beginning> {
  const world = new RefreshWorld();
  await world.connect(CONNECTION, ring ? { publishTo: 'parameter' } : {});
  world.storeRefreshToken(CONNECTION);
  if (ring) await growRing(world);
  const history: ConnectionState[] = [];
  for (let refreshes = 0; refreshes < 3; refreshes += 1) {
    if (refreshes > 0) world.clock.advance(MINUTE_MS);
    await world.refresh(CONNECTION, { force: true });
    history.push(world.state.items.get(CONNECTION) as ConnectionState);
  }
  const dueAt = world.state.items.get(CONNECTION)?.dueAt ?? 0;
  world.clock.advance(Math.max(MINUTE_MS, dueAt - world.clock.now()));
  return { world, history };
}

/** Of this many secrets: enough for a successor to go on, come back, and pass one by. */
const MEMBERS = 3;

/** Refreshes as if each secret were full until there are enough; from then on they take their turns. */
async function growRing(world: RefreshWorld): Promise<void> {
  const hour = Math.floor(world.clock.now() / (60 * MINUTE_MS));
  const written = (member: number) => ({ [member]: { [hour]: 80 } });
  for (let members = 1; members <= MEMBERS; members += 1) {
    const { 0: writesByHour = {}, ...ringWritesByHour } = Object.assign(
      {},
      ...Array.from({ length: members < MEMBERS ? members : 0 }, (_, member) => written(member)),
    ) as Record<string, Record<string, number>>;
    const state = world.state.items.get(CONNECTION) as ConnectionState;
    world.state.items.set(CONNECTION, { ...state, writesByHour, ringWritesByHour });
    await world.refresh(CONNECTION, { force: true });
    world.clock.advance(MINUTE_MS);
  }
}

/** What the actors leave behind, and what there was before. */
interface Past {
  readonly authored: Map<string, ActorKind>;
  readonly history: readonly ConnectionState[];
  readonly restoredAt: number[];
}

function actorOf(
  kind: ActorKind,
  { name, afterMs }: { readonly name: string; readonly afterMs: number },
  world: RefreshWorld,
  { authored, history, restoredAt }: Past,
): Actor {
  return {
    name,
    act: async (process) => {
      const ports = world.ports(process);
      if (afterMs > 0) await process.clock.sleep(afterMs);
      if (kind === 'restore' || kind === 'forget') {
        if (await restore(kind, history, world, process.clock)) restoredAt.push(world.clock.now());
        return;
      }
      if (kind === 'regrant') return regrant(world, process.clock);
      const requestedAt = world.clock.now();
      if (kind === 'tick' || kind === 'forced') {
        const request = { name: CONNECTION, requestedAt, functionEndsAt: requestedAt + FUNCTION_MS };
        return refreshConnection({ ...request, force: kind === 'forced' }, ports).catch(tolerate);
      }
      const refreshToken = world.provider.authorize();
      authored.set(refreshToken, kind);
      if (kind === 'authorize') {
        const token = { refresh_token: new Secret(refreshToken) };
        return storeRefreshToken(CONNECTION, token, ports).catch(tolerate);
      }
      const call = { port: 'refreshTokens', method: 'put', connection: CONNECTION } as const;
      const edit = async () => void world.storeRefreshToken(CONNECTION, refreshToken);
      return process.intercept(call, edit).catch(tolerate);
    },
  };
}

/** What nobody is at work on is put back to an earlier hour, or made anew. */
async function restore(
  kind: 'restore' | 'forget',
  history: readonly ConnectionState[],
  world: RefreshWorld,
  clock: Clock,
): Promise<boolean> {
  const isAtRest = () => {
    const item = world.state.items.get(CONNECTION);
    const isHeld =
      item?.leaseOwner !== undefined && (item.leaseEndsAt ?? 0) + CLOCKS_APART_MS > world.clock.now();
    return !isHeld && item?.attempt === undefined;
  };
  for (let tries = 0; tries < 60 && !isAtRest(); tries += 1) await clock.sleep(10_000);
  if (!isAtRest()) return false;
  const earlier = history[Math.floor(world.random.fraction() * history.length)];
  const { definition } = world.state.items.get(CONNECTION) as ConnectionState;
  if (kind === 'restore' && earlier) {
    world.state.items.set(CONNECTION, { ...earlier, definition });
    return true;
  }
  world.state.items.delete(CONNECTION);
  await world.state.register(CONNECTION, definition, world.clock.now());
  return true;
}

/** Its grants are edited, and back. */
async function regrant(world: RefreshWorld, clock: Clock): Promise<void> {
  const definition = (grants: string[]) => ({ ...ROTATING, grants });
  await world.state.register(CONNECTION, definition(['client_credentials']), world.clock.now());
  await clock.sleep(90_000);
  await world.state.register(CONNECTION, definition(['refresh_token']), world.clock.now());
}

/** In the order in which they came to be stored, whether their authors were told so or not. */
function broughtOf(world: RefreshWorld, authored: ReadonlyMap<string, ActorKind>) {
  return world.refreshTokenVersions(CONNECTION).flatMap(({ content }) => {
    const refreshToken = (JSON.parse(content) as { refresh_token: string }).refresh_token;
    const by = authored.get(refreshToken);
    return by ? [{ by, refreshToken }] : [];
  });
}

/** A store's failure is told to who asked; anything else is a bug of ours. */
function tolerate(error: unknown): void {
  if (!(error instanceof Error) || error.name !== 'StoreError') throw error;
}

/** Ticks every minute, nothing failing any more, until the connection has come to rest. */
async function mend(world: RefreshWorld, exchanges: SentExchange[]): Promise<number | undefined> {
  const ports = world.ports({
    intercept: async (call, effect) => {
      const index = world.provider.exchanges.length;
      if (call.method === 'exchange') {
        exchanges.push({ index, process: 'mending', answered: true, mayHaveSpent: false, hadEffect: true });
      }
      return effect();
    },
  });
  const giveUpAt = world.clock.now() + 12 * 60 * MINUTE_MS;
  let minutes = 0;
  while (minutes <= MOST_MINUTES) {
    const now = world.clock.now();
    const request = { name: CONNECTION, force: false, requestedAt: now, functionEndsAt: now + FUNCTION_MS };
    await world.clock.run(() => refreshConnection(request, ports));
    const item = world.state.items.get(CONNECTION);
    const isSettled =
      item?.attempt === undefined && item?.leaseOwner === undefined && world.rescues.size === 0;
    const isAlive = world.provider.isAlive(world.storedRefreshToken(CONNECTION) ?? '');
    if (isSettled && item?.lastOutcome === 'refreshed' && isAlive) return minutes;
    // Nothing is sent while a person is waited for: what is open then may stay open.
    if (item?.lastOutcome === 'needs-reauthorization' && item.leaseOwner === undefined) {
      await waitForNotice(world, ports);
      return minutes;
    }
    // A token that is good for now leaves what is unsettled to its next refresh.
    const isGood = item?.lastOutcome === 'refreshed' && item.dueAt > now;
    // What may still take effect is waited for, however long that is; `refresh-invariants` judges the sends.
    const isOpen = item?.attempt !== undefined && item.lastErrorKind === 'unanswered' && item.dueAt > now;
    await world.clock.run(() => world.clock.sleep(isGood || isOpen ? item.dueAt - now : MINUTE_MS));
    if (!isGood && !isOpen) minutes += 1;
    if (world.clock.now() > giveUpAt) return undefined;
  }
  return undefined;
}

/** The notice may have been lost with a process that was killed; the next ticks tell. */
async function waitForNotice(world: RefreshWorld, ports: RefreshPorts): Promise<void> {
  const isTold = () => world.events.some(({ detailType }) => detailType === 'Connection Needs Attention');
  for (let minute = 0; minute < 2 && !isTold(); minute += 1) {
    await world.clock.run(() => world.clock.sleep(MINUTE_MS));
    const now = world.clock.now();
    const request = { name: CONNECTION, force: false, requestedAt: now, functionEndsAt: now + FUNCTION_MS };
    await world.clock.run(() => refreshConnection(request, ports));
  }
}
