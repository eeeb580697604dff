import { isDeepStrictEqual } from 'node:util';
import type { ConnectionState, StateChange } from '../../refresh/connection-state.ts';
import type { CallOptions } from '../../refresh/ports/outside.ts';
import type { LeaseAnswer, LeaseRequest, StateTable } from '../../refresh/ports/state-table.ts';
import { isWaiting } from '../../refresh/rules/health.ts';
import { SCHEMA } from '../stored-schema.ts';
import { connectionKey, KNOWN_SCHEMA, REGISTERED, toConnectionState } from './connection-item.ts';
import type { ItemTable } from './item-table.ts';

const OWNED = '#leaseOwner = :owner';
const FREE_FOR_OWNER = '(attribute_not_exists(#leaseOwner) OR #leaseEndsAt <= :now OR #leaseOwner = :owner)';
const DUE_FOR_OWNER = '(#dueAt <= :now OR #leaseOwner = :owner)';
const MAX_TRIES = 3;

/** Lease, attempt and commit: one conditional update each, so that the SDK may repeat any of them. */
export function createConnectionLease(
  items: ItemTable,
): Pick<StateTable, 'lease' | 'openAttempt' | 'commit'> {
  async function readState(name: string, options?: CallOptions): Promise<ConnectionState | undefined> {
    const item = await items.read(connectionKey(name), options);
    return item && toConnectionState(item);
  }

  async function tryLease(name: string, request: LeaseRequest, options?: CallOptions) {
    const { owner, now, endsAt, attempt, attemptAt = now, force, evenPaused = false } = request;
    const unpaused = evenPaused ? [] : ['attribute_not_exists(#paused)'];
    const conditions = [REGISTERED, ...unpaused, KNOWN_SCHEMA, FREE_FOR_OWNER];
    const item = await items.update(
      connectionKey(name),
      {
        update:
          'SET #leaseOwner = :owner, #leaseEndsAt = :endsAt, ' +
          '#attempt = if_not_exists(#attempt, :attempt), #attemptAt = if_not_exists(#attemptAt, :attemptAt) ' +
          'REMOVE #dueAgainAt',
        condition: [...conditions, ...(force ? [] : [DUE_FOR_OWNER])].join(' AND '),
        values: { owner, now, endsAt, attempt, attemptAt, schema: SCHEMA },
      },
      options,
    );
    return item && toConnectionState(item);
  }

  return {
    async lease(name, request, options): Promise<LeaseAnswer> {
      for (let tries = 1; ; tries += 1) {
        const acquired = await tryLease(name, request, options);
        if (acquired) return { kind: 'acquired', state: acquired };
        const state = await readState(name, options);
        if (state === undefined || state.removedAt !== undefined) return { kind: 'unknown' };
        const kind = obstacle(state, request);
        if (kind !== undefined) return { kind, state };
        // What stood in the way went away between the two calls.
        if (tries === MAX_TRIES) return { kind: 'busy', state };
      }
    },

    async openAttempt(name, owner, { attempt, versionId, at, sends }, options) {
      const set = ['attempt = :attempt', 'attemptAt = :at', 'refreshTokenVersionId = :versionId'];
      const opening = {
        update: `SET ${[...set, 'unansweredSends = :sends'].map((each) => `#${each}`).join(', ')}`,
        condition: OWNED,
        values: { owner, attempt, at, versionId, sends },
      };
      return items.set(connectionKey(name), opening, options);
    },

    async commit(name, owner, change, options) {
      const pk = connectionKey(name);
      const unchanged = `${OWNED} AND attribute_not_exists(#dueAgainAt)`;
      if (await items.set(pk, commitUpdate(owner, change, unchanged), options)) return true;
      const item = await items.read(pk, options);
      if (item === undefined) return false;
      const { leaseOwner, dueAgainAt } = item;
      if (leaseOwner !== owner || typeof dueAgainAt !== 'number') {
        return shows(toConnectionState(item), change);
      }
      const dueAgain = tryAgain(change, dueAgainAt);
      if (await items.set(pk, commitUpdate(owner, dueAgain, OWNED), options)) return true;
      const state = await readState(name, options);
      return state !== undefined && shows(state, dueAgain);
    },
  };
}

function obstacle(state: ConnectionState, request: LeaseRequest): 'paused' | 'busy' | 'not-due' | undefined {
  const { owner, now, force, evenPaused = false } = request;
  if (state.paused && !evenPaused) return 'paused';
  const held = state.leaseOwner !== undefined && state.leaseOwner !== owner && (state.leaseEndsAt ?? 0) > now;
  if (held) return 'busy';
  return state.dueAt > now && !force ? 'not-due' : undefined;
}

/** The definition changed during the refresh: it is due at once, and what became of the old one is no reason to wait. */
function tryAgain(change: StateChange, dueAt: number): StateChange {
  return {
    ...change,
    dueAt,
    ...(isWaiting(change.lastOutcome ?? undefined) && { lastOutcome: 'retry-later' }),
  };
}

/** Applies the change and releases the lease. */
function commitUpdate(owner: string, change: StateChange, condition: string) {
  const values: Record<string, unknown> = { owner };
  let set = '';
  let removed = '#leaseOwner, #leaseEndsAt, #dueAgainAt';
  for (const [key, value] of Object.entries(change)) {
    if (value === null) removed += `, #${key}`;
    else if (value !== undefined) {
      set += `${set && ', '}#${key} = :${key}`;
      values[key] = value;
    }
  }
  return { update: `${set && `SET ${set} `}REMOVE ${removed}`, condition, values };
}

/**
 * Whether the state shows the change already: then an earlier try succeeded and its answer was lost.
 * A success is known by generation and token version, which are its own; anything else by every value.
 */
function shows(state: ConnectionState, change: StateChange): boolean {
  if (typeof change.generation === 'number' && typeof change.tokenVersionId === 'string') {
    return state.generation === change.generation && state.tokenVersionId === change.tokenVersionId;
  }
  const entries = Object.entries(change).filter(([, value]) => value !== undefined);
  const attributes: Readonly<Record<string, unknown>> = { ...state };
  return (
    entries.length > 0 && entries.every(([key, value]) => isDeepStrictEqual(attributes[key] ?? null, value))
  );
}
