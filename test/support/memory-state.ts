import type { Connection } from '../../functions/connections/connection.ts';
import { definitionDigest } from '../../functions/connections/definition-digest.ts';
import {
  applyChange,
  type ConnectionState,
  type StateChange,
} from '../../functions/refresh/connection-state.ts';
import type { PastOutcome } from '../../functions/refresh/ports/history.ts';
import type {
  AttemptOpening,
  CallBudget,
  Cooldown,
  DueConnection,
  Fleet,
  LeaseAnswer,
  LeaseRequest,
  Listing,
  OriginNote,
  RefusedRequest,
  RegisteredConnection,
  RequestBudget,
  StateTable,
  TickRecord,
  UnregisterOptions,
  WatchedConnection,
} from '../../functions/refresh/ports/state-table.ts';
import { StoreError } from '../../functions/refresh/ports/stores.ts';
import { isWaiting } from '../../functions/refresh/rules/health.ts';
import { UNWATCHED_AT, watchOf } from '../../functions/refresh/rules/watch.ts';

type Item = ConnectionState & { readonly leaseOwner?: string; readonly leaseEndsAt?: number };

/** The state table's rules in memory; the same contract as the one on DynamoDB. */
export class MemoryState implements StateTable {
  readonly items = new Map<string, Item>();
  readonly cooldownItems = new Map<string, Cooldown>();
  readonly origins = new Map<string, { readonly name: string; readonly at: number }>();
  readonly calls = new Map<string, readonly number[]>();
  readonly claims = new Map<string, string>();
  /** By connection, then by slot. */
  readonly pastOutcomes = new Map<string, Map<number, PastOutcome>>();
  #requests = { endsAt: 0, asked: 0 };
  #refused: RefusedRequest | undefined;
  #tick: { owner: string; endsAt: number; worksUntil?: number | undefined } | undefined;
  #lastTick: TickRecord | undefined;
  #fleet: Fleet | undefined;
  #listing: Listing | undefined;
  readonly #digests = new Map<string, string>();
  readonly #missingAt = new Map<string, number>();
  /** Those that became due for another reason while somebody held them. */
  readonly #dueAgain = new Set<string>();

