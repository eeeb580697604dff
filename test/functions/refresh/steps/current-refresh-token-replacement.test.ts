import { beforeEach, describe, expect, it } from 'vitest';
import { Secret } from '../../../../functions/oauth/secret.ts';
import type { StoredRefreshToken } from '../../../../functions/refresh/ports/stores.ts';
import { replacementFor } from '../../../../functions/refresh/steps/current-refresh-token.ts';
import { canarySecret } from '../../../support/canary.ts';
import { type Intercept, RefreshWorld } from '../../../support/refresh-world.ts';
import { runOf, v1 } from '../run-of.ts';
import { NOW } from '../state-of.ts';

const SECRET = 'refresh-tokens/crm';
/** `v1` as a refresh stored it, in place of `v0`. */
const OBTAINED = { attempt: 'v1', replaces: 'v0' };
let world: RefreshWorld;

beforeEach(() => {
  world = new RefreshWorld();
});

function store(versionId: string): void {
  world.secrets.put(SECRET, JSON.stringify({ refresh_token: canarySecret(versionId) }), versionId);
}

function rescue(): void {
  const token = { refresh_token: new Secret(canarySecret('rescued')), obtained_at: 0, attempt: 'earlier' };
  world.rescues.set('crm', { token, attempt: 'earlier', replaces: 'v1' });
}

/** What is tried in place of `v1`, which was stored at `NOW` and refused. */
async function replacement(refused: Partial<StoredRefreshToken> = OBTAINED) {
  const run = runOf(world);
  const found = await replacementFor({ ...v1(refused), createdAt: NOW }, run);
  expect(world.calls.filter(({ signal }) => signal !== run.lease.signal)).toEqual([]);
  return found?.versionId;
}

describe('in place of a refresh token that was refused', () => {
  it.each([
    ['at the same instant', 0],
    ['later', 1],
  ])('the current one is tried that was stored %s', async (_, ms) => {
    store('v1');
    world.clock.advance(ms);
    store('v2');
    rescue();
    expect(await replacement()).toBe('v2');
    expect(world.rescues.size).toBe(1);
  });

  it('the rescue is tried where the refused one is current', async () => {
    store('v1');
    rescue();
    expect(await replacement()).toBe('earlier');
    expect(world.rescues.size).toBe(0);
  });

  it('the rescue is tried where an older one was made current again', async () => {
    store('v1');
    world.clock.advance(-1);
    store('v2');
    rescue();
    expect(await replacement()).toBe('earlier');
  });

  it('a person’s is tried that it displaced', async () => {
    store('v0');
    store('signed-in');
    store('v1');
    expect(await replacement()).toBe('signed-in');
    // Where there can be no rescue, none is asked for.
    expect(world.calls.map(({ method }) => method)).not.toContain('get');
  });

  it('a person’s is tried where it only seemed that a rescue is there', async () => {
    store('signed-in');
    store('v1');
    world.intercept = (async (call, effect) => call.method === 'mayExist' || effect()) as Intercept;
    expect(await replacement()).toBe('signed-in');
  });

  it('the one that was spent for it is never sent again', async () => {
    store('v0');
    store('v1');
    expect(await replacement()).toBeUndefined();
  });

  it('none is tried that a person had replaced', async () => {
    store('v0');
    store('v1');
    expect(await replacement({})).toBeUndefined();
  });

  it('none is tried where there never was another', async () => {
    store('v1');
    expect(await replacement()).toBeUndefined();
  });

  it('it is not tried itself where it lost its place to an older one', async () => {
    store('v1');
    world.clock.advance(-1);
    store('v2');
    expect(await replacement()).toBeUndefined();
  });
});
