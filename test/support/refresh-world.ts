import { secretName } from '../../functions/aws/resource-names.ts';
import { refreshTokenStore } from '../../functions/aws/secrets/refresh-token-store.ts';
import type { SecretCalls } from '../../functions/aws/secrets/secret-calls.ts';
import type { Connection } from '../../functions/connections/connection.ts';
import { providerPresetSchema } from '../../functions/connections/provider-preset.ts';
import type { TokenRequestInput } from '../../functions/oauth/request/token-request.ts';
import { Secret } from '../../functions/oauth/secret.ts';
import type { Exchange } from '../../functions/oauth/token-set.ts';
import { nextDueAt } from '../../functions/refresh/connection-state.ts';
import { Cooldowns } from '../../functions/refresh/cooldowns.ts';
import { FairLimit } from '../../functions/refresh/fair-limit.ts';
import type { Clock, RefreshEvent } from '../../functions/refresh/ports/outside.ts';
import type {
  CredentialsStore,
  PublishedToken,
  PublishOptions,
  RescuedRefreshToken,
  RescueStore,
  TokenStore,
} from '../../functions/refresh/ports/stores.ts';
import { refreshConnection } from '../../functions/refresh/refresh-connection.ts';
import type { RefreshResult } from '../../functions/refresh/refresh-result.ts';
import type { RefreshPorts } from '../../functions/refresh/refresh-run.ts';
import { MOST_MEMBERS } from '../../functions/refresh/rules/ring.ts';
import { TIMING } from '../../functions/refresh/rules/timing.ts';
import { MemorySecrets, type SecretVersion } from './memory-secrets.ts';
import { MemoryState } from './memory-state.ts';
import { RotatingProvider } from './rotating-provider.ts';
import { type SeededRandom, seededRandom } from './seeded-random.ts';
import { VirtualClock } from './virtual-clock.ts';

/** One call that leaves the refresh. */
export interface Call {
  readonly port: 'state' | 'credentials' | 'refreshTokens' | 'tokens' | 'rescues' | 'tokenEndpoint';
  readonly method: string;
  readonly connection: string;
  /** Aborts the call. */
  readonly signal?: AbortSignal;
  /** What is asked of the token endpoint. */
  readonly input?: TokenRequestInput;
}

/** Stands between a refresh and what it calls: may fail a call before or after its effect, or delay it. */
export type Intercept = <T>(call: Call, effect: () => Promise<T>) => Promise<T>;

/**
 * Everything that a refresh reaches, in memory, on a virtual clock: stores with the rules of the real
 * ones, a provider with single-use refresh tokens, and a place to interfere with every call.
 */
/** One write of a token. */
export interface Publication {
  readonly place: PublishOptions['place'] | undefined;
  readonly isMove: boolean | undefined;
  readonly token: PublishedToken;
  readonly versionId: string;
}

export class RefreshWorld {
  readonly clock: VirtualClock;
  readonly random: SeededRandom;
  readonly state: MemoryState;
  readonly secrets: MemorySecrets;
  readonly rescues: Map<string, RescuedRefreshToken>;
  readonly published: Map<string, Publication[]>;
  readonly provider: RotatingProvider;
  readonly events: RefreshEvent[];
  readonly logged: string[];
  readonly counted: string[];
  readonly calls: Call[];
  readonly wakeUps: { readonly name: string; readonly dueAt: number }[];
  intercept: Intercept = (_, effect) => effect();
  functionTimeMs = 300_000;

  /** @param like what has happened in it has happened here, too; from now on each goes its own way. Default: nothing */
  constructor(like?: RefreshWorld) {
    const now = () => this.clock.now();
    this.clock = like?.clock.copy() ?? new VirtualClock();
    this.random = seededRandom(like?.random.seed() ?? 1);
    this.state = like?.state.copy() ?? new MemoryState();
    this.secrets = like?.secrets.copy(now) ?? new MemorySecrets(now);
    this.rescues = new Map(like?.rescues);
    this.published = new Map(like && [...like.published].map(([name, all]) => [name, [...all]]));
    this.provider = like?.provider.copy(now) ?? new RotatingProvider(now);
    this.events = [...(like?.events ?? [])];
    this.logged = [...(like?.logged ?? [])];
    this.counted = [...(like?.counted ?? [])];
    this.calls = [...(like?.calls ?? [])];
    this.wakeUps = [...(like?.wakeUps ?? [])];
  }