  /** The same table, which goes its own way from now on. */
  copy(): MemoryState {
    const copy = new MemoryState();
    const fill = <K, V>(target: Map<K, V>, source: ReadonlyMap<K, V>) => {
      for (const [key, value] of source) target.set(key, value);
    };
    fill(copy.items, this.items);
    fill(copy.cooldownItems, this.cooldownItems);
    fill(copy.origins, this.origins);
    fill(copy.calls, this.calls);
    fill(copy.claims, this.claims);
    for (const [name, slots] of this.pastOutcomes) copy.pastOutcomes.set(name, new Map(slots));
    fill(copy.#digests, this.#digests);
    fill(copy.#missingAt, this.#missingAt);
    for (const name of this.#dueAgain) copy.#dueAgain.add(name);
    copy.#requests = { ...this.#requests };
    copy.#refused = this.#refused;
    copy.#tick = this.#tick;
    copy.#lastTick = this.#lastTick;
    copy.#fleet = this.#fleet;
    copy.#listing = this.#listing;
    return copy;
  }

  async lease(name: string, request: LeaseRequest): Promise<LeaseAnswer> {
    const item = this.items.get(name);
    if (!item || item.removedAt !== undefined) return { kind: 'unknown' };
    const { owner, now, endsAt, attempt, attemptAt = now, force, evenPaused } = request;
    if (item.paused && !evenPaused) return { kind: 'paused', state: item };
    const held = item.leaseOwner !== undefined && item.leaseOwner !== owner && (item.leaseEndsAt ?? 0) > now;
    if (held) return { kind: 'busy', state: item };
    if (!force && item.dueAt > now) return { kind: 'not-due', state: item };
    this.#dueAgain.delete(name);
    const state: Item = { attempt, attemptAt, ...item, leaseOwner: owner, leaseEndsAt: endsAt };
    this.items.set(name, state);
    return { kind: 'acquired', state };
  }

  async openAttempt(name: string, owner: string, opening: AttemptOpening): Promise<boolean> {
    const { attempt, versionId: refreshTokenVersionId, at: attemptAt, sends: unansweredSends } = opening;
    const item = this.items.get(name);
    if (item?.leaseOwner !== owner) return false;
    this.items.set(name, { ...item, attempt, attemptAt, refreshTokenVersionId, unansweredSends });
    return true;
  }

  async commit(name: string, owner: string, change: StateChange): Promise<boolean> {
    const item = this.items.get(name);
    if (!item) return false;
    if (item.leaseOwner !== owner) {
      return change.generation === item.generation && change.tokenVersionId === item.tokenVersionId;
    }
    const { leaseOwner: _, leaseEndsAt: __, ...rest } = applyChange(item, change);
    this.items.set(name, this.#dueAgain.delete(name) ? { ...rest, dueAt: item.dueAt } : rest);
    return true;
  }

  async get(name: string): Promise<ConnectionState | undefined> {
    return this.items.get(name);
  }

  async *due(now: number, { after = -1 }: { readonly after?: number } = {}): AsyncIterable<DueConnection> {
    const due = [...this.items.values()].filter(
      (item) => item.dueAt <= now && item.dueAt >= after && !item.paused && item.removedAt === undefined,
    );
    yield* due.sort((one, other) => one.dueAt - other.dueAt);
  }

  async watched(limit: number): Promise<readonly WatchedConnection[]> {
    const known = [...this.#watched()].filter(({ paused }) => !paused);
    const first = known.sort((one, other) => Number(one.watchAt) - Number(other.watchAt)).slice(0, limit);
    return first.map(({ name, watchAt = 0, dueAt, needAt, dangerAt, expiresAt, lastOutcome }) => {
      const each = { name, watchAt, dueAt, needAt, dangerAt, expiresAt, lastOutcome };
      return withoutUndefined(each) as unknown as WatchedConnection;
    });
  }

  /** Those of the index: whoever has a place. */
  #watched(): Item[] {
    return [...this.items.values()].filter(
      ({ watchAt, removedAt }) => watchAt !== undefined && removedAt === undefined,
    );
  }

  async *registered(): AsyncIterable<RegisteredConnection> {
    for (const item of this.#watched()) {
      const { name, paused, lastOutcome, needAt, neededFor, neededToldAt, untold } = item;
      const { refreshTokenExpiresAt, endStays, onlyRefreshed } = item;
      const digest = this.#digests.get(name);
      const missingAt = this.#missingAt.get(name);
      const told = { lastOutcome, needAt, neededFor, neededToldAt, untold };
      const ends = { refreshTokenExpiresAt, endStays, onlyRefreshed };
      const each = { name, digest, paused, missingAt, ...told, ...ends };
      yield withoutUndefined(each) as unknown as RegisteredConnection;
    }
  }

  async enrol(name: string): Promise<void> {
    const item = this.items.get(name);
    if (!item || item.removedAt !== undefined) return;
    this.#digests.set(name, definitionDigest(name, item.definition));
    if (item.watchAt === undefined || (item.paused === true) !== (item.watchAt === UNWATCHED_AT)) {
      this.items.set(name, watched(item));
    }
  }

  async keepListing(listing: Listing): Promise<void> {
    this.#listing = listing;
  }

  async lastListing(): Promise<Listing | undefined> {
    return this.#listing;
  }

  async noteFleet(fleet: Fleet): Promise<void> {
    this.#fleet = fleet;
  }

  async fleet(): Promise<Fleet | undefined> {
    return this.#fleet;
  }

  async *list(): AsyncIterable<ConnectionState> {
    for (const item of this.items.values()) if (item.removedAt === undefined) yield item;
  }

  async register(name: string, definition: Connection, dueAt: number): Promise<boolean> {
    const item = this.items.get(name);
    this.#missingAt.delete(name);
    const digest = definitionDigest(name, definition);
    if (item && item.removedAt === undefined && definitionDigest(name, item.definition) === digest) {
      await this.enrol(name);
      return false;
    }
    if (item?.leaseOwner !== undefined) this.#dueAgain.add(name);
    this.#digests.set(name, digest);
    const known = { name, schema: 1, generation: 0, failures: 0, writesByHour: {}, ...item };
    const { removedAt: _, ...registered } = known as typeof known & Pick<Item, 'removedAt'>;
    const again = isWaiting(item?.lastOutcome) ? { lastOutcome: 'retry-later' as const } : {};
    this.items.set(name, watched({ ...registered, ...again, definition, dueAt, queuedAt: dueAt }));
    return true;
  }

  async unregister(
    name: string,
    now: number,
    { confirmed = false }: UnregisterOptions = {},
  ): Promise<boolean> {
    const item = this.items.get(name);
    if (!item || item.removedAt !== undefined) return false;
    const isHeld = item.leaseOwner !== undefined && (item.leaseEndsAt ?? 0) > now;
    const missingAt = this.#missingAt.get(name);
    if (isHeld || !(confirmed || (missingAt !== undefined && missingAt <= now - 60_000))) {
      if (!confirmed) this.#missingAt.set(name, missingAt ?? now);
      return false;
    }
    this.#missingAt.delete(name);
    this.items.set(name, { ...item, removedAt: now });
    return true;
  }

  async setPaused(name: string, paused: boolean, now: number): Promise<boolean> {
    const item = this.items.get(name);
    if (!item || item.removedAt !== undefined)
      throw new StoreError('missing', 'not_registered', `"${name}" is not registered`);
    if (item.leaseOwner !== undefined && (item.leaseEndsAt ?? 0) > now) return false;
    if (paused) {
      const { needAt: _, dangerAt: __, ...rest } = item;
      this.items.set(name, { ...rest, paused, watchAt: UNWATCHED_AT });
      return true;
    }
    const refusal = ['refusedRefreshTokenVersionId', 'refusedUnder', 'refusedAt', 'refusals'];
    const isRevoked = item.refusedUnder === 'revoked' || item.lastErrorCode === 'revoked';
    const forgotten = ['paused', ...(isRevoked ? [] : refusal)];
    const rest = Object.fromEntries(Object.entries(item).filter(([key]) => !forgotten.includes(key)));
    const again = isWaiting(item.lastOutcome) ? { lastOutcome: 'retry-later', dueAt: now } : {};
    const resumed = { ...(rest as unknown as Item), queuedAt: now, ...(again as Partial<Item>) };
    this.items.set(name, watched(resumed));
    return true;
  }

  async takeFromBudget(
    key: string,
    { calls, windowMs }: CallBudget,
    now: number,
  ): Promise<number | undefined> {
    const id = `${key}#${windowMs}`;
    const recent = (this.calls.get(id) ?? []).filter((at) => at > now - windowMs);
    const oldest = recent.at(-calls);
    if (oldest !== undefined) return oldest + windowMs;
    this.calls.set(id, [...recent, now]);
    return undefined;
  }

  async told(name: string, dueAfterTold: number): Promise<void> {
    const item = this.items.get(name);
    if (item?.dueAfterTold !== dueAfterTold || item.leaseOwner !== undefined) return;
    const { untold: _, dueAfterTold: dueAt, ...rest } = item;
    this.items.set(name, { ...rest, dueAt });
  }

  async wake(name: string, now: number): Promise<ConnectionState | undefined> {
    const item = this.items.get(name);
    if (!item || item.removedAt !== undefined) return undefined;
    const { dueAfterTold: _, ...rest } = item;
    const woken = { ...rest, dueAt: now, credentialsSetAt: now, ...(!item.paused && { watchAt: now }) };
    this.items.set(name, woken);
    this.#dueAgain.add(name);
    return woken;
  }

  async postpone(name: string, dueAt: number): Promise<ConnectionState | undefined> {
    const item = this.items.get(name);
    if (!item || (item.leaseOwner !== undefined && (item.leaseEndsAt ?? 0) > dueAt)) return undefined;
    const postponed = { watchAt: dueAt, ...item, dueAt };
    this.items.set(name, postponed);
    return postponed;
  }

  async cooldowns(keys: readonly string[]): Promise<ReadonlyMap<string, Cooldown>> {
    return new Map([...this.cooldownItems].filter(([key]) => keys.includes(key)));
  }

  async setCooldown(key: string, cooldown: Cooldown): Promise<void> {
    this.cooldownItems.set(key, cooldown);
  }

  async clearCooldown(key: string): Promise<void> {
    this.cooldownItems.delete(key);
  }

  async admitRequest(names: number, now: number, { names: most, windowMs }: RequestBudget): Promise<boolean> {
    const window = this.#requests.endsAt > now ? this.#requests : { endsAt: now + windowMs, asked: 0 };
    if (window.asked + names > most) return false;
    this.#requests = { ...window, asked: window.asked + names };
    return true;
  }

  async noteRefusedRequest(refused: RefusedRequest): Promise<void> {
    if (refused.at >= (this.#refused?.at ?? 0)) this.#refused = refused;
  }

  async refusedRequest(): Promise<RefusedRequest | undefined> {
    return this.#refused;
  }

  async claimSecret(secret: string, name: string, { from = name }: { from?: string } = {}): Promise<string> {
    const owner = this.claims.get(secret);
    if (owner !== undefined && owner !== name && owner !== from) return owner;
    this.claims.set(secret, name);
    return name;
  }

  async noteOrigin({ credentials, origin, name, at }: OriginNote): Promise<number | undefined> {
    const pair = `${credentials}#${origin}`;
    const first = this.origins.get(pair) ?? { name, at };
    this.origins.set(pair, first);
    return first.name === name ? first.at : undefined;
  }

  async leaseTick(
    owner: string,
    now: number,
    endsAt: number,
    { worksUntil }: { readonly worksUntil?: number } = {},
  ): Promise<boolean> {
    if (this.#tick && this.#tick.owner !== owner && this.#tick.endsAt > now) return false;
    this.#tick = { owner, endsAt, worksUntil };
    return true;
  }

  async tickWorksUntil(): Promise<number | undefined> {
    return this.#tick?.worksUntil;
  }

  async releaseTick(owner: string, record?: TickRecord): Promise<Fleet | undefined> {
    if (this.#tick?.owner !== owner) return undefined;
    this.#tick = undefined;
    this.#lastTick = record ?? this.#lastTick;
    return this.#fleet;
  }

  async noteIdleTick(record: TickRecord, watchedSince: number): Promise<Fleet | undefined> {
    if (this.#tick && this.#tick.endsAt > record.endedAt) return undefined;
    if (!this.#fleet?.areWatched || this.#fleet.at <= watchedSince) return undefined;
    this.#tick = undefined;
    this.#lastTick = record;
    return this.#fleet;
  }

  async lastTick(): Promise<TickRecord | undefined> {
    return this.#lastTick;
  }

  async history(name: string): Promise<readonly PastOutcome[]> {
    return [...(this.pastOutcomes.get(name)?.values() ?? [])].sort((one, other) => other.at - one.at);
  }
}

/** In its place among those who are watched. */
const watched = (item: Item): Item => applyChange(item, watchOf(item)) as Item;

function withoutUndefined(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
