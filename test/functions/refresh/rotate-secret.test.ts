import { beforeEach, describe, expect, it } from 'vitest';
import { TokenError } from '../../../functions/oauth/token-error.ts';
import { assertNoCanary, canarySecret } from '../../support/canary.ts';
import { ROTATING } from '../../support/refresh-world.ts';
import { NAME, RotationWorld } from './rotation-world.ts';

const MINUTE = 60_000;
const ROTATABLE = { provider: 'probed', consoleRotate: true };
let world: RotationWorld;
/** The version and the token that readers got before the rotation. */
let before: { readonly version: string | undefined; readonly token: string | undefined };

beforeEach(async () => {
  world = new RotationWorld();
  await world.connect(NAME, ROTATABLE);
  world.storeRefreshToken(NAME);
  await world.refresh(NAME);
  world.clock.advance(2 * MINUTE);
  world.reserve();
  before = { version: world.holderOf('AWSCURRENT'), token: world.currentToken() };
});

/** What must hold after a rotation that failed: readers have what they had, and another rotation may begin. */
function expectNothingMoved(): void {
  expect(world.holderOf('AWSCURRENT')).toBe(before.version);
  expect(world.currentToken()).toBe(before.token);
  expect(world.holderOf('AWSPENDING')).toBeUndefined();
}

describe('createSecret', () => {
  it('refreshes though nothing is due, and publishes under the version that was reserved', async () => {
    await world.rotate('createSecret');
    expect(world.labels.get(world.reserved)).toEqual(expect.arrayContaining(['AWSCURRENT', 'AWSPENDING']));
    expect(world.currentToken()).not.toBe(before.token);
    expect(world.state.items.get(NAME)).toMatchObject({ generation: 2, tokenVersionId: world.reserved });
    expect(world.provider.exchanges).toHaveLength(2);
    expect(world.provider.isAlive(world.storedRefreshToken(NAME) ?? '')).toBe(true);
  });

  it('probes the new token once, before anybody can read it', async () => {
    await world.rotate('createSecret');
    expect(world.probes).toEqual([
      {
        method: 'GET',
        url: 'https://idp.example.com/v1/me',
        authorization: `Bearer ${world.currentToken()}`,
        current: before.version,
      },
    ]);
  });

  it.each([401, 503])(
    'leaves the old token current when the probe is answered with %s, and loses nothing',
    async (status) => {
      world.answerProbe = () => status;
      await expect(world.rotate('createSecret')).rejects.toMatchObject({
        name: 'RotationFailed',
        code: 'probe_failed',
        message: expect.stringContaining(`HTTP ${status}`),
      });
      expectNothingMoved();
      expect(world.state.items.get(NAME)).toMatchObject({
        lastOutcome: 'retry-later',
        lastErrorSource: 'provider',
        lastErrorCode: 'probe_failed',
      });
      expect((await world.refreshWhenDue(NAME)).outcome).toBe('refreshed');
      expect(world.currentToken()).not.toBe(before.token);
      expect(world.provider.doubleSpends).toEqual([]);
    },
  );

  it('takes a probe without an answer for a failed one', async () => {
    world.answerProbe = () => {
      throw new TokenError('unanswered', 'reset', 'the connection was reset');
    };
    const failed = { code: 'probe_failed', message: 'the connection was reset' };
    await expect(world.rotate('createSecret')).rejects.toMatchObject(failed);
    expectNothingMoved();
  });

  it('shows nothing of an unforeseen error of a probe, which may hold the token', async () => {
    world.answerProbe = () => {
      throw new TypeError(`invalid header: ${canarySecret('access-token')}`);
    };
    const error = await world.rotate('createSecret').catch((failed: Error) => failed);
    expect(error).toMatchObject({ name: 'RotationFailed', code: 'unexpected_error' });
    assertNoCanary(`${error} ${JSON.stringify(error)} ${world.logged.join()}`, 'what is logged');
    expectNothingMoved();
  });

  it('probes nothing where no provider says how, and looks for no provider', async () => {
    await world.connect(NAME, { consoleRotate: true });
    await world.rotate('createSecret');
    expect(world.holderOf('AWSCURRENT')).toBe(world.reserved);
    expect(world.probes).toEqual([]);
    world.presetsAsked.length = 0;
    await world.rotate('testSecret');
    expect([world.probes, world.presetsAsked]).toEqual([[], []]);
  });

  it('exchanges nothing when it is repeated after it had published', async () => {
    await world.rotate('createSecret');
    const token = world.currentToken();
    world.clock.advance(2 * MINUTE);
    await world.rotate('createSecret');
    expect(world.provider.exchanges).toHaveLength(2);
    expect(world.currentToken()).toBe(token);
  });

  it('exchanges nothing right after a refresh, and leaves its token current', async () => {
    await world.refresh(NAME, { force: true });
    const token = world.currentToken();
    await world.rotate('createSecret');
    expect(world.provider.exchanges).toHaveLength(2);
    expect(world.currentToken()).toBe(token);
    expect(world.labels.get(world.reserved)).toEqual(['AWSPENDING']);
  });

  it('fails with what the provider said when the refresh fails', async () => {
    world.provider.revokeAll();
    await expect(world.rotate('createSecret')).rejects.toMatchObject({
      code: 'invalid_grant',
      message: 'the refresh token is not valid',
    });
    expectNothingMoved();
  });

  it('fails with the outcome where a refresh is not made, as of a paused connection', async () => {
    await world.state.setPaused(NAME, true, world.clock.now());
    await expect(world.rotate('createSecret')).rejects.toMatchObject({
      code: 'paused',
      message: expect.stringContaining('paused'),
    });
    expectNothingMoved();
    expect(world.provider.exchanges).toHaveLength(1);
  });

  it('registers a connection that is declared and not yet known', async () => {
    world.declared.set('new', { ...ROTATING, grants: ['client_credentials'], consoleRotate: true });
    await world.rotate('createSecret', 'new');
    expect(world.holderOf('AWSCURRENT')).toBe(world.reserved);
    expect(world.state.items.get('new')?.lastOutcome).toBe('refreshed');
  });
});

describe('a connection that is not rotated', () => {
  it('has its token in a parameter', async () => {
    await world.connect('crm', { consoleRotate: true });
    const item = world.state.items.get('crm');
    if (item) world.state.items.set('crm', { ...item, publishedTo: 'parameter' });
    await expect(world.rotate('createSecret', 'crm')).rejects.toMatchObject({
      code: 'not_rotatable',
      message: expect.stringContaining('are in a parameter'),
    });
  });

  const secretArn = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:legacy-AbCdEf';
  it.each([
    ['does not allow it', { consoleRotate: false }, /"consoleRotate": true/],
    [
      'publishes to a secret of its own',
      { consoleRotate: true, token: { secretArn, fields: {} } },
      /secret of its own/,
    ],
  ])('%s', async (_, definition, words) => {
    await world.connect(NAME, { provider: 'probed', ...definition });
    for (const step of ['createSecret', 'testSecret'] as const) {
      world.reserve();
      const failed = { code: 'not_rotatable', message: expect.stringMatching(words) };
      await expect(world.rotate(step)).rejects.toMatchObject(failed);
      expectNothingMoved();
    }
    expect([world.provider.exchanges.length, world.probes.length]).toEqual([1, 0]);
  });

  it('is not declared', async () => {
    await expect(world.rotate('createSecret', 'typo')).rejects.toMatchObject({
      code: 'unknown_connection',
      message: expect.stringContaining('"typo"'),
    });
    expectNothingMoved();
  });
});
