import { beforeEach } from 'vitest';
import type { ConnectionState } from '../../../functions/refresh/connection-state.ts';
import { StoreError } from '../../../functions/refresh/ports/stores.ts';
import { type Call, RefreshWorld } from '../../support/refresh-world.ts';

export const MINUTE = 60_000;

/** Where a connection "crm" is refreshed: a new one for each test of a file that asks for it. */
export let world: RefreshWorld;

/** To be called once by a file of tests. */
export function beginEachTestAnew(): void {
  beforeEach(() => {
    world = new RefreshWorld();
  });
}

/** A connection whose first refresh is behind it. */
export async function refreshed(name = 'crm', connection = {}): Promise<void> {
  await world.connect(name, connection);
  world.storeRefreshToken(name);
  await world.refresh(name);
}

/** Makes calls fail, before they have an effect or after it. */
export function failWhen(
  matches: (call: Call) => boolean,
  error: () => Error,
  { afterEffect = false } = {},
): void {
  world.intercept = async (call, effect) => {
    if (!matches(call)) return effect();
    if (afterEffect) await effect();
    throw error();
  };
}

export const transient = () => new StoreError('transient', 'InternalServiceError', 'try again');
export const denied = () => new StoreError('denied', 'AccessDeniedException', 'not allowed');
export const isPut = ({ port, method }: Call) => port === 'refreshTokens' && method === 'put';
export const isExchange = ({ method }: Call) => method === 'exchange';

/** The version of its refresh token that is current. */
export const current = () => world.secrets.get('refresh-tokens/crm', {});

/** Its state. */
export const item = (name = 'crm'): ConnectionState | undefined => world.state.items.get(name);
