import { describe, expect, it } from 'vitest';
import { createEgressGuard, type Lookup } from '../../../../functions/oauth/transport/egress-guard.ts';
import { canarySecret } from '../../../support/canary.ts';
import { tokenErrorOf } from '../../../support/token-input.ts';

/** A name service with one answer for every name. */
function answering(...addresses: string[]): Lookup {
  return async () => addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
}

const noLookup: Lookup = () => {
  throw new Error('no name was to be looked up');
};

describe('addresses', () => {
  const FORBIDDEN = [
    ['0.0.0.0', 'unspecified'],
    ['0.1.2.3', 'this network'],
    ['10.0.0.1', 'private'],
    ['100.64.0.1', 'shared, carrier-grade NAT'],
    ['100.127.255.255', 'shared, its end'],
    ['127.0.0.1', 'loopback'],
    ['127.255.255.254', 'loopback'],
    ['169.254.169.254', 'instance metadata'],
    ['169.254.170.2', 'container credentials'],
    ['172.16.0.1', 'private'],
    ['172.31.255.255', 'private, its end'],
    ['192.0.0.1', 'protocol assignments'],
    ['192.0.2.1', 'documentation'],
    ['192.88.99.1', '6to4 relay'],
    ['192.168.1.1', 'private'],
    ['198.18.0.1', 'benchmarking'],
    ['198.51.100.1', 'documentation'],
    ['203.0.113.1', 'documentation'],
    ['224.0.0.1', 'multicast'],
    ['239.255.255.255', 'multicast'],
    ['240.0.0.1', 'reserved'],
    ['255.255.255.255', 'broadcast'],
    ['::', 'unspecified'],
    ['::1', 'loopback'],
    ['::ffff:127.0.0.1', 'IPv4-mapped'],
    ['::ffff:8.8.8.8', 'IPv4-mapped, even of a public address'],
    ['::ffff:7f00:1', 'IPv4-mapped in hexadecimal'],
    ['::7f00:1', 'IPv4-compatible'],
    ['64:ff9b::7f00:1', 'NAT64'],
    ['64:ff9b:1::1', 'local NAT64'],
    ['100::1', 'discard only'],
    ['2001::1', 'Teredo'],
    ['2001:2::1', 'benchmarking'],
    ['2001:db8::1', 'documentation'],
    ['2002:7f00:1::', '6to4 of loopback'],
    ['3fff::1', 'documentation'],
    ['4000::1', 'not given out'],
    ['5f00::1', 'segment routing'],
    ['fc00::1', 'unique local'],
    ['fd00:ec2::254', 'instance metadata'],
    ['fe80::1', 'link-local'],
    ['fe80::1%eth0', 'link-local with a zone'],
    ['fec0::1', 'site-local'],
    ['ff02::1', 'multicast'],
    ['0177.0.0.1', 'no canonical address'],
    ['localhost', 'no address'],
    ['', 'no address'],
  ] as const;

  it.each(FORBIDDEN)('%s is refused when a name leads there: %s', async (address) => {
    const guard = createEgressGuard({ lookup: answering(address) });
    const error = await tokenErrorOf(() => guard.vet('https://idp.example.com/token'));
    expect(error).toMatchObject({ kind: 'configuration', code: 'forbidden_address' });
    expect(error.message).toContain('idp.example.com');
    expect(error.message).toContain(`at ${address},`);
    expect(error.message).toMatch(/allow the origin/);
  });

  it.each(['8.8.8.8', '100.63.255.255', '100.128.0.0', '172.15.255.255', '172.32.0.1', '2606:4700::1111'])(
    '%s is on the public internet',
    async (address) => {
      const guard = createEgressGuard({ lookup: answering(address) });
      expect((await guard.vet('https://idp.example.com/')).addresses).toMatchObject([{ address }]);
    },
  );

  it('of several, only the public ones are left to connect to', async () => {
    const guard = createEgressGuard({ lookup: answering('127.0.0.1', '8.8.8.8', '64:ff9b::808:808', '::1') });
    expect((await guard.vet('https://idp.example.com/')).addresses).toEqual([
      { address: '8.8.8.8', family: 4 },
    ]);
  });
});

describe('addresses in the URL itself', () => {
  it.each([
    'https://127.0.0.1/',
    'https://127.0.0.1:9001/',
    'https://127.1/',
    'https://127.0.0.1./',
    'https://2130706433/',
    'https://0x7f000001/',
    'https://0x7f.1/',
    'https://017700000001/',
    'https://0177.0.0.01/',
    'https://0/',
    'https://%31%32%37.0.0.1/',
    'https://１２７.０.０.１/',
    'https://①②⑦.⓪.⓪.①/',
    'https://127。0。0。1/',
    'https://169.254.169.254/latest/meta-data/',
    'https://[::1]/',
    'https://[::]/',
    'https://[0:0:0:0:0:0:0:1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[::ffff:a9fe:a9fe]/',
    'https://[::127.0.0.1]/',
    'https://[64:ff9b::169.254.169.254]/',
    'https://[fd00:ec2::254]/',
  ])('%s is refused without a look-up', async (url) => {
    const error = await tokenErrorOf(() => createEgressGuard({ lookup: noLookup }).vet(url));
    expect(error).toMatchObject({ kind: 'configuration', code: 'forbidden_address' });
  });

  it('a public one is taken as it is', async () => {
    const { addresses } = await createEgressGuard({ lookup: noLookup }).vet(
      'https://[2606:4700::1111]/token',
    );
    expect(addresses).toEqual([{ address: '2606:4700::1111', family: 6 }]);
  });
});

