import type { Connection } from '../functions/connections/connection.ts';
import type { Benchmark, Figure } from './benchmark.ts';
import { FleetWorld, type FleetWorldProps } from './simulation/fleet-world.ts';

const MINUTE_MS = 60_000;
const GRANTS = { 'client credentials': 'client_credentials', rotating: 'refresh_token' } as const;
type Kind = keyof typeof GRANTS;
const WRITES: Readonly<Record<Kind, number>> = { 'client credentials': 1, rotating: 3 };

interface Backlog extends Omit<FleetWorldProps, 'onPublished'> {
  readonly kind: Kind;
  readonly connections: number;
  readonly lifetimeSeconds: number;
  readonly origins: number;
}

/** What became of connections that were all due within one minute. */
export interface Drained {
  /** Writes a second from the first tick to the last of them, as a share of the configured pace. */
  readonly share: number;
  readonly seconds: number;
  readonly throttledByPace: number;
  readonly throttledByOthers: number;
  readonly mostInASecond: number;
  /** Tokens that had expired before another could be read. */
  readonly expired: number;
  readonly lateSeconds: readonly number[];
  readonly ticks: number;
  readonly world: FleetWorld;
}

/** Lets so many connections become due in the first minute, and ticks until all are fresh. */
export async function drain({
  kind,
  connections,
  lifetimeSeconds,
  origins,
  ...props
}: Backlog): Promise<Drained> {
  const expiry = new Map<string, number>();
  const dueAt = new Map<string, number>();
  const lateSeconds: number[] = [];
  let expired = 0;
  let lastAt = 0;
  const world = new FleetWorld({
    ...props,
    onPublished: (name, now) => {
      lastAt = now;
      lateSeconds.push((now - (dueAt.get(name) ?? now)) / 1000);
      if ((expiry.get(name) ?? now) < now) expired += 1;
      expiry.delete(name);
    },
  });
  const { clock } = world;
  const startedAt = clock.now();
  world.provider.lifetimeSeconds = () => lifetimeSeconds;
  world.provider.mintsRefreshTokens = false;
  for (let index = 0; index < connections; index += 1) {
    const name = `c${index}`;
    const definition: Connection = {
      tokenUrl: `https://idp-${index % origins}.example.com/token`,
      credentials: 'client',
      grants: [GRANTS[kind]],
    };
    const due = startedAt + Math.floor(world.random.fraction() * MINUTE_MS);
    dueAt.set(name, due);
    expiry.set(name, world.keepFresh(name, definition, { dueAt: due, lifetimeSeconds }));
  }
  await clock.run(async () => {
    const ticks: Promise<void>[] = [];
    for (let minute = 1; expiry.size > 0; minute += 1) {
      const at = startedAt + minute * MINUTE_MS;
      await clock.sleep(at - clock.now());
      if (expiry.size > 0) ticks.push(world.tick());
    }
    await Promise.all(ticks);
  });
  const seconds = (lastAt - startedAt - MINUTE_MS) / 1000;
  return {
    share: (connections * WRITES[kind]) / seconds / props.perSecond,
    seconds,
    throttledByPace: world.secrets.throttled.byPace,
    throttledByOthers: world.secrets.throttled.byOthers,
    mostInASecond: world.secrets.mostInASecond,
    expired,
    lateSeconds: lateSeconds.sort((one, other) => one - other),
    ticks: world.ticks.length,
    world,
  };
}
