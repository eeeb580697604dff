import { beforeEach, describe, expect, it } from 'vitest';
import type { Connection } from '../../../../functions/connections/connection.ts';
import { StoreError } from '../../../../functions/refresh/ports/stores.ts';
import { RefreshWorld } from '../../../support/refresh-world.ts';

const MINUTE = 60_000;
const arn = (name: string) => `arn:aws:secretsmanager:eu-west-1:123456789012:secret:${name}`;
const publishingTo = (secretArn: string): Partial<Connection> => ({
  grants: ['client_credentials'],
  token: { secretArn, fields: {} },
});
let world: RefreshWorld;

beforeEach(async () => {
  world = new RefreshWorld();
  await world.connect('crm', publishingTo(arn('legacy-AbCdEf')));
  expect((await world.refresh('crm')).outcome).toBe('refreshed');
});

describe('the secret of one connection’s token', () => {
  it.each(['legacy-AbCdEf', 'legacy'])(
    'is published to by no other, as %s, and nothing is exchanged',
    async (name) => {
      const exchanges = world.provider.exchanges.length;
      await world.connect('thief', publishingTo(arn(name)));
      expect(await world.refresh('thief')).toMatchObject({
        outcome: 'misconfigured',
        error: {
          message: 'token.secretArn: "crm" publishes its token there: each needs a secret of its own',
          remedy: expect.stringContaining('declaration of "thief"'),
        },
      });
      expect(world.provider.exchanges).toHaveLength(exchanges);
      world.clock.advance(61 * MINUTE);
      expect((await world.refresh('crm')).outcome).toBe('refreshed');
    },
  );

  it.each<[string, () => Promise<unknown>]>([
    ['is removed', () => world.state.unregister('crm', world.clock.now(), { confirmed: true })],
    ['is gone from the table', async () => world.state.items.delete('crm')],
    ['names another', () => world.connect('crm', publishingTo(arn('other-AbCdEf')))],
    ['has its own again', () => world.connect('crm', { grants: ['client_credentials'] })],
  ])('goes to another once the first %s', async (_, leave) => {
    await leave();
    await world.connect('heir', publishingTo(arn('legacy-AbCdEf')));
    expect((await world.refresh('heir')).outcome).toBe('refreshed');
  });

  it('is claimed with one call where nobody else has it', async () => {
    world.calls.length = 0;
    world.clock.advance(61 * MINUTE);
    expect((await world.refresh('crm')).outcome).toBe('refreshed');
    const asked = world.calls.filter(({ port }) => port === 'state').map(({ method }) => method);
    expect(asked.filter((method) => method === 'claimSecret' || method === 'get')).toEqual(['claimSecret']);
  });

  it.each(['claimSecret', 'get'])(
    'is given up before the lease ends where %s hangs, and nothing is exchanged',
    async (method) => {
      await world.connect('thief', publishingTo(arn('legacy-AbCdEf')));
      const [exchanges, startedAt] = [world.provider.exchanges.length, world.clock.now()];
      world.intercept = async (call, effect) => {
        if (call.method !== method) return effect();
        await world.clock.sleep(60 * MINUTE, call.signal);
        throw new StoreError('transient', 'AbortError', 'no answer');
      };
      expect((await world.refresh('thief')).outcome).toBe('retry-later');
      expect(world.clock.now() - startedAt).toBeLessThan(2 * MINUTE);
      expect(world.provider.exchanges).toHaveLength(exchanges);
    },
  );
});
