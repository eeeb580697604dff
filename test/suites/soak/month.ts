/**
 * Thirty virtual days of 1,000 connections at ten providers that answer as the field's do: one exchange in
 * fifty fails by itself, each provider has its troubles every ten hours, AWS is out twice, a tick is killed
 * every hour, the state table is restored and edited, and clocks are apart by 30 seconds.
 *
 *   npm run test:soak -- --month
 */
import { TokenError } from '../../../functions/oauth/token-error.ts';
import type { Exchange } from '../../../functions/oauth/token-set.ts';
import { refreshDue } from '../../../functions/refresh/refresh-due.ts';
import type { RefreshPorts } from '../../../functions/refresh/refresh-run.ts';
import { type Call, type Intercept, RefreshWorld } from '../../support/refresh-world.ts';
import { buildFleet, type Member } from './fleet.ts';
import { CLOCKS_APART_MS, MonthAccount, type Sender } from './month-account.ts';
import { Operators } from './operators.ts';
import { type Trouble, troublesOf } from './troubles.ts';

const MINUTE_MS = 60_000;
const FUNCTION_MS = 5 * MINUTE_MS;
/** How often an exchange fails by itself, and how often its answer is lost on its way. */
const FAILS = 0.02;
const ANSWER_IS_LOST = 0.000_5;
/** How often a tick is killed. */
const KILLED = 1 / 60;
const NEVER = new Promise<never>(() => undefined);

/** What the month came to. */
export interface Month {
  readonly account: MonthAccount;
  readonly operators: Operators;
  readonly troubles: readonly Trouble[];
  readonly kills: number;
}

/** One Lambda environment: warm until it is killed. */
interface Environment extends Sender {
  readonly ports: RefreshPorts;
  isBusy: boolean;
  /** Calls until it is killed. */
  callsLeft: number;
}

export async function runMonth(days = 30, report: (line: string) => void = () => undefined): Promise<Month> {
  const world = new RefreshWorld();
  const members = await buildFleet(world);
  const startedAt = world.clock.now();
  const troubles = troublesOf(startedAt, days);
  const account = new MonthAccount(world, members, troubles);
  const environments: Environment[] = [];
  let kills = 0;

  const environmentOf = (): Environment => {
    const environment = { killed: false, isBusy: false, callsLeft: Number.POSITIVE_INFINITY } as {
      -readonly [Key in keyof Environment]: Environment[Key];
    };
    const skewMs = Math.round((world.random.fraction() - 0.5) * CLOCKS_APART_MS);
    environment.ports = world.ports({
      intercept: interceptOf(environment, { world, members, troubles, account }),
      clock: {
        now: () => world.clock.now() + skewMs,
        sleep: async (ms, signal) => {
          await world.clock.sleep(ms, signal);
          if (environment.killed) await NEVER;
        },
      },
    });
    environments.push(environment);
    return environment;
  };
  const tick = async (environment: Environment): Promise<void> => {
    environment.isBusy = true;
    if (world.random.fraction() < KILLED) {
      kills += 1;
      environment.callsLeft = Math.floor(world.random.fraction() * 300);
    }
    const { ports } = environment;
    const due = refreshDue({ functionEndsAt: ports.clock.now() + FUNCTION_MS }, ports);
    // A tick that cannot read the state table fails, and the next one is a minute away.
    const { results } = await due.catch(() => ({ results: [] }));
    account.refreshes += results.filter(({ outcome }) => outcome === 'refreshed').length;
    environment.isBusy = false;
    environment.callsLeft = Number.POSITIVE_INFINITY;
  };

  const operators = new Operators(world, members, account, environmentOf().ports);
  (environments[0] as Environment).isBusy = true;
  await world.clock.run(async () => {
    for (let minute = 0; minute < days * 24 * 60; minute += 1) {
      const tickAt = startedAt + minute * MINUTE_MS;
      if (tickAt > world.clock.now()) await world.clock.sleep(tickAt - world.clock.now());
      const idle = environments.find(({ isBusy, killed }) => !isBusy && !killed);
      void tick(idle ?? environmentOf());
      await operators.act(minute);
      // The first ticks of a thousand connections are the deployment.
      if (minute > 30) account.look(startedAt);
      forget(world);
      if (minute % (5 * 24 * 60) === 0) report(`day ${minute / (24 * 60)}: ${account.refreshes} refreshes`);
    }
    account.end();
  });
  return { account, operators, troubles, kills };
}

