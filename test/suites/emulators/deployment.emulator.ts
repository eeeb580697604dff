import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { systemClock } from '../../../functions/handlers/system-clock.ts';
import { type SlashIdServer, startSlashId } from '../../../local/providers/slashid.ts';
import { assertNoCanary, canarySecret } from '../../support/canary.ts';
import { type Ministack, startMinistack } from './support/ministack.ts';

const STACKS = ['evertoken-storage', 'evertoken-refresh'];
const CREDENTIALS = { client_id: 'orders', client_secret: canarySecret('client') };

/** Types of resources that Ministack does not know: a template with one is refused. */
const ROTATION_SCHEDULE = 'AWS::SecretsManager::RotationSchedule';
const LACKING = ['AWS::Logs::QueryDefinition', ROTATION_SCHEDULE];

/** Settings as they are given on the command line, beside the origin of the provider. */
const GIVEN = {
  alarmEmail: 'on-call@example.com',
  encryption: 'customer-managed',
  secretWritesPerSecond: '30',
  parameterWritesPerSecond: '5',
  statusWidget: 'read-only',
  tokenRefreshedEvents: 'false',
  logRetentionDays: '90',
};

/** A schedule with a rate fires for the first time when its period has passed. */
const FIRST_TICK_WITHIN_MS = 90_000;

describe('the app of the repository on Ministack', () => {
  const missing = inject('missing');
  let provider: SlashIdServer;
  let ministack: Ministack;

  beforeEach((context) => {
    if (missing !== null) context.skip(missing);
  });
  beforeAll(async () => {
    if (missing !== null) return;
    const { client_id: clientId, client_secret: clientSecret } = CREDENTIALS;
    const mark = canarySecret('token');
    provider = await startSlashId({
      clock: systemClock,
      lifetimeSeconds: 3600,
      clientId,
      clientSecret,
      mark,
    });
    const { origin, tokenUrl } = provider;
    const connection = { provider: 'slashid', tokenUrl, credentials: 'slashid-main' };
    ministack = await startMinistack({
      lacking: LACKING,
      connections: { orders: { ...connection, consoleRotate: true }, 'invoices/eu': connection },
    });
    await ministack.keep({}, { ...GIVEN, allowedTokenOrigins: origin });
  });
  afterAll(async () => {
    await ministack?.[Symbol.asyncDispose]();
    await provider?.close();
  });

  /** What a consumer finds; undefined before there is a token. */
  async function token(connection: string): Promise<Record<string, unknown> | undefined> {
    const secretId = `evertoken/tokens/${connection}`;
    const read = await ministack.aws('secretsmanager', 'get-secret-value', '--secret-id', secretId);
    // A secret without a value has an empty one here, where AWS has none.
    const text = String(read['SecretString'] ?? '');
    return text === '' ? undefined : (JSON.parse(text) as Record<string, unknown>);
  }

  async function isAccepted(found: Record<string, unknown> | undefined): Promise<boolean> {
    const headers = { authorization: `Bearer ${found?.['access_token']}` };
    const { status } = await fetch(provider.protectedUrl, { headers });
    return status === 200;
  }

  it('is deployed with every resource that Ministack knows, after cdk bootstrap', async () => {
    await ministack.bootstrap();
    expect([...new Set((await ministack.deploy()).leftOut)].sort()).toEqual(LACKING);
    for (const stack of STACKS) {
      const answer = await ministack.aws('cloudformation', 'list-stack-resources', '--stack-name', stack);
      const resources = answer['StackResourceSummaries'] as {
        ResourceStatus: string;
        ResourceType: string;
      }[];
      const incomplete = resources.filter(({ ResourceStatus }) => ResourceStatus !== 'CREATE_COMPLETE');
      expect(incomplete).toEqual([]);
      expect(resources.length).toBeGreaterThan(STACKS.length);
    }
  });

  it('registers what was declared, and has no token before there are credentials', async () => {
    expect(await ministack.invoke('evertoken-reconcile', {})).toMatchObject({
      registered: expect.arrayContaining(['orders', 'invoices/eu']),
    });
    expect(await token('orders')).toBeUndefined();
  });

  it('obtains a token that the AWS CLI reads and the provider accepts', async () => {
    await ministack.aws(
      ...['secretsmanager', 'put-secret-value', '--secret-id', 'evertoken/credentials/slashid-main'],
      ...['--secret-string', JSON.stringify(CREDENTIALS)],
    );
    expect(await ministack.invoke('evertoken-refresh-now', { connections: ['orders'] })).toMatchObject({
      results: [{ connection: 'orders', outcome: 'refreshed', health: 'healthy', error: null }],
    });
    const found = await token('orders');
    expect(found).toMatchObject({ schema: 1, expires_at: expect.any(Number) });
    expect(await isAccepted(found)).toBe(true);
  });

  it('rotates a token from the console', (context) => {
    context.skip(`Ministack does not know ${ROTATION_SCHEDULE}`);
  });

  it('changes nothing when it is deployed again, and keeps the token', async () => {
    const before = await token('orders');
    const { printed } = await ministack.deploy();
    for (const stack of STACKS) expect(printed).toContain(`${stack} (no changes)`);
    expect(await token('orders')).toEqual(before);
  });

  it('is not upgraded in silence without what the command line once gave it', async () => {
    await ministack.keep({});
    await expect(ministack.deploy()).rejects.toThrow(
      /this would take back what evertoken had when it was synthesised here last:\n {2}"alarmEmail": "on-call@example\.com",\n {2}"allowedTokenOrigins": \["http:\/\/127\.0\.0\.1:\d+"\]/,
    );
  });

  it('is upgraded with its settings in their file, and nothing of it changes', async () => {
    const keysBefore = await ministack.aws('kms', 'list-keys');
    expect(keysBefore['Keys']).toHaveLength(2);
    await ministack.keep({
      ...GIVEN,
      secretWritesPerSecond: 30,
      parameterWritesPerSecond: 5,
      tokenRefreshedEvents: false,
      logRetentionDays: 90,
      allowedTokenOrigins: [provider.origin],
    });
    expect(await ministack.diff()).toMatch(/Number of stacks with differences: 0\s*$/);
    await ministack.deploy();
    const { Subscriptions } = await ministack.aws('sns', 'list-subscriptions');
    expect(Subscriptions).toEqual([
      expect.objectContaining({ Protocol: 'email', Endpoint: 'on-call@example.com' }),
    ]);
    const named = ['--function-name', 'evertoken-refresh-due'];
    const { Environment } = await ministack.aws('lambda', 'get-function-configuration', ...named);
    expect(Environment).toMatchObject({
      Variables: {
        EVERTOKEN_ALLOWED_TOKEN_ORIGINS: provider.origin,
        EVERTOKEN_SECRET_WRITES_PER_SECOND: '30',
      },
    });
    expect(await ministack.aws('kms', 'list-keys')).toEqual(keysBefore);
  });

  it('refreshes by its schedule what nobody asked for', { timeout: 2 * FIRST_TICK_WITHIN_MS }, async () => {
    const giveUpAt = Date.now() + FIRST_TICK_WITHIN_MS;
    let found = await token('invoices/eu');
    while (found === undefined && Date.now() < giveUpAt) {
      await sleep(1_000);
      found = await token('invoices/eu');
    }
    expect(await isAccepted(found)).toBe(true);
  });

  it('prints nothing that is secret', () => {
    expect(ministack.printed()).toContain('token refreshed');
    assertNoCanary(ministack.printed(), 'what Ministack and the functions printed');
  });
});
