import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Lookup } from '../../functions/oauth/transport/egress-guard.ts';
import { TestAws } from '../support/aws.ts';
import { canarySecret } from '../support/canary.ts';
import { testCertificate } from '../support/certificate.ts';
import { ComposedRefresher, type RefresherOptions } from '../support/composed-refresher.ts';
import { LeapingClock } from '../support/leaping-clock.ts';

const clock = new LeapingClock();
let aws: TestAws;
let refresher: ComposedRefresher;

beforeAll(async () => {
  aws = await TestAws.start(clock);
});
afterAll(() => aws[Symbol.asyncDispose]());
afterEach(() => refresher[Symbol.asyncDispose]());

/** A connection that is due, though its endpoint may have refused it already. */
async function begin(connection: RefresherOptions['connection']): Promise<void> {
  refresher = await ComposedRefresher.start(aws, clock, { connection: connection ?? {} });
  await refresher.untilDue();
}

/** A name service with one answer after the other, the last one for ever. */
function answers(...addresses: readonly (readonly string[])[]): Lookup & { asked: string[] } {
  const asked: string[] = [];
  const lookup: Lookup = async (hostname) => {
    asked.push(hostname);
    const found = addresses[Math.min(asked.length, addresses.length) - 1] ?? [];
    return found.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
  };
  return Object.assign(lookup, { asked });
}

/** It is the declaration that is wrong, nothing was sent or spent, and no secret is in the words. */
async function expectRefused(code: string): Promise<void> {
  const stored = await refresher.stored();
  const result = await refresher.refresh({ force: true });
  expect(result).toMatchObject({ outcome: 'misconfigured', health: 'misconfigured', error: { code } });
  expect(refresher.endpoint.requests).toEqual([]);
  expect(await refresher.stored()).toEqual(stored);
  expect(await refresher.state()).not.toHaveProperty('attempt');
}

describe('a token URL that leads into the network of the function is refused', () => {
  it.each([
    'https://127.0.0.1:9001/2018-06-01/runtime/invocation/next',
    'https://2130706433:2773/secretsmanager/get',
    'https://0177.0.0.1/token',
    'https://0x7f.1/token',
    'https://[::ffff:169.254.169.254]/latest/meta-data/',
    'https://[fd00:ec2::254]/latest/meta-data/',
    'https://169.254.170.2/v2/credentials',
    'https://10.0.0.1/token',
  ])('%s', async (tokenUrl) => {
    await begin({ tokenUrl });
    await expectRefused('forbidden_address');
  });

  it.each([['169.254.169.254'], ['127.0.0.1'], ['::1', '::ffff:127.0.0.1', '10.1.2.3']])(
    'by a name that resolves to %s',
    async (...addresses) => {
      await begin({ tokenUrl: 'https://idp.example.com/token' });
      refresher.restart({ lookup: answers(addresses) });
      await expectRefused('forbidden_address');
    },
  );

  it('by a trailing dot', async () => {
    await begin({ tokenUrl: 'https://localhost./token' });
    await expectRefused('invalid_url');
  });
});

describe('a name that is rebound', () => {
  it('after it was examined is not asked for again: the connection goes where it was seen to lead', async () => {
    await begin({});
    // A name that only this name service knows: any other look-up would find nothing.
    const certificate = testCertificate('idp.internal');
    const hosts: (string | undefined)[] = [];
    const server = createServer(certificate, (request, response) => {
      hosts.push(request.headers.host);
      response.end(
        JSON.stringify({ access_token: canarySecret('rebound'), token_type: 'Bearer', expires_in: 3600 }),
      );
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    try {
      const origin = `https://idp.internal:${(server.address() as AddressInfo).port}`;
      const { definition } = await refresher.state();
      await refresher.ports.state.register(
        'crm',
        { ...definition, tokenUrl: `${origin}/token` },
        clock.now(),
      );
      const lookup = answers(['127.0.0.1'], ['169.254.169.254']);
      refresher.restart({ lookup, ca: certificate.cert }, [origin]);
      expect(await refresher.refresh({ force: true })).toMatchObject({ outcome: 'refreshed' });
      expect(lookup.asked).toEqual(['idp.internal']);
      expect(hosts).toEqual([new URL(origin).host]);
    } finally {
      server.close();
    }
  });

  it('to this machine before it is used is refused, whatever it was in an earlier refresh', async () => {
    await begin({ tokenUrl: 'https://idp.example.com/token' });
    const lookup = answers([], ['127.0.0.1']);
    refresher.restart({ lookup });
    expect(await refresher.refresh({ force: true })).toMatchObject({ error: { code: 'name_lookup_failed' } });
    // The origin is left alone for a while after that.
    clock.advance(60_000);
    await expectRefused('forbidden_address');
    expect(lookup.asked).toHaveLength(2);
  });
});

describe('an issuer that names a token endpoint inside the network', () => {
  it.each([
    ['https://169.254.169.254/latest/api/token', 'forbidden_address'],
    ['https://127.0.0.1:9001/token', 'forbidden_address'],
    ['http://169.254.169.254/latest/meta-data/', 'insecure_url'],
    ['file:///etc/passwd', 'insecure_url'],
    ['https://u:p@idp.example.com/token', 'invalid_url'],
  ])('is refused: %s', async (token_endpoint, code) => {
    await begin(({ url, pages }) => {
      const issuer = new URL(url).origin;
      pages.set('/.well-known/oauth-authorization-server', { issuer, token_endpoint });
      return { issuer, tokenUrl: undefined };
    });
    await expectRefused(code);
  });
});

describe('a redirect', () => {
  it.each(['302', '307', '307 to the metadata of the instance'] as const)(
    '%s is an answer like any other, and is not followed',
    async (fault) => {
      await begin({});
      refresher.endpoint.break(fault);
      expect(await refresher.refresh()).toMatchObject({
        outcome: 'retry-later',
        error: { code: `http_${fault.slice(0, 3)}` },
      });
      expect(refresher.endpoint.strays).toBe(0);
      expect(refresher.printed).not.toContain('meta-data');
    },
  );
});
