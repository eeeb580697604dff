import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { AwsError } from '../../local/aws/wire/error-answer.ts';
import { TestAws } from '../support/aws.ts';
import { canarySecret } from '../support/canary.ts';
import { ComposedRefresher, type RefresherOptions } from '../support/composed-refresher.ts';
import { LeapingClock } from '../support/leaping-clock.ts';

const MINUTE = 60_000;
const clock = new LeapingClock();
let aws: TestAws;
let refresher: ComposedRefresher;

beforeAll(async () => {
  aws = await TestAws.start(clock);
});
afterAll(() => aws[Symbol.asyncDispose]());

async function begin(options: RefresherOptions = {}): Promise<void> {
  refresher = await ComposedRefresher.start(aws, clock, options);
  await refresher.untilDue();
}

describe('a name that tries to leave its place', () => {
  beforeAll(() => begin());
  afterAll(() => refresher[Symbol.asyncDispose]());

  it.each([
    'crm:1',
    '../connections/crm',
    'crm/../crm',
    '../rescue/crm',
    '/crm',
    'crm/',
    'CRM',
    'crm\r\nX-Evil: 1',
    'crm\u0000',
    '{{ssm:crm}}',
    'arn:aws:ssm:us-east-1:000000000000:parameter/x/connections/crm',
    '#crm',
    '__proto__',
    'constructor',
    'x'.repeat(129),
    'x'.repeat(3_000),
    '\u001b[2J',
  ])('%j is a connection that nobody knows, and costs the others nothing', async (name) => {
    await refresher.untilDue();
    aws.endpoint.calls.reset();
    const results = await refresher.invoke({ connections: [name, 'crm'], force: false });
    expect(results).toMatchObject([
      { connection: name, outcome: 'unknown-connection', health: null },
      { connection: 'crm', outcome: 'refreshed' },
    ]);
    // Whatever was asked for lies where it belongs.
    const place =
      /^(ns-\d+\/(credentials\/client|(refresh-tokens|tokens)\/crm)|\/ns-\d+\/(connections\/[a-z]+|rescue))$/;
    const asked = aws.endpoint.calls.all.filter(
      ({ service }) => service === 'secretsmanager' || service === 'ssm',
    );
    expect(asked.map(({ resource = '' }) => resource).filter((resource) => !place.test(resource))).toEqual(
      [],
    );
    expect(refresher.printed).not.toContain(JSON.stringify(name));
  });

  it.each(['crm:1', '../rescue/crm', 'CRM', '__proto__', ''])(
    'as a changed parameter, %j is registered by nobody',
    async (name) => {
      const items = await refresher.items();
      const detail = { name: `/${refresher.namespace}/connections/${name}`, operation: 'Update' };
      expect(await refresher.invoke({ 'detail-type': 'Parameter Store Change', detail })).toEqual([]);
      expect(await refresher.items()).toBe(items);
    },
  );

  it.each([
    { connections: ['crm'], force: true, functionEndsAt: 0 },
    { connections: 'crm' },
    { connections: [{ toString: 'crm' }] },
    { connections: Array(101).fill('crm') },
    { 'detail-type': 'Refresh Requested', detail: { namespace: ['ns'], connections: ['crm'] } },
    null,
    'crm',
  ])('the event %j is refused', async (event) => {
    await expect(refresher.invoke(event)).rejects.toMatchObject({ name: 'EventError' });
  });

  it('an event for another namespace does nothing here', async () => {
    const sent = refresher.endpoint.requests.length;
    const detail = { namespace: `${refresher.namespace}/../x`, connections: ['crm'] };
    const account = '000000000000';
    expect(await refresher.invoke({ account, 'detail-type': 'Refresh Requested', detail })).toEqual([]);
    expect(refresher.endpoint.requests.length).toBe(sent);
  });
});

