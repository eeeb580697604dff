import { describe, expect, it } from 'vitest';
import { TokenError } from '../../../functions/oauth/token-error.ts';
import {
  beginEachTestAnew,
  denied,
  failWhen,
  isExchange,
  item,
  MINUTE,
  refreshed,
  world,
} from './crm-world.ts';

beginEachTestAnew();

const SECOND = 1000;
const CLIENT = { grants: ['client_credentials'] };

const logged = (level: string) => world.logged.filter((line) => line.startsWith(`${level} `));

describe('a refresh whose lease was lost', () => {
  it('changes nothing and tells of nothing: whoever has it does', async () => {
    await refreshed();
    const before = world.events.length;
    world.intercept = async (call, effect) => {
      const state = item();
      if (call.method === 'publish' && state) {
        world.state.items.set('crm', {
          ...state,
          leaseOwner: 'other',
          leaseEndsAt: world.clock.now() + MINUTE,
        });
      }
      return effect();
    };
    expect((await world.refreshWhenDue('crm')).outcome).toBe('refreshed');
    expect(item()).toMatchObject({ leaseOwner: 'other', generation: 1 });
    expect(world.events).toHaveLength(before);
    expect(logged('warn')).toEqual([expect.stringMatching(/lease.*"connection":"crm"/)]);
    expect(logged('error')).toEqual([]);
  });
});

describe('a refresh that cannot be committed', () => {
  it('tells operators, and nobody else', async () => {
    await refreshed();
    const before = world.events.length;
    failWhen(({ method }) => method === 'commit', denied);
    expect((await world.refreshWhenDue('crm')).outcome).toBe('refreshed');
    expect(world.events).toHaveLength(before);
    expect(logged('error')).toEqual([
      expect.stringContaining('{"connection":"crm","code":"AccessDeniedException"}'),
    ]);
    expect(logged('warn')).toEqual([]);
  });
});

describe('a refresh that is committed', () => {
  it('neither warns nor complains', async () => {
    await refreshed();
    await world.refreshWhenDue('crm');
    expect([...logged('warn'), ...logged('error')]).toEqual([]);
  });
});

describe('a notice that could not be told', () => {
  it('is told a minute later without an exchange, and the token is refreshed when that is due', async () => {
    await world.connect('crm', CLIENT);
    failWhen((call) => isExchange(call) || call.method === 'told', denied);
    await world.refresh('crm');
    failWhen(({ method }) => method === 'told', denied);
    expect((await world.refreshWhenDue('crm')).outcome).toBe('refreshed');
    const { dueAfterTold } = item() ?? {};
    const before = { sent: world.provider.exchanges.length, told: world.events.length };
    world.intercept = (_, effect) => effect();
    world.clock.advance(MINUTE);
    expect((await world.refresh('crm')).outcome).toBe('refreshed');
    expect(world.provider.exchanges).toHaveLength(before.sent);
    expect(world.events.slice(before.told).map(({ detailType }) => detailType)).toContain(
      'Connection Recovered',
    );
    expect(item()?.dueAt).toBe(dueAfterTold);
    expect((await world.refreshWhenDue('crm')).outcome).toBe('refreshed');
    expect(world.provider.exchanges).toHaveLength(before.sent + 1);
  });
});

describe('a call that never answers', () => {
  it.each([
    ['the lease ends', 5 * MINUTE, 115],
    ['the function ends', MINUTE, 55],
  ])('is aborted five seconds before %s', async (_, functionTimeMs, seconds) => {
    await world.connect('crm', CLIENT);
    world.functionTimeMs = functionTimeMs;
    let abortedAt = 0;
    world.intercept = async (call, effect) => {
      if (!isExchange(call)) return effect();
      await world.clock.sleep(60 * MINUTE, call.signal);
      abortedAt = world.clock.now();
      throw new TokenError('unanswered', 'aborted', 'no answer came');
    };
    const startedAt = world.clock.now();
    await world.refresh('crm');
    expect(abortedAt - startedAt).toBe(seconds * SECOND);
  });
});
