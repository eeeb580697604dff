import { createCredentialsStore } from '../../functions/aws/secrets/credentials-store.ts';
import { createRefreshTokenStore } from '../../functions/aws/secrets/refresh-token-store.ts';
import { createTokenStore } from '../../functions/aws/secrets/token-store.ts';
import { createWritePace } from '../../functions/aws/secrets/write-pace.ts';
import type { Connection } from '../../functions/connections/connection.ts';
import { marginSeconds } from '../../functions/connections/fit.ts';
import { REFRESH_TOKEN } from '../../functions/oauth/grant-type.ts';
import { Cooldowns } from '../../functions/refresh/cooldowns.ts';
import { FairLimit } from '../../functions/refresh/fair-limit.ts';
import type { Random } from '../../functions/refresh/ports/outside.ts';
import type { DueConnection } from '../../functions/refresh/ports/state-table.ts';
import { refreshDue, type TickResult } from '../../functions/refresh/refresh-due.ts';
import type { RefreshPorts } from '../../functions/refresh/refresh-run.ts';
import { TIMING } from '../../functions/refresh/rules/timing.ts';
import { MemoryState } from '../../test/support/memory-state.ts';
import { RotatingProvider } from '../../test/support/rotating-provider.ts';
import { seededRandom } from '../../test/support/seeded-random.ts';
import { PacedSecrets } from './paced-secrets.ts';
import { QuickClock } from './quick-clock.ts';

const MINUTE_MS = 60_000;
/** As the function is declared. */
const FUNCTION_MS = 5 * MINUTE_MS;
/** As Parameter Store takes them of everybody. */
const PARAMETERS_PER_SECOND = 3;
/** What the state table takes for one call, and how many connections one page of what is due has. */
const STATE_MS = 5;
const DUE_PAGE = 250;
/** Calls of the state table that every refresh makes. */
const STATE_CALLS: ReadonlySet<string | symbol> = new Set(['lease', 'commit', 'openAttempt', 'noteOrigin']);

export interface FleetWorldProps {
  /** The configured pace of secret writes. */
  readonly perSecond: number;
  /** What the account takes of everybody. Default 50. */
  readonly accountPerSecond?: number;
  /** The share of writes that is throttled since others write too. Default 0. */
  readonly throttledByOthers?: number;
  /** No more than the account's writes are taken in any second whatever. Default: as a bucket throttles. */
  readonly isStrict?: boolean;
  /** How long a token endpoint takes, at least and at most. Default 80 to 380 ms. */
  readonly exchangeMs?: readonly [number, number];
  /** Called for every token that readers can read from then on. */
  readonly onPublished: (name: string, now: number) => void;
}

/** One Lambda environment, with a pace of its own; warm until the end. */
interface Environment {
  readonly ports: RefreshPorts;
  isBusy: boolean;
}

/**
 * A deployment on a virtual clock: the real tick, write pace and stores over a Secrets Manager that enforces its rate,
 * the state table's rules in memory, and token endpoints that take their time.
 */
export class FleetWorld {
  readonly clock = new QuickClock();
  readonly random: Random = seededRandom(7);
  readonly state = new MemoryState();
  readonly secrets: PacedSecrets;
  readonly provider = new RotatingProvider(() => this.clock.now());
  /** Writes, warnings and errors of a run that should have none. */
  readonly logged = new Map<string, number>();
  readonly ticks: { readonly startedAt: number; readonly endedAt: number; readonly result: TickResult }[] =
    [];
  readonly #props: FleetWorldProps;
  readonly #environments: Environment[] = [];

  constructor(props: FleetWorldProps) {
    this.#props = props;
    const { accountPerSecond: perSecond = 50, throttledByOthers = 0, isStrict = false, onPublished } = props;
    const { clock, random } = this;
    this.secrets = new PacedSecrets({
      clock,
      random,
      perSecond,
      throttledByOthers,
      isStrict,
      onWrite: (secretId) => {
        const [, name] = secretId.split('/tokens/');
        if (name !== undefined) onPublished(name, clock.now());
      },
    });
    const client_secret = this.provider.clientSecret;
    this.#store('evertoken/credentials/client', { client_id: 'client', client_secret });
  }

  /** How many environments ticks have had. */
  get environments(): number {
    return this.#environments.length;
  }

  /** A connection that was refreshed before, and whose token of that lifetime becomes due at `dueAt`. */
  keepFresh(name: string, definition: Connection, due: { dueAt: number; lifetimeSeconds: number }): number {
    const { dueAt, lifetimeSeconds } = due;
    const expiresAt = dueAt + marginSeconds(lifetimeSeconds, definition.marginSeconds) * 1000;
    const known = definition.grants?.includes(REFRESH_TOKEN)
      ? { refreshTokenVersionId: this.storeRefreshToken(name) }
      : {};
    this.state.items.set(name, {
      ...{ name, schema: 1, definition, dueAt, expiresAt, ...known },
      obtainedAt: expiresAt - lifetimeSeconds * 1000,
      generation: 5,
      failures: 0,
      writesByHour: {},
      lastOutcome: 'refreshed',
      watchAt: dueAt,
    });
    return expiresAt;
  }