describe('URLs', () => {
  it.each([
    ['', 'invalid_url', /not valid/],
    ['idp.example.com/token', 'invalid_url', /not valid/],
    ['https://', 'invalid_url', /not valid/],
    ['https://idp.example.com\\@127.0.0.1/', 'invalid_url'],
    ['https://idp.example.com/to\nken', 'invalid_url'],
    ['https://idp.example.com/to\tken', 'invalid_url'],
    [' https://idp.example.com/', 'invalid_url'],
    ['https://idp.example.com/\u0000', 'invalid_url'],
    [
      `https://user:${canarySecret('userinfo')}@idp.example.com/`,
      'invalid_url',
      /idp\.example\.com holds a user name or password/,
    ],
    [`https://:${canarySecret('userinfo')}@idp.example.com/`, 'invalid_url', /password/],
    ['https://idp.example.com@127.0.0.1/', 'invalid_url'],
    ['https://:@idp.example.com/#', 'invalid_url'],
    ['https://idp.example.com/token#fragment', 'invalid_url', /idp\.example\.com holds a fragment/],
    ['https://idp.example.com./token', 'invalid_url', /"idp\.example\.com\." ends in a dot/],
    ['https://localhost./token', 'invalid_url'],
    ['http://idp.example.com/token', 'insecure_url', /http:\/\/idp\.example\.com is not https: allow/],
    ['HTTP://idp.example.com/token', 'insecure_url'],
    ['ftp://idp.example.com/token', 'insecure_url'],
    ['file:///etc/passwd', 'insecure_url'],
    ['gopher://idp.example.com/', 'insecure_url'],
    ['data:text/plain,x', 'insecure_url'],
  ])('%j is refused', async (url, code, words = /./) => {
    const error = await tokenErrorOf(() => createEgressGuard({ lookup: noLookup }).vet(url));
    expect(error).toMatchObject({ kind: 'configuration', code });
    expect(error.message).toMatch(words);
    expect(error.message).not.toContain('CANARY');
  });

  it.each(['localhost', 'ⓛⓞⓒⓐⓛⓗⓞⓢⓣ', 'localtest.me'])(
    'the name %s is judged by where it leads',
    async (host) => {
      const guard = createEgressGuard({ lookup: answering('127.0.0.1', '::1') });
      expect((await tokenErrorOf(() => guard.vet(`https://${host}/`))).code).toBe('forbidden_address');
    },
  );

  it('a name is looked up by the system, with all that it leads to', async () => {
    const allowedOrigins = ['https://localhost'];
    const { addresses } = await createEgressGuard({ allowedOrigins }).vet('https://localhost/token');
    expect(addresses.every(({ address }) => ['127.0.0.1', '::1'].includes(address))).toBe(true);
  });

  it('a name that leads nowhere was never sent to', async () => {
    const failing: Lookup = async () => {
      throw Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' });
    };
    for (const lookup of [failing, answering()]) {
      const error = await tokenErrorOf(() => createEgressGuard({ lookup }).vet('https://idp.example.com/'));
      expect(error).toMatchObject({ kind: 'never-sent', code: 'name_lookup_failed' });
    }
  });
});

describe('allowed origins', () => {
  const allowedOrigins = [
    'https://idp.internal:8443',
    'http://127.0.0.1:1234/',
    'https://[::1]',
    'http://10.0.0.5',
  ];
  const guard = createEgressGuard({ allowedOrigins, lookup: answering('10.0.0.5') });

  it.each([
    'https://idp.internal:8443/token?x=1',
    'https://IDP.internal:8443/',
    'http://127.0.0.1:1234/',
    'https://[::1]:443/',
    'http://10.0.0.5:80/',
  ])('%s may be private, or plain', async (url) => {
    expect((await guard.vet(url)).addresses).toHaveLength(1);
  });

  it.each([
    ['https://idp.internal/', 'forbidden_address'],
    ['https://idp.internal:8444/', 'forbidden_address'],
    ['http://idp.internal:8443/', 'insecure_url'],
    ['https://other.internal:8443/', 'forbidden_address'],
    ['https://idp.internal.:8443/', 'invalid_url'],
    ['https://127.0.0.1:1234/', 'forbidden_address'],
    ['http://127.0.0.1:1235/', 'insecure_url'],
    ['http://u@127.0.0.1:1234/', 'invalid_url'],
  ])('%s is another origin, or another form', async (url, code) => {
    expect((await tokenErrorOf(() => guard.vet(url))).code).toBe(code);
  });

  it.each([
    'idp.internal',
    'https://idp.internal/path',
    'https://idp.internal?x',
    'https://idp.internal#x',
    'ftp://idp.internal',
    'web+https://idp.internal',
    'https://u@idp.internal',
    '*',
  ])('%j is no origin', (origin) =>
    expect(() => createEgressGuard({ allowedOrigins: [origin] })).toThrow(
      expect.objectContaining({
        name: 'TypeError',
        message: expect.stringContaining(`"${origin}" is no origin`),
      }),
    ),
  );
});