  /** Ports of a new process: nothing cached. Its calls pass `process`, if given, in place of `intercept`. */
  ports(process: { readonly intercept?: Intercept; readonly clock?: Clock } = {}): RefreshPorts {
    const { random } = this;
    const { clock = this.clock } = process;
    const track = <T extends object>(port: Call['port'], target: T) =>
      this.#tracked(port, target, process.intercept ?? ((call, effect) => this.intercept(call, effect)));
    const state = track('state', this.state);
    const log = (level: string) => (message: string, details?: object) => {
      this.logged.push(`${level} ${message} ${JSON.stringify(details ?? {})}`);
    };
    return {
      namespace: 'evertoken',
      clock,
      random,
      timing: TIMING,
      state,
      credentials: track('credentials', this.#credentials()),
      refreshTokens: track('refreshTokens', refreshTokenStore(this.#secretCalls(), 'evertoken')),
      tokens: track('tokens', this.#tokens()),
      rescues: track('rescues', this.#rescueStore()),
      tokenEndpoint: track('tokenEndpoint', {
        exchange: async (input: TokenRequestInput): Promise<Exchange> => this.provider.exchange(input),
        discover: async (issuer: string) => `${issuer}/token`,
      }),
      presets: async (id) => PRESETS.get(id),
      cooldowns: new Cooldowns(state, clock, TIMING),
      spending: new FairLimit({ overall: 8, perKey: 6 }),
      wakeUps: {
        at: async (name, dueAt) => void this.wakeUps.push({ name, dueAt }),
      },
      events: {
        add: (event, confirm) => {
          this.events.push(event);
          void confirm?.().catch(() => undefined);
        },
        flush: async () => undefined,
      },
      history: {
        add: (name, slot, outcome) => {
          const slots = this.state.pastOutcomes.get(name) ?? new Map();
          this.state.pastOutcomes.set(name, slots.set(slot, outcome));
        },
        flush: async () => undefined,
      },
      metrics: { count: (name) => this.counted.push(name), gauge: () => undefined },
      log: { info: log('info'), warn: log('warn'), error: log('error') },
    };
  }

  /** Declares a connection whose credentials are stored. */
  async connect(name: string, connection: Partial<Connection> = {}): Promise<void> {
    this.storeCredentials(this.provider.clientSecret);
    await this.state.register(name, { ...ROTATING, ...connection }, this.clock.now());
  }

  storeCredentials(clientSecret: string): void {
    const content = JSON.stringify({ client_id: 'client', client_secret: clientSecret });
    if (this.secrets.get('credentials/client', {})?.content === content) return;
    this.secrets.put('credentials/client', content, this.random.uuid());
  }

  /** Stores a refresh token as a person would. */
  storeRefreshToken(name: string, refreshToken = this.provider.authorize()): string {
    return this.#storeRefreshToken(name, refreshToken);
  }

  /** The refresh token in the secret now. */
  storedRefreshToken(name: string): string | undefined {
    const current = this.refreshTokenVersions(name).findLast(({ stages }) => stages.includes('AWSCURRENT'));
    return current && (JSON.parse(current.content) as { refresh_token: string }).refresh_token;
  }

  /** Every version of a refresh token, of all secrets that hold any, oldest first. */
  refreshTokenVersions(name: string): readonly SecretVersion[] {
    const members = Array.from({ length: MOST_MEMBERS }, (_, member) =>
      secretName.refreshToken('', name, member).slice(1),
    );
    return members
      .flatMap((member) => this.secrets.versions(member))
      .filter(({ content }) => content.includes('"refresh_token"'))
      .sort((one, other) => one.order - other.order);
  }

  latestToken(name: string): PublishedToken | undefined {
    return this.published.get(name)?.at(-1)?.token;
  }

  /** One refresh on the virtual clock, in a process of its own unless `ports` are given. */
  refresh(name: string, { force = false, ports = this.ports() } = {}): Promise<RefreshResult> {
    const requestedAt = this.clock.now();
    const functionEndsAt = requestedAt + this.functionTimeMs;
    return this.clock.run(() => refreshConnection({ name, force, requestedAt, functionEndsAt }, ports));
  }

  /** Lets time pass until the connection is due, and refreshes it. */
  async refreshWhenDue(name: string): Promise<RefreshResult> {
    const item = this.state.items.get(name);
    const dueAt = item === undefined ? 0 : nextDueAt(item);
    this.clock.advance(Math.max(0, dueAt - this.clock.now()));
    return this.refresh(name);
  }

  #storeRefreshToken(name: string, refreshToken: string): string {
    const versionId = this.random.uuid();
    this.secrets.put(`refresh-tokens/${name}`, JSON.stringify({ refresh_token: refreshToken }), versionId);
    return versionId;
  }

  #tracked<T extends object>(port: Call['port'], target: T, intercept: Intercept): T {
    return new Proxy(target, {
      get: (object, property) => {
        const method = Reflect.get(object, property) as unknown;
        if (typeof method !== 'function') return method;
        const bound = (method as (...args: unknown[]) => unknown).bind(object);
        if (property === 'due' || property === 'list' || property === 'registered') return bound;
        return (...args: unknown[]) => {
          const connection = typeof args[0] === 'string' ? args[0] : '';
          const signal = args
            .map((arg) => (arg as { signal?: AbortSignal } | undefined)?.signal)
            .find(Boolean);
          const input = property === 'exchange' ? { input: args[0] as TokenRequestInput } : {};
          const call = { port, method: String(property), connection, ...(signal && { signal }), ...input };
          this.calls.push(call);
          return intercept(call, async () => bound(...args));
        };
      },
    });
  }

  #credentials(): CredentialsStore {
    const cache = new Map<string, SecretVersion>();
    const current = (ref: unknown) => this.secrets.get(`credentials/${String(ref)}`, {});
    return {
      read: async (ref, options) => {
        const key = String(ref);
        const version = (options?.fresh ? undefined : cache.get(key)) ?? current(ref);
        if (!version) return undefined;
        cache.set(key, version);
        const { client_id, client_secret } = JSON.parse(version.content) as Record<string, string>;
        return {
          ...version,
          value: { client_id: client_id ?? '', client_secret: new Secret(client_secret ?? '') },
        };
      },
      currentVersionId: async (ref) => current(ref)?.versionId,
    };
  }

  /** Secrets Manager's calls on single secrets. The store that refreshes use is the real one. */
  #secretCalls(): SecretCalls {
    const named = (secretId: string) => secretId.slice('evertoken/'.length);
    return {
      read: async (secretId, which) => {
        const version = this.secrets.get(named(secretId), which);
        return version && { ...version, value: new Secret(version.content) };
      },
      currentVersionId: async (secretId) => this.secrets.get(named(secretId), {})?.versionId,
      write: async ({ secretId, text, versionId }) =>
        this.secrets.put(named(secretId), text.reveal(), versionId),
      madeAt: async (secretId) =>
        this.secrets
          .versions(named(secretId))
          .map(({ createdAt }) => createdAt)
          .slice(-100),
      createLike: async (secretId, _, text) => {
        if (this.secrets.versions(named(secretId)).length > 0) return;
        this.secrets.put(named(secretId), text.reveal(), this.random.uuid());
      },
      turn: async () => ({ takenAt: this.clock.now() }),
    };
  }

  #tokens(): TokenStore {
    const quota = new MemorySecrets(() => this.clock.now());
    return {
      publish: async ({ name }, token, versionId, { place, isMove } = {}) => {
        const versions = this.published.get(name) ?? [];
        if (!versions.some((version) => version.versionId === versionId))
          versions.push({ token, versionId, place, isMove });
        const writesSecret = place !== 'parameter' || isMove === true;
        if (writesSecret) quota.put(`tokens/${name}`, token.token.access_token.reveal(), versionId);
        this.published.set(name, versions);
      },
      prove: async () => undefined,
    };
  }

  #rescueStore(): RescueStore {
    return {
      mayExist: async (name) => this.rescues.has(name),
      put: async (name, rescued) => void this.rescues.set(name, rescued),
      get: async (name) => this.rescues.get(name),
      delete: async (name) => void this.rescues.delete(name),
    };
  }
}

/** Single-use refresh tokens, a client secret, nothing else to fall back on. */
export const ROTATING: Connection = {
  tokenUrl: 'https://idp.example.com/token',
  credentials: 'client',
  grants: ['refresh_token'],
};

const preset = (id: string, refreshToken: object) =>
  providerPresetSchema.parse({
    schema: 1,
    id,
    name: id,
    docsUrl: 'https://idp.example.com/docs',
    tokenUrl: 'https://idp.example.com/token',
    grants: ['refresh_token'],
    supportedGrants: ['refresh_token', 'client_credentials', 'password'],
    refreshToken,
  });

const PRESETS = new Map([
  ['graceful', preset('graceful', { graceSeconds: 120 })],
  ['never-rotates', preset('never-rotates', { rotates: 'never' })],
  ['password-only', preset('password-only', { notFromGrants: ['password'] })],
]);
