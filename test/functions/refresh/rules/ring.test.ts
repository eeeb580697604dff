import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  MOST_MEMBERS,
  memberOf,
  placedIn,
  successorPlace,
} from '../../../../functions/refresh/rules/ring.ts';

const MEMBERS = Array.from({ length: MOST_MEMBERS }, (_, member) => member);

describe('the member that a version lies in', () => {
  it('is said by its id, for each member and any id', () => {
    for (let ids = 0; ids < 200; ids += 1) {
      const uuid = randomUUID();
      expect(MEMBERS.map((member) => memberOf(placedIn(member, uuid)))).toEqual(MEMBERS);
      expect(memberOf(uuid)).toBe(0);
    }
  });

  it('leaves an id that is valid, and as hard to guess but for three bits', () => {
    const uuid = '6ed91671-b65d-4414-8b77-6e61ad035c1f';
    expect(placedIn(0, uuid)).toBe(uuid);
    expect(placedIn(3, uuid)).toBe('6ed91671-b65d-8414-8b77-6e61ad035c1b');
    expect(placedIn(3, uuid.replace(/f$/, '2'))).toBe('6ed91671-b65d-8414-8b77-6e61ad035c13');
  });

  it.each(['', 'console', 'terraform-20260101000000000000000001', '6ED91671-B65D-8414-8B77-6E61AD035C13'])(
    'is the first one for an id of somebody else: %j',
    (id) => {
      expect(memberOf(id)).toBe(0);
    },
  );
});

describe('where a successor goes', () => {
  const place = (
    writes: readonly number[],
    { own = 0, mayGrow = true, members = writes.length, writable = [...writes.keys()] } = {},
  ) => successorPlace({ own, mayGrow, members, writable, writesOf: (member) => writes[member] ?? 0 });

  it('is the one secret while that has room', () => {
    expect(place([0])).toEqual({ member: 0, members: 1, isGrowing: false });
    expect(place([79.5])).toEqual({ member: 0, members: 1, isGrowing: false });
  });

  it('is the first of more, one ahead of need, and only where tokens ask for it', () => {
    expect(place([80])).toEqual({ member: 0, members: 2, isGrowing: true });
    expect(place([80], { mayGrow: false })).toEqual({ member: 0, members: 1, isGrowing: false });
    expect(place([89, 85, 80])).toEqual({ member: 0, members: 4, isGrowing: true });
  });

  it('is the least written, and of equals the one after that of the spent token', () => {
    expect(place([5, 3, 4]).member).toBe(1);
    expect([0, 1, 2].map((own) => place([0, 0, 0], { own }).member)).toEqual([1, 2, 0]);
    expect(place([0, 0, 0], { own: 2, writable: [0] }).member).toBe(0);
  });

  it('does not grow beyond eight, nor where the first secret cannot say so', () => {
    expect(place(Array.from({ length: 8 }, () => 85))).toMatchObject({ members: 8, isGrowing: false });
    expect(place([90, 84])).toEqual({ member: 1, members: 2, isGrowing: false });
    expect(place([0, 88], { writable: [1] })).toEqual({ member: 1, members: 2, isGrowing: false });
  });
});
