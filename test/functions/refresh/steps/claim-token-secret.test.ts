import { beforeEach, describe, expect, it } from 'vitest';
import type { Connection } from '../../../../functions/connections/connection.ts';
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
    ['is removed', () => world.state.unregister('crm', world.clock.now())],
    ['names another', () => world.connect('crm', publishingTo(arn('other-AbCdEf')))],
    ['has its own again', () => world.connect('crm', { grants: ['client_credentials'] })],
  ])('goes to another once the first %s', async (_, leave) => {
    await leave();
    await world.connect('heir', publishingTo(arn('legacy-AbCdEf')));
    expect((await world.refresh('heir')).outcome).toBe('refreshed');
  });
});
