import { beforeEach, describe, expect, it } from 'vitest';
import { Secret } from '../../../../functions/oauth/secret.ts';
import { type RescuedRefreshToken, StoreError } from '../../../../functions/refresh/ports/stores.ts';
import type { RefreshRun } from '../../../../functions/refresh/refresh-run.ts';
import { bringRescueHome, persistRescued } from '../../../../functions/refresh/steps/bring-rescue-home.ts';
import { assertNoCanary, canarySecret } from '../../../support/canary.ts';
import { RefreshWorld } from '../../../support/refresh-world.ts';
import { runOf } from '../run-of.ts';

const SECRET = 'refresh-tokens/crm';
const OPEN = { attempt: 'earlier' };
let world: RefreshWorld;

beforeEach(() => {
  world = new RefreshWorld();
});

function store(versionId: string): void {
  world.secrets.put(SECRET, JSON.stringify({ refresh_token: canarySecret(versionId) }), versionId);
}

/** An earlier refresh spent `replaces`, and could only rescue what that brought. */
function rescue(replaces = 'v1'): void {
  const token = { refresh_token: new Secret(canarySecret('rescued')), obtained_at: 7, attempt: 'earlier' };
  world.rescues.set('crm', { token, attempt: 'earlier', replaces });
}

function failWhen(method: string, error: Error): void {
  world.intercept = async (call, effect) => {
    if (call.method === method) throw error;
    return effect();
  };
}

const calls = () => world.calls.map(({ port, method }) => `${port}.${method}`);
const currentVersion = () => world.secrets.get(SECRET, {})?.versionId;

/** Whatever is called ends with the lease. */
const expectDeadlines = ({ lease }: RefreshRun) =>
  expect(world.calls.filter(({ signal }) => signal !== lease.signal)).toEqual([]);

describe('a rescue', () => {
  it('is not looked for where no attempt is open and there can be none', async () => {
    const run = runOf(world);
    await bringRescueHome(run);
    expect(calls()).toEqual(['rescues.mayExist']);
    expectDeadlines(run);
  });

  it('comes home although the state knows nothing of it', async () => {
    store('v1');
    rescue();
    const run = runOf(world);
    await bringRescueHome(run);
    expect(currentVersion()).toBe('earlier');
    expect(world.rescues.size).toBe(0);
    expectDeadlines(run);
  });

  it('comes home where an attempt is open, though nothing is known of a rescue yet', async () => {
    store('v1');
    rescue();
    world.intercept = async (call, effect) =>
      call.method === 'mayExist' ? (false as Awaited<ReturnType<typeof effect>>) : effect();
    const run = runOf(world, { state: OPEN });
    await bringRescueHome(run);
    expect(currentVersion()).toBe('earlier');
    expect(run.ledger.inherited).toBeUndefined();
    expectDeadlines(run);
  });

  it('that is not there changes nothing of an open attempt', async () => {
    store('v1');
    const run = runOf(world, { state: OPEN });
    await bringRescueHome(run);
    expect(calls()).toEqual(['rescues.get']);
    expect(run.ledger.inherited).toMatchObject(OPEN);
  });

  it('comes home to a secret that is empty', async () => {
    rescue();
    await bringRescueHome(runOf(world));
    expect(currentVersion()).toBe('earlier');
  });

  it('stays where another refresh token is current than the one that was spent for it', async () => {
    store('v1');
    store('v2');
    rescue();
    const run = runOf(world, { state: OPEN });
    await bringRescueHome(run);
    expect(currentVersion()).toBe('v2');
    expect(world.rescues.size).toBe(1);
    expect(run.ledger.toChange()).not.toHaveProperty('refreshTokenVersionId');
    expectDeadlines(run);
  });

  it('goes, and is not written again, when its token is in the secret already', async () => {
    rescue();
    store('earlier');
    store('v2');
    const run = runOf(world);
    await bringRescueHome(run);
    expect(world.rescues.size).toBe(0);
    expect(currentVersion()).toBe('v2');
    expect(world.secrets.versions(SECRET)).toHaveLength(2);
    expectDeadlines(run);
  });
});

describe('an outage of where rescues lie', () => {
  const outage = new StoreError('transient', 'ServiceUnavailable', 'try again');

  it('stops no refresh where nothing points at a rescue, and is logged', async () => {
    rescue();
    failWhen('get', outage);
    await bringRescueHome(runOf(world));
    expect(world.logged).toEqual([expect.stringMatching(/^warn .*rescue.*"crm".*"ServiceUnavailable"/)]);
    expect(world.rescues.size).toBe(1);
  });

  it('stops a refresh that finds an attempt open: the rescue may hold what it brought', async () => {
    rescue();
    failWhen('get', outage);
    await expect(bringRescueHome(runOf(world, { state: OPEN }))).rejects.toBe(outage);
  });

  it('is no excuse for an error of another kind', async () => {
    rescue();
    const unexpected = new TypeError('not a function');
    failWhen('get', unexpected);
    await expect(bringRescueHome(runOf(world))).rejects.toBe(unexpected);
  });
});

describe('a rescued refresh token that is persisted', () => {
  it('becomes the current version under the id of its attempt, and is what counts', async () => {
    store('v2');
    rescue();
    const run = runOf(world, { state: OPEN });
    const persisted = await persistRescued(run);
    expect(persisted).toMatchObject({ versionId: 'earlier', stages: ['AWSCURRENT'] });
    expect(persisted?.value.refresh_token.reveal()).toBe(canarySecret('rescued'));
    expect(run.ledger.toChange()).toMatchObject({ attempt: null, refreshTokenVersionId: 'earlier' });
    expectDeadlines(run);
  });

  it('is itself what is gone on with, though it was stored before and another is current by now', async () => {
    rescue();
    const run = runOf(world);
    const { token, attempt } = world.rescues.get('crm') as RescuedRefreshToken;
    await run.ports.refreshTokens.put('crm', token, attempt);
    store('v2');
    expect(await persistRescued(run)).toMatchObject({ versionId: 'earlier' });
  });

  it('leaves the rescue only after it is stored', async () => {
    rescue();
    failWhen('put', new StoreError('denied', 'AccessDeniedException', 'not allowed'));
    const run = runOf(world, { state: OPEN });
    await expect(persistRescued(run)).rejects.toMatchObject({ code: 'AccessDeniedException' });
    expect(world.rescues.size).toBe(1);
    expect(run.ledger.inherited).toMatchObject(OPEN);
  });

  it('is written to the log with its connection, and not itself', async () => {
    rescue();
    await persistRescued(runOf(world));
    expect(world.logged).toEqual([expect.stringMatching(/^info .*rescued.*"crm"/)]);
    assertNoCanary(world.logged.join('\n'), 'the log');
  });

  it('is none where no rescue lies', async () => {
    store('v1');
    expect(await persistRescued(runOf(world))).toBeUndefined();
    expect(currentVersion()).toBe('v1');
  });
});
