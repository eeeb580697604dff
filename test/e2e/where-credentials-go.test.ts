import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Connection } from '../../functions/connections/connection.ts';
import { AwsError } from '../../local/aws/wire/error-answer.ts';
import { TestAws } from '../support/aws.ts';
import { assertNoCanary, canarySecret } from '../support/canary.ts';
import { ComposedRefresher } from '../support/composed-refresher.ts';
import { FaultyTokenEndpoint } from '../support/faulty-token-endpoint.ts';
import { LeapingClock } from '../support/leaping-clock.ts';

const NEW_ORIGIN = 'Credentials Sent To New Origin';
const MINUTE = 60_000;
const clock = new LeapingClock();
let aws: TestAws;
let refresher: ComposedRefresher;
let attacker: FaultyTokenEndpoint;

beforeAll(async () => {
  aws = await TestAws.start(clock);
});
afterAll(() => aws[Symbol.asyncDispose]());
beforeEach(async () => {
  attacker = await FaultyTokenEndpoint.start(clock);
  attacker.acceptsAll = true;
});
afterEach(async () => {
  await refresher[Symbol.asyncDispose]();
  await attacker[Symbol.asyncDispose]();
});

const originOf = ({ url }: FaultyTokenEndpoint) => new URL(url).origin;

/** A connection that works; the deployment would connect to the attacker as well. */
async function begin(connection: Partial<Connection> = {}): Promise<void> {
  refresher = await ComposedRefresher.start(aws, clock, { connection });
  refresher.restart({}, [originOf(attacker)]);
}

/** The owner of the credentials says where they may go, in their secret. */
async function bind(...origins: readonly string[]): Promise<void> {
  await aws.putSecret(`${refresher.namespace}/credentials/client`, {
    client_id: 'client-1',
    client_secret: canarySecret('client-secret'),
    allowed_token_origins: origins,
  });
  refresher.restart({}, [originOf(attacker)]);
}

