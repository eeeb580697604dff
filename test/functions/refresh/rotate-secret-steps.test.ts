import { beforeEach, describe, expect, it } from 'vitest';
import type { RotationStep } from '../../../functions/refresh/rotate-secret.ts';
import { assertNoCanary, canarySecret } from '../../support/canary.ts';
import { NAME, RotationWorld } from './rotation-world.ts';

const HOUR = 3_600_000;
let world: RotationWorld;

beforeEach(async () => {
  world = new RotationWorld();
  await world.connect(NAME, { provider: 'probed', consoleRotate: true });
  world.storeRefreshToken(NAME);
});

/** A token that a tick published, and a rotation that has begun since. */
async function begun(): Promise<void> {
  await world.refresh(NAME);
  world.clock.advance(HOUR / 20);
  world.reserve();
}

/** The same after its first step. */
async function created(): Promise<void> {
  await begun();
  await world.rotate('createSecret');
  world.probes.length = 0;
}

async function tick(): Promise<void> {
  expect((await world.refreshWhenDue(NAME)).outcome).toBe('refreshed');
}

it('a rotation goes through all four steps, and again', async () => {
  await world.refresh(NAME);
  for (let round = 0; round < 3; round += 1) {
    world.clock.advance(HOUR / 20);
    world.reserve();
    const replaced = world.currentToken();
    for (const step of ['createSecret', 'setSecret', 'testSecret', 'finishSecret'] as const) {
      await world.rotate(step);
    }
    expect(world.holderOf('AWSCURRENT')).toBe(world.state.items.get(NAME)?.tokenVersionId);
    expect(world.currentToken()).not.toBe(replaced);
    expect(world.holderOf('AWSPENDING')).toBeUndefined();
    await tick();
  }
  expect(world.provider.doubleSpends).toEqual([]);
});

describe.each<RotationStep>(['createSecret', 'setSecret', 'testSecret'])('%s', (step) => {
  it.each<[string, () => Promise<void>]>([
    [
      'nobody reserved',
      async () => {
        world.reserved = 'unheard-of';
      },
    ],
    ['is published and no longer pending', () => world.rotate('finishSecret')],
  ])('is refused for a version that %s, and does nothing', async (_, become) => {
    await created();
    await become();
    const labels = new Map(world.labels);
    world.clock.advance(HOUR / 20);
    await expect(world.rotate(step)).rejects.toMatchObject({
      code: 'not_pending',
      message: expect.stringContaining(world.reserved),
    });
    expect(world.labels).toEqual(labels);
    expect([world.provider.exchanges.length, world.probes.length]).toEqual([2, 0]);
    expect(world.logged.filter((line) => line.startsWith('error'))).toEqual([]);
  });
});

describe('setSecret', () => {
  it('changes nothing: the provider has the token already', async () => {
    await created();
    const labels = new Map(world.labels);
    await world.rotate('setSecret');
    expect(world.labels).toEqual(labels);
  });
});

describe('testSecret', () => {
  it('probes the token that was published', async () => {
    await created();
    await world.rotate('testSecret');
    expect(world.probes).toMatchObject([{ authorization: `Bearer ${world.currentToken()}` }]);
  });

  it('probes the newer token that a tick has published since', async () => {
    await created();
    const replaced = world.currentToken();
    await tick();
    expect(world.currentToken()).not.toBe(replaced);
    await world.rotate('testSecret');
    expect(world.probes).toMatchObject([{ authorization: `Bearer ${world.currentToken()}` }]);
  });

  it.each([401, 503])('fails when that is answered with %s, and ends the rotation', async (status) => {
    await created();
    world.answerProbe = () => status;
    await expect(world.rotate('testSecret')).rejects.toMatchObject({
      code: 'probe_failed',
      message: expect.stringContaining(`HTTP ${status}`),
    });
    expect(world.labels.get(world.reserved)).toEqual(['AWSCURRENT']);
  });

  it('has nothing to probe before the first token', async () => {
    world.reserve();
    await world.rotate('testSecret');
    expect(world.probes).toEqual([]);
    expect(world.holderOf('AWSPENDING')).toBe(world.reserved);
  });
});

describe('finishSecret', () => {
  it('takes the pending label away, and moves no other', async () => {
    await created();
    await world.rotate('finishSecret');
    expect(world.labels.get(world.reserved)).toEqual(['AWSCURRENT']);
  });

  it('can be repeated', async () => {
    await created();
    await world.rotate('finishSecret');
    const labels = new Map(world.labels);
    await world.rotate('finishSecret');
    expect(world.labels).toEqual(labels);
  });

  it('keeps the newer token of a tick current, and can be repeated though its version is gone', async () => {
    await created();
    await tick();
    const current = world.holderOf('AWSCURRENT');
    expect(current).not.toBe(world.reserved);
    for (let time = 0; time < 2; time += 1) {
      await world.rotate('finishSecret');
      expect(world.holderOf('AWSCURRENT')).toBe(current);
      expect(world.labels.has(world.reserved)).toBe(false);
    }
  });

  it('fails before the first token, and ends the rotation', async () => {
    world.reserve();
    await expect(world.rotate('finishSecret')).rejects.toMatchObject({
      code: 'no_token',
      message: expect.stringContaining(`"${NAME}"`),
    });
    expect(world.labels.size).toBe(0);
  });
});

it('a step that failed says why, even where the pending label cannot be taken away', async () => {
  await begun();
  world.answerProbe = () => 401;
  world.removalFails = new TypeError(canarySecret('words'));
  await expect(world.rotate('createSecret')).rejects.toMatchObject({ code: 'probe_failed' });
  const line = world.logged.find((entry) => entry.includes('AWSPENDING')) ?? '';
  expect(line).toMatch(/^error /);
  expect(line).toContain(NAME);
  expect(line).toContain('TypeError');
  assertNoCanary(line, 'the log');
});
