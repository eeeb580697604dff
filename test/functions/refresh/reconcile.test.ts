import { beforeEach, describe, expect, it } from 'vitest';
import type { Connection } from '../../../functions/connections/connection.ts';
import { StoreError } from '../../../functions/refresh/ports/stores.ts';
import { reconcile } from '../../../functions/refresh/reconcile.ts';
import { RefreshWorld, ROTATING } from '../../support/refresh-world.ts';

const DAY = 24 * 3_600_000;
let world: RefreshWorld;
let declared: Map<string, Connection | StoreError>;

beforeEach(() => {
  world = new RefreshWorld();
  declared = new Map([['crm', ROTATING]]);
});

const ports = (listed = declared) => ({
  ...world.ports(),
  declared: {
    get: async (name: string) => {
      const definition = declared.get(name);
      if (definition instanceof StoreError) throw definition;
      return definition;
    },
    async *list() {
      for (const [name, definition] of listed) yield { name, definition };
    },
  },
});

const run = (listed?: typeof declared) => reconcile(ports(listed));

describe('reconciling', () => {
  it('registers what is declared, once, due at once', async () => {
    expect(await run()).toEqual({ registered: ['crm'], removed: [], unreadable: [] });
    expect(world.state.items.get('crm')?.dueAt).toBe(world.clock.now());
    expect((await run()).registered).toEqual([]);
  });

  it('takes over a changed declaration', async () => {
    await run();
    declared.set('crm', { ...ROTATING, scope: 'read' });
    expect((await run()).registered).toEqual(['crm']);
    expect(world.state.items.get('crm')?.definition.scope).toBe('read');
  });

  it('removes what is not declared any more', async () => {
    await run();
    declared.delete('crm');
    expect((await run()).removed).toEqual(['crm']);
  });

  it('removes nothing that a listing merely missed', async () => {
    await run();
    expect((await run(new Map())).removed).toEqual([]);
  });

  it('leaves a connection alone whose declaration cannot be read', async () => {
    await run();
    declared.set('crm', new StoreError('malformed', 'malformed', 'grants: expected an array'));
    expect(await run()).toEqual({ registered: [], removed: [], unreadable: ['crm'] });
  });

  it('warns of a paused connection whose refresh token will die, once a day from 14 days ahead', async () => {
    await run();
    const item = world.state.items.get('crm');
    if (!item) throw new Error('not registered');
    world.state.items.set('crm', {
      ...item,
      paused: true,
      refreshTokenExpiresAt: world.clock.now() + 20 * DAY,
    });
    for (let hour = 0; hour < 20 * 24; hour += 1) {
      world.clock.advance(3_600_000);
      await run();
    }
    const warnings = world.events.filter(({ detailType }) => detailType === 'Refresh Token Expiring');
    expect(warnings).toHaveLength(15);
  });
});
