import type { Connection } from '../../functions/connections/connection.ts';
import type { ConnectionState, StateChange } from '../../functions/refresh/connection-state.ts';
import type {
  AttemptOpening,
  Cooldown,
  DueConnection,
  LeaseAnswer,
  LeaseRequest,
  StateTable,
} from '../../functions/refresh/ports/state-table.ts';
import { StoreError } from '../../functions/refresh/ports/stores.ts';
import { applyChange } from '../../functions/refresh/refresh-result.ts';

type Item = ConnectionState & { readonly leaseOwner?: string; readonly leaseEndsAt?: number };

/** The state table's rules in memory; the same contract as the one on DynamoDB. */
export class MemoryState implements StateTable {
  readonly items = new Map<string, Item>();
  readonly cooldownItems = new Map<string, Cooldown>();
  #tick: { owner: string; endsAt: number } | undefined;

  async lease(name: string, request: LeaseRequest): Promise<LeaseAnswer> {
    const item = this.items.get(name);
    if (!item || item.removedAt !== undefined) return { kind: 'unknown' };
    if (item.paused) return { kind: 'paused', state: item };
    const { owner, now, endsAt, attempt, force } = request;
    const held = item.leaseOwner !== undefined && item.leaseOwner !== owner && (item.leaseEndsAt ?? 0) > now;
    if (held) return { kind: 'busy', state: item };
    if (!force && item.dueAt > now) return { kind: 'not-due', state: item };
    const state: Item = { attempt, attemptAt: now, ...item, leaseOwner: owner, leaseEndsAt: endsAt };
    this.items.set(name, state);
    return { kind: 'acquired', state };
  }

  async openAttempt(name: string, owner: string, opening: AttemptOpening): Promise<boolean> {
    const { attempt, now, refreshTokenVersionId } = opening;
    const item = this.items.get(name);
    if (item?.leaseOwner !== owner) return false;
    const found = refreshTokenVersionId === undefined ? {} : { refreshTokenVersionId };
    this.items.set(name, { ...item, attempt, attemptAt: now, ...found });
    return true;
  }

  async commit(name: string, owner: string, change: StateChange): Promise<boolean> {
    const item = this.items.get(name);
    if (!item) return false;
    if (item.leaseOwner !== owner) {
      return change.generation === item.generation && change.tokenVersionId === item.tokenVersionId;
    }
    const { leaseOwner: _, leaseEndsAt: __, ...rest } = applyChange(item, change);
    this.items.set(name, rest);
    return true;
  }

  async get(name: string): Promise<ConnectionState | undefined> {
    return this.items.get(name);
  }

  async *due(now: number): AsyncIterable<DueConnection> {
    const due = [...this.items.values()].filter(
      (item) => item.dueAt <= now && !item.paused && item.removedAt === undefined,
    );
    yield* due.sort((one, other) => one.dueAt - other.dueAt);
  }

  async *list(): AsyncIterable<ConnectionState> {
    for (const item of this.items.values()) if (item.removedAt === undefined) yield item;
  }

  async register(name: string, definition: Connection, dueAt: number): Promise<boolean> {
    const item = this.items.get(name);
    if (item && JSON.stringify(item.definition) === JSON.stringify(definition)) return false;
    this.items.set(name, {
      name,
      schema: 1,
      generation: 0,
      failures: 0,
      writesByHour: {},
      ...item,
      definition,
      dueAt,
    });
    return true;
  }

  async unregister(name: string, now: number): Promise<boolean> {
    const item = this.items.get(name);
    if (!item) return false;
    this.items.set(name, { ...item, removedAt: now });
    return true;
  }

  async setPaused(name: string, paused: boolean, now: number): Promise<boolean> {
    const item = this.items.get(name);
    if (!item) throw new StoreError('missing', 'not_registered', `"${name}" is not registered`);
    if (item.leaseOwner !== undefined && (item.leaseEndsAt ?? 0) > now) return false;
    const { paused: _, ...rest } = item;
    this.items.set(name, paused ? { ...rest, paused } : rest);
    return true;
  }

  async postpone(name: string, dueAt: number): Promise<void> {
    const item = this.items.get(name);
    if (item && item.leaseOwner === undefined) this.items.set(name, { ...item, dueAt });
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

  async leaseTick(owner: string, now: number, endsAt: number): Promise<boolean> {
    if (this.#tick && this.#tick.owner !== owner && this.#tick.endsAt > now) return false;
    this.#tick = { owner, endsAt };
    return true;
  }

  async releaseTick(owner: string): Promise<void> {
    if (this.#tick?.owner === owner) this.#tick = undefined;
  }
}
