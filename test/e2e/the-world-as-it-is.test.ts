import { PutParameterCommand } from '@aws-sdk/client-ssm';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Connection } from '../../functions/connections/connection.ts';
import { AwsError } from '../../local/aws/wire/error-answer.ts';
import { TestAws } from '../support/aws.ts';
import { ComposedRefresher } from '../support/composed-refresher.ts';
import { LeapingClock } from '../support/leaping-clock.ts';
import { FAULTS } from '../support/token-endpoint-faults.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const clock = new LeapingClock();
let aws: TestAws;
let refresher: ComposedRefresher;

beforeAll(async () => {
  aws = await TestAws.startDirect(clock);
});
afterAll(() => aws[Symbol.asyncDispose]());
afterEach(() => refresher[Symbol.asyncDispose]());

async function begin(connection: Partial<Connection> = {}): Promise<void> {
  refresher = await ComposedRefresher.start(aws, clock, { connection });
  await refresher.untilDue();
}

/**
 * Time passes by minutes, `least` at least, until the connection is due: no tick before that would look at it.
 * @returns in how many milliseconds it was due
 */
async function passIdleMinutes(least: number, endsAt: number): Promise<number> {
  const { dueAt } = await refresher.state();
  const dueIn = dueAt - clock.now();
  clock.passMinutesUntil(Math.min(endsAt, Math.max(dueAt, clock.now() + least * MINUTE)));
  return dueIn;
}

/** No refresh token was lost or spent twice, and what is stored lives. */
async function expectFamilyAlive(): Promise<void> {
  expect(refresher.endpoint.doubleSpends).toBe(0);
  expect(refresher.endpoint.isAlive((await refresher.stored()).refreshToken)).toBe(true);
}

const CHAINS = [['refresh_token'], ['client_credentials'], ['refresh_token', 'client_credentials']];

describe('trouble at the provider ends by itself', () => {
  it.each(CHAINS.map((grants) => ({ grants })))(
    'a block page for a day, $grants: healthy within the hour',
    async ({ grants }) => {
      await begin({ grants });
      refresher.endpoint.break('HTML 403');
      const sent = refresher.endpoint.requests.length;
      const mints = grants.includes('client_credentials');
      const from = clock.now();
      for (const endsAt = from + 24 * HOUR; clock.now() < endsAt; ) {
        // Once the pace is steady, fewer ticks show it as well: what is minted is asked for at each of them.
        const isSteady = clock.now() >= from + (mints ? 3 : 6) * HOUR;
        const dueIn = await passIdleMinutes(isSteady ? (mints ? 60 : 15) : 5, endsAt);
        if (isSteady) expect(dueIn).toBeLessThanOrEqual(5 * MINUTE);
        const before = refresher.endpoint.requests.length;
        await refresher.tick();
        if (mints) expect(refresher.endpoint.requests.length).toBeGreaterThan(before);
      }
      // A refresh token is shown ever more seldom.
      if (!mints) expect(refresher.endpoint.requests.length - sent).toBeLessThan(60);
      refresher.endpoint.repair();
      expect(await refresher.ticksUntil('healthy', 60)).toBeDefined();
      await expectFamilyAlive();
    },
    60_000,
  );

  it('four 503 and then a 403: each kind is counted apart, and nobody is asked to sign in', async () => {
    await begin();
    let answers = 0;
    refresher.endpoint.breakWith((exchange) => {
      answers += 1;
      const fault = answers <= 4 ? FAULTS['503'] : FAULTS['403'];
      if (fault !== 'reset') fault(exchange);
      if (answers === 5) refresher.endpoint.repair();
    });
    for (let minutes = 0; answers < 5; minutes += 1) {
      expect(minutes).toBeLessThan(60);
      await refresher.ticksFor(1);
    }
    expect((await refresher.standing()).state.lastOutcome).toBe('retry-later');
    expect(await refresher.ticksUntil('healthy', 5)).toBeDefined();
    await expectFamilyAlive();
  });

  it('503 with invalid_grant is no refusal: sent again when it can no longer take effect, and healthy', async () => {
    await begin();
    refresher.endpoint.break('503 invalid_grant');
    await refresher.refresh();
    refresher.endpoint.repair();
    expect(await refresher.ticksUntil('healthy', 5)).toBeDefined();
    await expectFamilyAlive();
    expect(refresher.told).not.toContain('Connection Needs Attention');
  });
});