  /** Starts a tick in whatever environment is idle, as the scheduler does each minute. */
  async tick(): Promise<void> {
    const idle = this.#environments.find(({ isBusy }) => !isBusy) ?? this.#environment();
    idle.isBusy = true;
    const startedAt = this.clock.now();
    const result = await refreshDue({ functionEndsAt: startedAt + FUNCTION_MS }, idle.ports);
    idle.isBusy = false;
    if (!result.skipped) this.ticks.push({ startedAt, endedAt: this.clock.now(), result });
    // Nothing of what passed is asked for again.
    this.provider.exchanges.length = 0;
  }

  #environment(): Environment {
    const environment = { ports: this.#ports(), isBusy: false };
    this.#environments.push(environment);
    return environment;
  }

  #ports(): RefreshPorts {
    const { clock, random, provider } = this;
    const { perSecond, exchangeMs: [least, most] = [80, 380] } = this.#props;
    const pace = createWritePace({ perSecond, clock });
    const secrets = { client: this.secrets.client, namespace: 'evertoken', pace };
    const state = withLatency(this.state, clock);
    const parameterPace = createWritePace({ perSecond: PARAMETERS_PER_SECOND, clock });
    const putParameter = async (name: string) => {
      await parameterPace.turn();
      this.#props.onPublished(name, clock.now());
      return `/evertoken/tokens/${name}`;
    };
    const parameters = { get: async () => undefined, put: putParameter, delete: async () => undefined };
    const log = (message: string) => void this.logged.set(message, (this.logged.get(message) ?? 0) + 1);
    return {
      ...{ namespace: 'evertoken', clock, random, timing: TIMING, state },
      credentials: createCredentialsStore({
        ...secrets,
        clock,
        cacheMs: TIMING.credentialsCacheMs,
        knownMs: TIMING.credentialsKnownMs,
      }),
      refreshTokens: createRefreshTokenStore(secrets),
      tokens: createTokenStore({ ...secrets, parameters }),
      rescues: {
        mayExist: async () => false,
        put: async () => undefined,
        get: async () => undefined,
        delete: async () => undefined,
      },
      tokenEndpoint: {
        exchange: async (input) => {
          const requestedAt = clock.now();
          await clock.sleep(least + (most - least) * random.fraction());
          return { ...provider.exchange(input), requestedAt };
        },
        discover: async (issuer) => `${issuer}/token`,
      },
      presets: async () => undefined,
      cooldowns: new Cooldowns(state, clock, TIMING),
      spending: new FairLimit({ overall: 8, perKey: 6 }),
      wakeUps: { at: async () => undefined },
      events: { add: () => undefined, flush: async () => undefined },
      history: { add: () => undefined, flush: async () => undefined },
      metrics: { count: () => undefined, gauge: () => undefined },
      log: { info: () => undefined, warn: log, error: log },
    };
  }

  /** Stores a refresh token as a person would. */
  storeRefreshToken(name: string): string {
    const refresh_token = this.provider.authorize();
    return this.#store(`evertoken/refresh-tokens/${name}`, { schema: 1, refresh_token, obtained_at: 1 });
  }

  #store(secretId: string, value: object): string {
    const VersionId = this.random.uuid();
    const CreatedDate = new Date(this.clock.now() - 3_600_000);
    this.secrets.store(secretId, { VersionId, SecretString: JSON.stringify(value), CreatedDate });
    return VersionId;
  }
}

/** The state table as far away as it is: every call of a refresh takes a while, and so does each page of what is due. */
function withLatency(state: MemoryState, clock: QuickClock): MemoryState {
  return new Proxy(state, {
    get(target, property) {
      const value = Reflect.get(target, property) as unknown;
      if (typeof value !== 'function') return value;
      const method = value.bind(target) as (...args: unknown[]) => unknown;
      if (property === 'due') {
        return async function* (...args: Parameters<MemoryState['due']>): AsyncIterable<DueConnection> {
          let count = 0;
          for await (const due of target.due(...args)) {
            if (count % DUE_PAGE === 0) await clock.sleep(STATE_MS);
            count += 1;
            yield due;
          }
        };
      }
      if (!STATE_CALLS.has(property)) return method;
      return async (...args: unknown[]) => {
        await clock.sleep(STATE_MS);
        return method(...args);
      };
    },
  });
}