describe('credentials that say where they may go', () => {
  /** By a page of the allowed issuer, or of the attacker's. */
  const metadata = (page: FaultyTokenEndpoint, issuer: string, token_endpoint: string) =>
    page.pages.set('/.well-known/oauth-authorization-server', { issuer, token_endpoint });

  const attacks: [string, () => Partial<Connection>][] = [
    ['the token endpoint', () => ({ tokenUrl: attacker.url, grants: ['client_credentials'] })],
    ['the refresh endpoint', () => ({ tokenUrl: attacker.url, grants: ['refresh_token'] })],
    [
      'the issuer',
      () => {
        metadata(attacker, originOf(attacker), attacker.url);
        return { issuer: originOf(attacker), tokenUrl: undefined };
      },
    ],
    [
      'what an allowed issuer names',
      () => {
        metadata(refresher.endpoint, originOf(refresher.endpoint), attacker.url);
        return { issuer: originOf(refresher.endpoint), tokenUrl: undefined };
      },
    ],
  ];

  it.each(attacks)('are not sent to another origin as %s, and both are named', async (_, attack) => {
    await begin();
    await bind(originOf(refresher.endpoint));
    const before = await refresher.stored();
    await refresher.redeclare(attack() as Partial<Connection>);
    await refresher.tick();
    const result = await refresher.refresh({ force: true });
    expect(result).toMatchObject({ outcome: 'misconfigured', error: { code: 'origin_not_allowed' } });
    for (const { origin } of [new URL(refresher.endpoint.url), new URL(attacker.url)]) {
      expect(result.error?.message).toContain(origin);
    }
    expect(result.error?.remedy).toMatch(
      /"allowed_token_origins" in the secret "ns-\d+\/credentials\/client".*correct the URLs of "crm"/,
    );
    expect(attacker.requests).toEqual([]);
    expect(attacker.strays).toBe(0);
    // Nothing was spent, and nothing waits for an answer that never comes.
    expect(await refresher.stored()).toEqual(before);
    expect(refresher.endpoint.isAlive(before.refreshToken)).toBe(true);
    expect(await refresher.state()).not.toHaveProperty('attempt');
  });

  it('are sent again as soon as the declaration is what it was', async () => {
    await begin();
    await bind(originOf(refresher.endpoint));
    await refresher.redeclare({ tokenUrl: attacker.url });
    await refresher.tick();
    await refresher.redeclare({ tokenUrl: refresher.endpoint.url });
    expect(await refresher.ticksUntil('healthy', 2)).toBeDefined();
    expect(refresher.endpoint.doubleSpends).toBe(0);
  });

  it('go where their owner adds an origin', async () => {
    await begin({ grants: ['client_credentials'] });
    await bind(originOf(refresher.endpoint));
    await refresher.redeclare({ tokenUrl: attacker.url });
    await refresher.tick();
    expect(attacker.requests).toEqual([]);
    await bind(originOf(refresher.endpoint), originOf(attacker));
    expect(await refresher.ticksUntil('healthy', 2)).toBeDefined();
    expect(attacker.requests).toHaveLength(1);
  });

  it('cannot be taken elsewhere by who can write their secret and not read it', async () => {
    await begin({ grants: ['client_credentials'] });
    await bind(originOf(refresher.endpoint));
    // Secrets Manager writes a value as a whole: what an operator does not know is gone with it.
    await aws.putSecret(`${refresher.namespace}/credentials/client`, {
      client_id: 'client-1',
      client_secret: 'known-to-the-operator',
      allowed_token_origins: [originOf(attacker)],
    });
    refresher.restart({}, [originOf(attacker)]);
    await refresher.redeclare({ tokenUrl: attacker.url });
    await refresher.tick();
    expect(attacker.requests).not.toEqual([]);
    const sent = attacker.requests.map(({ body, headers }) => JSON.stringify({ body, headers })).join();
    assertNoCanary(sent, 'what the attacker was sent');
  });

  it('raise no event where they may go', async () => {
    await begin();
    await bind(originOf(refresher.endpoint));
    await refresher.untilDue();
    await refresher.refresh();
    expect(refresher.told).toEqual(['Token Refreshed']);
    expect(await refresher.state()).toMatchObject({
      credentialsSentTo: originOf(refresher.endpoint),
      credentialsBound: true,
    });
  });

  it.each([
    ['a list that cannot be read', { allowed_token_origins: 'idp.example.com' }],
    ['a list that allows nothing', { allowed_token_origins: [] }],
  ])('are sent nowhere with %s', async (_, field) => {
    await begin({ grants: ['client_credentials'] });
    const client_secret = canarySecret('client-secret');
    const stored = { client_id: 'client-1', client_secret, ...field };
    await aws.putSecret(`${refresher.namespace}/credentials/client`, stored);
    refresher.restart();
    const { requests } = refresher.endpoint;
    clock.advance(2 * MINUTE);
    const before = requests.length;
    expect(await refresher.refresh({ force: true })).toMatchObject({ outcome: 'misconfigured' });
    expect(requests).toHaveLength(before);
  });
});

describe('credentials that do not say it', () => {
  it('raise an event when they go to an origin for the first time, and once only', async () => {
    refresher = await ComposedRefresher.start(aws, clock, {});
    expect(refresher.told).toEqual([]);
    const { credentialsSentTo, credentialsSentToSince = 0 } = await refresher.state();
    expect(credentialsSentTo).toBe(originOf(refresher.endpoint));
    expect(credentialsSentToSince).toBeGreaterThan(0);
    await refresher.untilDue();
    await refresher.refresh();
    expect(refresher.told).toEqual(['Token Refreshed']);
    refresher.restart({}, [originOf(attacker)]);
    for (const tokenUrl of [attacker.url, refresher.endpoint.url, attacker.url]) {
      clock.advance(2 * MINUTE);
      await refresher.redeclare({ tokenUrl, grants: ['client_credentials'] });
      await refresher.tick();
    }
    expect(refresher.told.filter((type) => type === NEW_ORIGIN)).toHaveLength(1);
    expect(attacker.requests.length).toBeGreaterThan(0);
  });

  it('are refreshed although it cannot be noted', async () => {
    await begin({ grants: ['client_credentials'] });
    await refresher.redeclare({ tokenUrl: attacker.url });
    aws.endpoint.inject = (_, operation) =>
      operation === 'PutItem' ? { before: new AwsError('InternalServerError', 'no') } : undefined;
    await refresher.tick();
    expect((await refresher.standing()).health).toBe('healthy');
    expect(refresher.told).not.toContain(NEW_ORIGIN);
  });
});