describe('a refresh token that was refused for sure', () => {
  const refuse = async () => {
    await begin();
    refresher.endpoint.break('400 invalid_grant');
    expect(await refresher.refresh()).toMatchObject({ outcome: 'needs-reauthorization' });
    refresher.endpoint.repair();
    return refresher.endpoint.requests.length;
  };

  it('is sent once more after an hour, since servers err', async () => {
    const sent = await refuse();
    refresher.endpoint.break('400 invalid_grant');
    await refresher.ticksFor(58);
    // One try for the sake of the reader, shortly before the token ends that readers have.
    expect(refresher.endpoint.requests.length).toBe(sent + 1);
    refresher.endpoint.repair();
    expect(await refresher.ticksUntil('healthy', 4)).toBeDefined();
    await expectFamilyAlive();
  });

  it('is sent in time to save the reader of a token that still lives', async () => {
    const sent = await refuse();
    const { expiresAt } = await refresher.state();
    const leftMs = (expiresAt ?? 0) - clock.now();
    await refresher.ticksFor(Math.floor(leftMs / MINUTE - 2));
    expect(refresher.endpoint.requests.length).toBe(sent);
    expect(await refresher.ticksUntil('healthy', 2)).toBeDefined();
    expect(clock.now()).toBeLessThan(expiresAt ?? 0);
    await expectFamilyAlive();
  });

  it('and once a day after that', async () => {
    await refuse();
    refresher.endpoint.break('400 invalid_grant');
    const sent = refresher.endpoint.requests.length;
    for (let hours = 0; hours < 72; hours += 3) {
      clock.advance(3 * HOUR);
      await refresher.tick();
    }
    const again = refresher.endpoint.requests.length - sent;
    expect(again).toBeGreaterThanOrEqual(3);
    expect(again).toBeLessThanOrEqual(4);
  }, 60_000);

  it('is sent at once when the credentials change', async () => {
    const sent = await refuse();
    await aws.putSecret(`${refresher.namespace}/credentials/client`, {
      client_id: 'client-1',
      client_secret: 'fake-CANARY-another',
    });
    expect(await refresher.ticksUntil('healthy', 2)).toBeDefined();
    expect(refresher.endpoint.requests.length).toBe(sent + 1);
  });

  it('is sent at once when the definition changes', async () => {
    await refuse();
    await refresher.redeclare({ scope: 'read' });
    expect(await refresher.ticksUntil('healthy', 2)).toBeDefined();
    await expectFamilyAlive();
  });

  it('is sent at once when a person forces it', async () => {
    await refuse();
    clock.advance(MINUTE);
    expect(await refresher.refresh({ force: true })).toMatchObject({ outcome: 'refreshed' });
  });

  it('is sent at once when a person pauses and resumes', async () => {
    await refuse();
    await refresher.ports.state.setPaused('crm', true, clock.now());
    await refresher.ports.state.setPaused('crm', false, clock.now());
    expect(await refresher.ticksUntil('healthy', 2)).toBeDefined();
  });
});