interface Surroundings {
  readonly world: RefreshWorld;
  readonly members: readonly Member[];
  readonly troubles: readonly Trouble[];
  readonly account: MonthAccount;
}

function interceptOf(environment: Environment, { world, troubles, account }: Surroundings): Intercept {
  /** Connections whose lease this environment has. */
  const held = new Set<string>();
  const kill = () => {
    if (environment.killed) return;
    environment.killed = true;
    for (const name of held) account.mishap(name);
  };
  const current = () => {
    const now = world.clock.now();
    return troubles.filter(({ from, until }) => now >= from && now < until);
  };
  return async <T>(call: Call, effect: () => Promise<T>): Promise<T> => {
    const alive = () => {
      if (environment.callsLeft <= 0) kill();
      return environment.killed ? NEVER : undefined;
    };
    environment.callsLeft -= 1;
    await alive();
    const failing = current();
    for (const { failure } of failing) {
      const error = failure(call, world.random.fraction());
      if (!error) continue;
      if (error instanceof TokenError) noteFailure(call, error);
      throw error;
    }
    if (call.method === 'exchange') return exchange(call, effect, failing);
    const due = world.state.items.get(call.connection)?.dueAt;
    const result = await effect();
    if (call.method === 'lease' && (result as { kind: string }).kind === 'acquired' && due !== undefined) {
      if (due <= world.clock.now()) account.tookUp(call.connection, due);
    }
    if (call.method === 'lease' && (result as { kind: string }).kind === 'acquired')
      held.add(call.connection);
    if (call.method === 'commit') held.delete(call.connection);
    if (call.method === 'commit' && result === true) account.committed(call.connection);
    await alive();
    return result;
  };

  function noteFailure(call: Call, error: TokenError): void {
    account.failed(error.code);
    if (error.kind === 'never-sent' || !call.input) return;
    const { mayHaveSpent } = error;
    account.sent(call.input, environment, { hasAnswer: false, mayHaveSpent, hadEffect: false });
  }

  async function exchange<T>(call: Call, effect: () => Promise<T>, failing: readonly Trouble[]): Promise<T> {
    const slowest = Math.max(0, ...failing.map(({ answersAfterMs = 0 }) => answersAfterMs));
    await world.clock.sleep(slowest || 80 + world.random.fraction() * 300);
    if (environment.killed) await NEVER;
    if (world.random.fraction() < FAILS) {
      const error = anyFailure(world.random.fraction());
      account.mishap(call.input?.scope ?? '');
      noteFailure(call, error);
      throw error;
    }
    const isLost = world.random.fraction() < ANSWER_IS_LOST;
    const answer = (await effect()) as Exchange;
    const input = call.input;
    if (input)
      account.sent(input, environment, { hasAnswer: !isLost, mayHaveSpent: isLost, hadEffect: true });
    if (isLost) {
      account.failed('answer_lost');
      throw new TokenError('unanswered', 'connection_reset', 'the connection ended without an answer');
    }
    environment.callsLeft -= 1;
    if (environment.callsLeft <= 0) kill();
    if (environment.killed) await NEVER;
    return answer as T;
  }
}

/** None of these has an effect. */
function anyFailure(fraction: number): TokenError {
  const failures = [
    new TokenError('never-sent', 'connect_refused', 'the connection was refused'),
    new TokenError('throttled', 'http_429', 'slow down', { status: 429, retryAfterMs: 20_000 }),
    new TokenError('unanswered', 'timeout', 'the provider did not answer in time'),
    new TokenError('unanswered', 'http_502', 'bad gateway', { status: 502 }),
    new TokenError('unsure', 'http_403', 'blocked', { status: 403 }),
  ];
  return failures[Math.floor(fraction * failures.length)] as TokenError;
}

/** A month of records would fill the memory; only the last token of each connection is asked for. */
function forget(world: RefreshWorld): void {
  world.calls.length = 0;
  world.events.length = 0;
  world.logged.length = 0;
  world.counted.length = 0;
  world.provider.exchanges.length = 0;
  for (const versions of world.published.values()) versions.splice(0, versions.length - 1);
}
