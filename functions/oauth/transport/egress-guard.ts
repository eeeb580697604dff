import { lookup as systemLookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { TokenError } from '../token-error.ts';

export interface HostAddress {
  readonly address: string;
  readonly family: number;
}

/** Every address of a host name. Rejects when there is none. */
export type Lookup = (hostname: string) => Promise<readonly HostAddress[]>;

/** Where a request may go: the URL, and the addresses that were examined and no others. */
export interface Destination {
  readonly url: URL;
  readonly addresses: readonly [HostAddress, ...HostAddress[]];
}

export interface EgressGuardOptions {
  /**
   * Origins that may be on a private network, and may be http, e.g. `https://idp.internal:8443`. Scheme, host
   * and port must all be as given. Default: none.
   */
  readonly allowedOrigins?: readonly string[] | undefined;
  /** Default: the system's. */
  readonly lookup?: Lookup | undefined;
}

/**
 * Keeps token requests, which carry credentials to URLs that come from configuration, on the public
 * internet (RFC 9700 section 4.12 and its kin): https only, and no address of this machine, its network or
 * the cloud's own services.
 */
export interface EgressGuard {
  /** Checks what a URL itself shows. @throws TokenError `configuration` */
  check(url: string): URL;
  /**
   * Checks a URL and the addresses of its host. The caller connects to one of these addresses, without
   * another look-up that could answer otherwise.
   * @throws TokenError `configuration` when it is refused, `never-sent` when the name cannot be looked up
   */
  vet(url: string): Promise<Destination>;
}

/** @throws TypeError when an allowed origin is none */
export function createEgressGuard(options: EgressGuardOptions = {}): EgressGuard {
  const allowed = new Set((options.allowedOrigins ?? []).map(originOf));
  const lookup: Lookup = options.lookup ?? ((hostname) => systemLookup(hostname, { all: true }));
  const check = (url: string) => checkUrl(url, allowed);
  return {
    check,
    async vet(text) {
      const url = check(text);
      const found = await addressesOf(url, lookup);
      // A name may also have addresses of no use here, such as NAT64's: none of them is connected to.
      const usable = allowed.has(url.origin)
        ? found
        : found.filter(({ address }) => isPublicAddress(address));
      const [first, ...others] = usable;
      if (first !== undefined) return { url, addresses: [first, ...others] };
      throw refused(
        'forbidden_address',
        `${url.hostname} is at ${found[0].address}, which is not on the public internet: ${REMEDY}`,
      );
    },
  };
}

const REMEDY = 'allow the origin if it is meant.';

function originOf(text: string): string {
  const url = URL.parse(text);
  const bare = url !== null && url.pathname === '/' && url.search === '' && url.hash === '' && !url.username;
  if (!bare || !['https:', 'http:'].includes(url.protocol)) {
    throw new TypeError(
      `"${text}" is no origin: write scheme, host and port, such as https://idp.internal:8443`,
    );
  }
  return url.origin;
}

function checkUrl(text: string, allowed: ReadonlySet<string>): URL {
  const url = URL.parse(text);
  // The parser would drop or turn these round in silence.
  if (url === null || /[\s\\\p{Cc}]/u.test(text)) throw refused('invalid_url', 'The URL is not valid.');
  if (url.username !== '' || url.password !== '') {
    throw refused(
      'invalid_url',
      `The URL of ${url.host} holds a user name or password, which is not allowed.`,
    );
  }
  // RFC 6749 section 3.2.
  if (text.includes('#')) throw refused('invalid_url', `The URL of ${url.host} holds a fragment.`);
  if (allowed.has(url.origin)) return url;
  if (url.protocol !== 'https:') {
    throw refused('insecure_url', `${url.protocol}//${url.host} is not https: ${REMEDY}`);
  }
  if (url.hostname.endsWith('.')) {
    throw refused('invalid_url', `The host name "${url.hostname}" ends in a dot.`);
  }
  return url;
}

async function addressesOf(url: URL, lookup: Lookup): Promise<Destination['addresses']> {
  // The parser has brought decimal, octal, hexadecimal and full-width forms to the usual one.
  const literal = url.hostname.replace(/[[\]]/g, '');
  const family = isIP(literal);
  if (family !== 0) return [{ address: literal, family }];
  try {
    const [first, ...others] = await lookup(url.hostname);
    if (first !== undefined) return [first, ...others];
  } catch {
    // Said below, in our own words.
  }
  throw new TokenError(
    'never-sent',
    'name_lookup_failed',
    `The name ${url.hostname} could not be looked up.`,
  );
}

function refused(code: string, message: string): TokenError {
  return new TokenError('configuration', code, message);
}

/** All that IANA has given out for global unicast (RFC 4291 section 2.4). */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3');

/**
 * Whether an address belongs to the public internet: none of the special ranges of IANA's registries
 * (loopback, private, link-local, shared, unique-local, multicast, reserved, documentation), and no IPv6
 * address that carries an IPv4 one inside (mapped, compatible, 6to4, Teredo, NAT64), since what it leads
 * to depends on the network.
 * @param address in canonical form; anything else is not public
 */
export function isPublicAddress(address: string): boolean {
  if (isIP(address) === 0) return false;
  const parsed = ipaddr.parse(address);
  if (parsed.range() !== 'unicast') return false;
  return parsed.kind() === 'ipv4' || parsed.match(GLOBAL_UNICAST);
}