describe('the secrets are the truth, and the table is a memory of it', () => {
  it('a state restored three refreshes back goes on with the newest refresh token', async () => {
    await begin();
    const item = await refresher.item();
    for (let refreshes = 0; refreshes < 3; refreshes += 1) {
      expect(await refresher.refresh()).toMatchObject({ outcome: 'refreshed' });
      await refresher.untilDue();
    }
    const { refreshToken } = await refresher.stored();
    await refresher.restore(item);
    const sent = refresher.endpoint.requests.length;
    expect(await refresher.ticksUntil('healthy', 5)).toBeDefined();
    expect(refresher.endpoint.requests.slice(sent).map((each) => each.refreshToken)).toEqual([refreshToken]);
    await expectFamilyAlive();
  });

  it('a state restored to before the connection had a refresh token does too', async () => {
    refresher = await ComposedRefresher.start(aws, clock);
    const item = await refresher.item();
    for (const key of ['refreshTokenVersionId', 'generation', 'obtainedAt', 'expiresAt']) delete item[key];
    await refresher.untilDue();
    await refresher.refresh();
    await refresher.restore({ ...item, generation: { N: '0' }, dueAt: { N: '0' } });
    expect(await refresher.ticksUntil('healthy', 5)).toBeDefined();
    await expectFamilyAlive();
  });

  /** The refresh token's secret cannot be written: its successor is rescued. */
  async function leaveRescue(): Promise<string> {
    let writes = 0;
    aws.endpoint.inject = (_service, operation, resource = '') => {
      if (operation !== 'PutSecretValue' || !resource.endsWith('refresh-tokens/crm')) return undefined;
      writes += 1;
      // The proof succeeds; what counts is refused.
      return writes > 1 ? { before: new AwsError('AccessDeniedException', 'not any more') } : undefined;
    };
    expect(await refresher.refresh()).toMatchObject({ outcome: 'refreshed' });
    aws.endpoint.inject = undefined;
    const rescue = JSON.parse((await refresher.rescue()) ?? '{}') as { token: { refresh_token: string } };
    return rescue.token.refresh_token;
  }

  it('an item that is deleted while a rescue exists leads to the rescued token', async () => {
    await begin();
    const rescued = await leaveRescue();
    await refresher.restore();
    await refresher.reconcile();
    const sent = refresher.endpoint.requests.length;
    refresher.restart();
    expect(await refresher.ticksUntil('healthy', 5)).toBeDefined();
    expect(refresher.endpoint.requests[sent]?.refreshToken).toBe(rescued);
    await expectFamilyAlive();
    expect(await refresher.rescue()).toBeUndefined();
  });

  it('a rescue of which the state knows nothing is found before its predecessor is sent', async () => {
    await begin();
    const item = await refresher.item();
    const rescued = await leaveRescue();
    await refresher.restore({ ...item, dueAt: { N: String(clock.now()) } });
    const sent = refresher.endpoint.requests.length;
    refresher.restart();
    expect(await refresher.ticksUntil('healthy', 5)).toBeDefined();
    expect(refresher.endpoint.requests[sent]?.refreshToken).toBe(rescued);
    await expectFamilyAlive();
  });

  it('a rescue that a stranger left is neither used nor deleted', async () => {
    await begin();
    const strange = {
      schema: 1,
      attempt: '11111111-2222-4333-8444-555555555555',
      replaces: '99999999-2222-4333-8444-555555555555',
      token: { schema: 1, refresh_token: refresher.endpoint.authorize(), obtained_at: 1 },
    };
    await aws.clients.ssm.send(
      new PutParameterCommand({
        Name: `/${refresher.namespace}/rescue/crm`,
        Value: JSON.stringify(strange),
        Type: 'SecureString',
      }),
    );
    const { refreshToken } = await refresher.stored();
    refresher.restart();
    expect(await refresher.refresh()).toMatchObject({ outcome: 'refreshed' });
    expect(refresher.endpoint.requests.at(-1)?.refreshToken).toBe(refreshToken);
    expect(await refresher.rescue()).toBeDefined();
  });

  it('grants that are edited back and forth do not make an open attempt forgotten', async () => {
    await begin();
    refresher.endpoint.break('504', { acts: false });
    await refresher.refresh();
    refresher.endpoint.repair();
    const { attempt } = await refresher.state();
    expect(attempt).toBeDefined();
    const sent = refresher.endpoint.requests.length;
    await refresher.redeclare({ grants: ['client_credentials'] });
    expect(await refresher.ticksUntil('healthy', 2)).toBeDefined();
    expect((await refresher.state()).attempt).toBe(attempt);
    await refresher.redeclare({ grants: ['refresh_token'] });
    await refresher.tick();
    const refreshTokens = refresher.endpoint.requests.slice(sent).filter((each) => each.refreshToken);
    expect(refreshTokens).toEqual([]);
    expect(await refresher.ticksUntil('healthy', 6)).toBeDefined();
    await expectFamilyAlive();
  });
});

