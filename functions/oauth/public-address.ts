import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

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
