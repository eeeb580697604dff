import type { Connection } from '../functions/connections/connection.ts';
import { fleetFit, secretLoad } from '../functions/connections/secret-writes.ts';
import type { Benchmark, Figure } from './benchmark.ts';
import { FleetWorld, type FleetWorldProps } from './simulation/fleet-world.ts';

const MINUTE_MS = 60_000;
const ORIGINS = 100;
const GRANTS = { 'client credentials': 'client_credentials', rotating: 'refresh_token' } as const;
type Kind = keyof typeof GRANTS;
const WRITES: Readonly<Record<Kind, number>> = { 'client credentials': 1, rotating: 3 };

/** Of an hour, whose margin is 600 s, and of a day, whose margin is 8,640 s. */
const HOUR_SECONDS = 3_600;
const DAY_SECONDS = 86_400;
const MONTH_SECONDS = 30 * DAY_SECONDS;

/** Each takes longer than a tick lasts that is behind, so that others must go on. */
const SHORT: readonly Backlog[] = [
  { kind: 'client credentials', perSecond: 20, connections: 5_500 },
  { kind: 'client credentials', perSecond: 48, connections: 2_000 },
  { kind: 'client credentials', perSecond: 48, connections: 2_000, throttledByOthers: 0.05 },
  { kind: 'rotating', perSecond: 20, connections: 1_600 },
  { kind: 'rotating', perSecond: 48, connections: 1_000 },
  { kind: 'rotating', perSecond: 48, connections: 1_000, isStrict: true },
  { kind: 'rotating', perSecond: 20, connections: 500, throttledByOthers: 0.05 },
];

/** Of what rotates so many outlast 25 ticks at 20 a second; a hundred thousand would take hours of the clock, and as many more look-ups. */
const ROTATING_AT_20 = 30_000;

/** A hundred thousand with tokens of a day, and as many hourly ones as fit their margin, by the README. */
const FULL: readonly Backlog[] = [
  ...(['client credentials', 'rotating'] as const).flatMap((kind) =>
    [20, 48].flatMap((perSecond): Backlog[] => [
      {
        kind,
        perSecond,
        connections: kind === 'rotating' && perSecond === 20 ? ROTATING_AT_20 : 100_000,
        lifetimeSeconds: kind === 'rotating' ? MONTH_SECONDS : DAY_SECONDS,
      },
      { kind, perSecond, connections: fitting(kind, perSecond) },
    ]),
  ),
  { kind: 'client credentials', perSecond: 48, connections: 20_000, throttledByOthers: 0.05 },
  { kind: 'rotating', perSecond: 48, connections: 6_000, throttledByOthers: 0.05 },
];

export default {
  about:
    'A backlog at the pace of secret writes: how much of the pace is kept, who is throttled, who is late.',
  async run({ full, progress }) {
    const figures: Figure[] = [];
    for (const backlog of full ? FULL : SHORT) {
      const { kind, perSecond, connections, throttledByOthers, isStrict, lifetimeSeconds } = backlog;
      const others = throttledByOthers ? ', 5 % throttled by others' : '';
      const fit = full && lifetimeSeconds === undefined ? ', hourly' : '';
      const strict = isStrict ? ', no more than 50 in any second' : '';
      const what = `${connections} ${kind}${fit} at ${perSecond}${others}${strict}`;
      progress(what);
      figures.push(...figuresOf(what, await drain(backlog)));
    }
    return figures;
  },
} satisfies Benchmark;

/** As many as are foreseen to be in time. */
function fitting(kind: Kind, perSecond: number): number {
  const load = secretLoad({ lifetimeSeconds: HOUR_SECONDS, spendsRefreshToken: kind === 'rotating' });
  return fleetFit([load], perSecond)?.most.atOnce ?? 0;
}

interface Backlog extends Omit<FleetWorldProps, 'onPublished'> {
  readonly kind: Kind;
  readonly connections: number;
  /** Default: an hour. */
  readonly lifetimeSeconds?: number;
}

/** What is measured of what became of connections that were all due within one minute. */
interface Drained {
  /** Writes a second from the first tick to the last of them, as a share of the configured pace. */
  readonly share: number;
  readonly throttledByPace: number;
  readonly mostInASecond: number;
  /** Tokens that had expired before another could be read. */
  readonly expired: number;
  /** Tries that came to nothing, though nothing was wrong with the provider. */
  readonly failed: number;
  readonly latestSeconds: number;
  /** The longest tick after which another had to go on. */
  readonly ticks: number;
}

/** Lets so many connections become due in the first minute, and ticks until all are fresh. */
async function drain({
  kind,
  connections,
  lifetimeSeconds = HOUR_SECONDS,
  ...props
}: Backlog): Promise<Drained> {
  const expiry = new Map<string, number>();
  const dueAt = new Map<string, number>();
  let [expired, lastAt, latestSeconds] = [0, 0, 0];
  const world = new FleetWorld({
    ...props,
    onPublished: (name, now) => {
      lastAt = now;
      latestSeconds = Math.max(latestSeconds, (now - (dueAt.get(name) ?? now)) / 1000);
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
      tokenUrl: `https://idp-${index % ORIGINS}.example.com/token`,
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
  const failed = world.ticks
    .flatMap(({ result }) => result.results)
    .filter(({ outcome }) => outcome !== 'refreshed').length;
  return {
    share: (connections * WRITES[kind]) / seconds / props.perSecond,
    throttledByPace: world.secrets.throttled.byPace,
    mostInASecond: world.secrets.mostInASecond,
    expired,
    failed,
    latestSeconds,
    ticks: world.ticks.length,
  };
}

function figuresOf(what: string, drained: Drained): Figure[] {
  const { share, throttledByPace, mostInASecond, expired, failed, latestSeconds } = drained;
  return [
    {
      name: `${what}: writes a second, the configured pace = 1`,
      value: share,
      unit: 'ratio',
      better: 'higher',
      tolerance: 0.03,
      goal: 0.96,
    },
    count(`${what}: writes that were throttled for the pace itself`, throttledByPace),
    count(`${what}: tokens that expired`, expired),
    count(`${what}: refreshes that failed`, failed),
    { name: `${what}: writes in the busiest second`, value: mostInASecond, unit: 'count', tolerance: 0.1 },
    { name: `${what}: from due to readable, at most`, value: latestSeconds, unit: 's' },
  ];
}

const count = (name: string, value: number): Figure => ({
  name,
  value,
  unit: 'count',
  tolerance: 0.3,
  goal: 0,
});