describe('a minted token displaces nothing that was not refused for sure', () => {
  const both = ['refresh_token', 'client_credentials'];

  it.each(['HTML 403', '404', 'invalid_scope'] as const)('%s', async (fault) => {
    await begin({ grants: both });
    const before = await refresher.stored();
    refresher.endpoint.breakWith((exchange) => {
      const broken = FAULTS[fault];
      if (exchange.refreshToken !== undefined && broken !== 'reset') broken(exchange);
      else
        exchange.response.end(JSON.stringify({ ...exchange.answer(), refresh_token: 'fake-CANARY-minted' }));
    });
    expect(await refresher.refresh()).toMatchObject({ outcome: 'refreshed' });
    expect(await refresher.stored()).toEqual(before);
    refresher.endpoint.repair();
    await refresher.untilDue();
    expect(await refresher.refresh()).toMatchObject({ outcome: 'refreshed' });
    expect(refresher.endpoint.requests.at(-1)?.refreshToken).toBe(before.refreshToken);
    await expectFamilyAlive();
  });

  it('after the second send without an answer the next grant is used, and the attempt stays open', async () => {
    await begin({ grants: both });
    const before = await refresher.stored();
    refresher.endpoint.breakWith((exchange) => {
      if (exchange.refreshToken !== undefined) exchange.response.writeHead(503).end();
      else
        exchange.response.end(JSON.stringify({ ...exchange.answer(), refresh_token: 'fake-CANARY-minted' }));
    });
    expect(await refresher.refresh()).toMatchObject({ outcome: 'retry-later' });
    expect(await refresher.ticksUntil('healthy', 4)).toBeDefined();
    const sent = refresher.endpoint.requests.filter(
      ({ refreshToken }) => refreshToken === before.refreshToken,
    );
    expect(sent).toHaveLength(2);
    expect((sent[1]?.at ?? 0) - (sent[0]?.at ?? 0)).toBeGreaterThanOrEqual(2 * MINUTE);
    expect(await refresher.stored()).toEqual(before);
    expect(await refresher.state()).toMatchObject({ unansweredSends: 2, attempt: expect.any(String) });
    refresher.endpoint.repair();
    await refresher.untilDue();
    expect(await refresher.refresh()).toMatchObject({ outcome: 'refreshed' });
    expect(refresher.endpoint.requests.at(-1)?.refreshToken).toBe(before.refreshToken);
    await expectFamilyAlive();
  });
});

describe('sends without an answer', () => {
  it('are spaced by waits that double to an hour, and a person is told once, and after an hour', async () => {
    await begin();
    refresher.endpoint.break('503');
    await refresher.ticksFor(360);
    const at = refresher.endpoint.requests
      .filter(({ refreshToken }) => refreshToken !== null)
      .slice(1)
      .map((each) => each.at);
    const waits = at.slice(1).map((each, index) => Math.round((each - (at[index] ?? 0)) / MINUTE));
    expect(waits.length).toBeGreaterThan(6);
    expect(waits.every((wait, index) => wait >= Math.min(60, 2 * 2 ** index))).toBe(true);
    expect(Math.max(...waits)).toBeLessThanOrEqual(62);
    expect(refresher.told.filter((type) => type === 'Connection Needs Attention')).toHaveLength(2);
    refresher.endpoint.repair();
    expect(await refresher.ticksUntil('healthy', 62)).toBeDefined();
    await expectFamilyAlive();
  }, 60_000);
});

describe('forced refreshes', () => {
  it('ninety in ninety minutes leave the scheduled ones their writes: no token expires for a day', async () => {
    await begin();
    const outcomes = new Map<string, number>();
    for (let minute = 0; minute < 90; minute += 1) {
      clock.advance(MINUTE);
      const { outcome, error } = await refresher.refresh({ force: true });
      const what = error?.code ?? outcome;
      outcomes.set(what, (outcomes.get(what) ?? 0) + 1);
    }
    expect(outcomes.get('refreshed')).toBeGreaterThan(40);
    expect(outcomes.get('forced_too_often')).toBeGreaterThan(20);
    let exchanges = -1;
    let published: Record<string, unknown> = {};
    for (const endsAt = clock.now() + 24 * HOUR; clock.now() < endsAt; ) {
      await passIdleMinutes(1, endsAt);
      // Whoever reads just before the tick finds what was published before it.
      expect(published['expires_at'] ?? Infinity).toBeGreaterThan(clock.now() / 1000);
      await refresher.tick();
      // Nothing else is published but what an exchange brings.
      if (exchanges !== refresher.endpoint.requests.length) published = await refresher.published();
      exchanges = refresher.endpoint.requests.length;
      expect(published['expires_at']).toBeGreaterThan(clock.now() / 1000);
    }
  }, 120_000);

  it('are no sooner than a minute after the last exchange, also a failed one', async () => {
    await begin();
    refresher.endpoint.break('HTML 403');
    expect(await refresher.refresh()).toMatchObject({ outcome: 'retry-later' });
    const sent = refresher.endpoint.requests.length;
    clock.advance(30_000);
    expect(await refresher.refresh({ force: true })).toMatchObject({
      outcome: 'retry-later',
      error: { code: 'http_403' },
    });
    expect(refresher.endpoint.requests.length).toBe(sent);
    clock.advance(31_000);
    await refresher.refresh({ force: true });
    expect(refresher.endpoint.requests.length).toBe(sent + 1);
  });
});