describe('a value that tries to leave its place in a request', () => {
  afterEach(() => refresher[Symbol.asyncDispose]());

  const NASTY = 'a&grant_type=password\r\nX-Evil: 1\r\n\r\n{"b":"=%26+ \u0000\u{1F511}"}';
  /** The same without what no declaration may hold. */
  const READABLE = 'a&grant_type=password%0d%0aX-Evil: 1 {"b":"=%26+ \u{1F511}"}';

  it('stays one parameter of the form', async () => {
    const parameters = { audience: READABLE, 'x&grant_type=password': 'y', resource: [READABLE, 'second'] };
    await begin({ connection: { parameters } });
    const { body, headers } = refresher.endpoint.requests.at(-1) ?? { body: '', headers: {} };
    const form = new URLSearchParams(body);
    expect([...new Set(form.keys())].sort()).toEqual([
      'audience',
      'grant_type',
      'refresh_token',
      'resource',
      'x&grant_type=password',
    ]);
    expect(form.getAll('grant_type')).toEqual(['refresh_token']);
    expect(form.get('audience')).toBe(READABLE);
    expect(form.getAll('resource')).toEqual([READABLE, 'second']);
    expect(headers).not.toHaveProperty('x-evil');
    expect(headers['content-length']).toBe(String(body.length));
  });

  it('stays in the Authorization header', async () => {
    const credentials = { client_id: `id:${NASTY}`, client_secret: canarySecret(NASTY) };
    await begin({ credentials });
    const headers = refresher.endpoint.requests.at(-1)?.headers;
    expect(headers).not.toHaveProperty('x-evil');
    const [, pair = ''] = /^Basic ([\w+/=]+)$/.exec(headers?.authorization ?? '') ?? [];
    const decoded = Buffer.from(pair, 'base64').toString('utf8').split(':');
    expect(decoded.map((part) => new URLSearchParams(`x=${part}`).get('x'))).toEqual([
      credentials.client_id,
      credentials.client_secret,
    ]);
  });

  it('stays in the body where the client is authenticated there', async () => {
    const credentials = { client_id: `id:${NASTY}`, client_secret: canarySecret(NASTY) };
    await begin({ credentials, connection: { clientAuthentication: 'client_secret_post' } });
    const form = new URLSearchParams(refresher.endpoint.requests.at(-1)?.body);
    expect(form.get('client_id')).toBe(credentials.client_id);
    expect(form.get('client_secret')).toBe(credentials.client_secret);
    expect(form.getAll('grant_type')).toEqual(['refresh_token']);
  });

  it('as a refresh token comes back as it was issued: from its secret, and from the rescue', async () => {
    await begin();
    const issued: string[] = [];
    // The provider's tokens are strings of any kind: braces mean something to Parameter Store.
    const strange = () => {
      issued.push(canarySecret(`${issued.length} {{ssm:crm}} "\\{{ ${NASTY}`));
      return issued.at(-1);
    };
    refresher.endpoint.acceptsAll = true;
    refresher.endpoint.breakWith(({ response, answer }) =>
      response.end(JSON.stringify({ ...answer(false), refresh_token: strange() })),
    );
    expect(await refresher.refresh()).toMatchObject({ outcome: 'refreshed' });
    await refresher.untilDue();
    let writes = 0;
    aws.endpoint.inject = (_, operation, resource) => {
      if (operation !== 'PutSecretValue' || !resource?.endsWith('refresh-tokens/crm')) return undefined;
      writes += 1;
      return writes > 1 ? { before: new AwsError('AccessDeniedException', 'not authorized') } : undefined;
    };
    expect(await refresher.refresh()).toMatchObject({ outcome: 'refreshed' });
    aws.endpoint.inject = undefined;
    expect(await refresher.rescue()).toBeDefined();
    clock.advance(MINUTE);
    expect(await refresher.refresh()).toMatchObject({ outcome: 'refreshed' });
    expect(refresher.endpoint.requests.slice(-2).map(({ refreshToken }) => refreshToken)).toEqual(
      issued.slice(0, 2),
    );
    expect((await refresher.stored()).refreshToken).toBe(issued[2]);
  });
});
