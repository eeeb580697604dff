import { MOST_WRITES_A_DAY } from './write-quota.ts';

/** The most secrets that one connection's refresh tokens may go round: 720 writes a day, one in two minutes. */
export const MOST_MEMBERS = 8;

/** A ring grows while its least written member still has room for the writes until the next one is there. */
const GROWS_AT = 80;

/** RFC 9562 leaves the format of UUIDs of version 8 to who makes them. */
const PLACED = /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{11}([0-9a-f])$/;

/**
 * The member of a ring that a version lies in, which its id says itself: so a write that comes late, or is repeated
 * by another process, can reach no other secret. The first one, 0, unless the id was placed.
 */
export function memberOf(versionId: string): number {
  const [, digit = '0'] = PLACED.exec(versionId) ?? [];
  return Number.parseInt(digit, 16) % MOST_MEMBERS;
}

/** The id as one of a version in that member. @param uuid of version 4 */
export function placedIn(member: number, uuid: string): string {
  if (member === 0) return uuid;
  const digit = Number.parseInt(uuid.slice(-1), 16);
  const placed = digit - (digit % MOST_MEMBERS) + member;
  return `${uuid.slice(0, 14)}8${uuid.slice(15, -1)}${placed.toString(16)}`;
}

/** Where the successor of a refresh token is stored, and how many members there are from then on. */
export interface SuccessorPlace {
  readonly member: number;
  readonly members: number;
  /** One more than there were: it has to be made before this is said. */
  readonly isGrowing: boolean;
}

export interface RingFacts {
  /** Members that a successor may be stored in now; at least one. */
  readonly writable: readonly number[];
  /** The member that the spent token lies in. */
  readonly own: number;
  /** How many members there are as far as is known. */
  readonly members: number;
  /** Whether tokens are refreshed more often than one secret bears. */
  readonly mayGrow: boolean;
  /** Versions of a member that were made within a day. */
  readonly writesOf: (member: number) => number;
}

/**
 * The least written member; of several the next one, so that who has lost count goes round as well. A ring grows by what is said in its first one: who knows nothing but that secret must
 * know of every other that may hold a younger token.
 */
export function successorPlace({ writable, own, members, mayGrow, writesOf }: RingFacts): SuccessorPlace {
  const inTurn = [...writable.filter((each) => each > own), ...writable.filter((each) => each <= own)];
  const least = inTurn.reduce((best, each) => (writesOf(each) < writesOf(best) ? each : best));
  const isGrowing =
    mayGrow &&
    members < MOST_MEMBERS &&
    writable.includes(0) &&
    writesOf(least) >= GROWS_AT &&
    writesOf(0) < MOST_WRITES_A_DAY;
  return isGrowing ? { member: 0, members: members + 1, isGrowing } : { member: least, members, isGrowing };
}
