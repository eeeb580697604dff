import { credentialsName } from '../connections/connection-labels.ts';
import type { ResolvedConnection } from '../connections/resolve-connection.ts';
import { IDENTITY_UNAVAILABLE, SIGNING_UNAVAILABLE } from '../oauth/request/signer.ts';
import { TokenError } from '../oauth/token-error.ts';
import type { CallOptions, Clock } from './ports/outside.ts';
import type { Cooldown, StateTable } from './ports/state-table.ts';
import { retryDelayMs } from './rules/retry-schedule.ts';
import type { Timing } from './rules/timing.ts';

/** An origin may answer "cannot now" this often in a row before it is left alone. */
const TRANSIENT_FAILURES = 3;

const CLIENT_REFUSED = 'client_refused';

/** Reasons of our own for sending nothing: they say nothing of the origin. */
const OWN_REASONS: ReadonlySet<string> = new Set(['aborted', SIGNING_UNAVAILABLE, IDENTITY_UNAVAILABLE]);

/** The keys under which an endpoint's troubles are shared: the whole origin, and one client there. */
export interface CooldownKeys {
  readonly origin: string;
  readonly client: string;
}

/** Keys of a connection; `undefined` when its token endpoint is not known before discovery. */
export function cooldownKeys(
  connection: Pick<ResolvedConnection, 'tokenUrl' | 'issuer' | 'credentials' | 'clientId'>,
): CooldownKeys | undefined {
  const url = connection.tokenUrl ?? connection.issuer;
  if (url === undefined || !URL.canParse(url)) return undefined;
  const { origin } = new URL(url);
  return {
    origin,
    client: `${origin}#${credentialsName(connection)}`,
  };
}

/** Whose share of what is limited a connection uses: its origin's, or that of what it has no origin yet. */
export function originOf(connection: ResolvedConnection): string {
  return cooldownKeys(connection)?.origin ?? '';
}

/**
 * Leaves an origin, or one client there, alone after failures that would meet every connection that
 * shares it. Kept in the state table, so that all refreshers see the same.
 */
export class Cooldowns {
  readonly #state: Pick<StateTable, 'cooldowns' | 'setCooldown' | 'clearCooldown'>;
  readonly #clock: Clock;
  readonly #timing: Timing;
  readonly #known = new Map<string, Cooldown>();
  readonly #transientFailures = new Map<string, number>();

  constructor(
    state: Pick<StateTable, 'cooldowns' | 'setCooldown' | 'clearCooldown'>,
    clock: Clock,
    timing: Timing,
  ) {
    this.#state = state;
    this.#clock = clock;
    this.#timing = timing;
  }

  /** Reads the cooldowns of many connections at once. */
  async load(all: readonly CooldownKeys[], options?: CallOptions): Promise<void> {
    const keys = [...new Set(all.flatMap(({ origin, client }) => [origin, client]))];
    if (keys.length === 0) return;
    const found = await this.#state.cooldowns(keys, options);
    for (const key of keys) this.#know(key, found.get(key));
  }

  /**
   * Until when the connection must be left alone, epoch milliseconds; `undefined` when it need not. As far
   * as this process knows: a tick reads the table first, and what is asked for by a person may be tried.
   */
  blockedUntil(keys: CooldownKeys): number | undefined {
    const now = this.#clock.now();
    const ends = [keys.origin, keys.client]
      .map((key) => this.#known.get(key)?.endsAt ?? 0)
      .filter((end) => end > now);
    return ends.length > 0 ? Math.max(...ends) : undefined;
  }

  /** The same, where the whole origin is left alone: never for long. */
  originBlockedUntil({ origin }: CooldownKeys): number | undefined {
    const endsAt = this.#known.get(origin)?.endsAt ?? 0;
    return endsAt > this.#clock.now() ? endsAt : undefined;
  }

  /** Whether the origin has failed of late and has not answered since: one connection should try first. */
  isSuspect(keys: CooldownKeys): boolean {
    return [keys.origin, keys.client].some((key) => this.#known.has(key));
  }

  /** Takes note of an exchange that failed. */
  async failed(keys: CooldownKeys, error: unknown, options?: CallOptions): Promise<void> {
    if (!(error instanceof TokenError)) return;
    if (error.kind === 'throttled') {
      await this.#cool(keys.client, error.code, 'client', error.retryAfterMs, options);
    } else if (error.kind === 'client-refused') {
      await this.#cool(keys.client, CLIENT_REFUSED, 'client', undefined, options);
    } else if (error.kind === 'never-sent' && !OWN_REASONS.has(error.code)) {
      await this.#cool(keys.origin, error.code, 'origin', undefined, options);
    } else if (error.kind === 'unanswered') {
      const failures = (this.#transientFailures.get(keys.origin) ?? 0) + 1;
      this.#transientFailures.set(keys.origin, failures);
      if (failures >= TRANSIENT_FAILURES || this.isSuspect(keys)) {
        await this.#cool(keys.origin, error.code, 'origin', undefined, options);
      }
    }
  }

  /** Takes note of an exchange that succeeded. */
  async succeeded(keys: CooldownKeys, options?: CallOptions): Promise<void> {
    this.#transientFailures.delete(keys.origin);
    for (const key of [keys.origin, keys.client]) {
      if (!this.#known.delete(key)) continue;
      await this.#state.clearCooldown(key, options);
    }
  }

  async #cool(
    key: string,
    reason: string,
    scope: 'origin' | 'client',
    retryAfterMs: number | undefined,
    options?: CallOptions,
  ): Promise<void> {
    const now = this.#clock.now();
    const failures = (this.#known.get(key)?.failures ?? 0) + 1;
    const { originCooldownMs, clientCooldownMs } = this.#timing;
    const ms =
      retryAfterMs !== undefined || (scope === 'client' && reason !== CLIENT_REFUSED)
        ? Math.max(clientCooldownMs, retryDelayMs({ failures, retryAfterMs, outage: false }, 1, this.#timing))
        : scope === 'client'
          ? clientCooldownMs
          : originCooldownMs;
    const cooldown = { endsAt: now + ms, reason, failures };
    this.#know(key, cooldown);
    await this.#state.setCooldown(key, cooldown, options);
  }

  #know(key: string, cooldown: Cooldown | undefined): void {
    if (cooldown === undefined) this.#known.delete(key);
    else this.#known.set(key, cooldown);
  }
}
