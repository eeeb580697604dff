import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../functions/oauth/secret.ts';
import type { RefreshTokenStore, StoredRefreshToken } from '../../functions/refresh/ports/stores.ts';
import { placedIn } from '../../functions/refresh/rules/ring.ts';
import { canarySecret } from './canary.ts';

/** A store whose first secret is there, and what a person does past it. */
export interface OpenStore {
  readonly store: RefreshTokenStore;
  /** Stores a refresh token alone, as a person would, into the secret that they know. */
  edit(refreshToken: string): Promise<void>;
  /** Lets the least time pass that the store's clock can tell. */
  pass(): Promise<void>;
}

const NAME = 'crm';
const inMember = (member: number) => placedIn(member, randomUUID());

/** What every store of refresh tokens does, whatever keeps it: one secret, and a ring of them. */
export function describeRefreshTokenStore(title: string, open: () => Promise<OpenStore>): void {
  /** A ring of three, whose tokens were stored one after another: in the first, the second, and so on. */
  async function openRing(writes: number): Promise<OpenStore & { readonly ids: readonly string[] }> {
    const opened = await open();
    for (const member of [1, 2]) await opened.store.extend(NAME, member);
    const ids: string[] = [];
    for (let write = 0; write < writes; write += 1) {
      await opened.pass();
      const id = inMember(write % 3);
      await opened.store.put(NAME, token(`t${write}`, { attempt: id, replaces: ids.at(-1), ring: 3 }), id);
      ids.push(id);
    }
    return { ...opened, ids };
  }

  function token(
    label: string,
    {
      replaces,
      ...further
    }: Partial<Omit<StoredRefreshToken, 'replaces'>> & { replaces?: string | undefined } = {},
  ): StoredRefreshToken {
    return {
      refresh_token: new Secret(canarySecret(label)),
      obtained_at: 1_767_225_600,
      ...further,
      ...(replaces !== undefined && { replaces }),
    };
  }

  /** How many versions each secret of a ring has. */
  const versions = (store: RefreshTokenStore) =>
    Promise.all([0, 1, 2].map(async (member) => (await store.madeAt(NAME, member)).length));
  const labelOf = async (read: ReturnType<RefreshTokenStore['read']>) =>
    (await read)?.value.refresh_token.reveal();

  describe(`${title}, with one secret`, () => {
    it('finds a version by id and by label, and says nothing of a ring', async () => {
      const { store } = await open();
      const [one, two] = [randomUUID(), randomUUID()];
      await store.put(NAME, token('one'), one);
      await store.put(NAME, token('two'), two);
      expect(await labelOf(store.read(NAME, {}))).toBe(canarySecret('two'));
      expect(await labelOf(store.read(NAME, { versionId: one }))).toBe(canarySecret('one'));
      expect(await labelOf(store.read(NAME, { stage: 'AWSPREVIOUS' }))).toBe(canarySecret('one'));
      expect(await store.read(NAME, {})).not.toHaveProperty('writable');
      expect(await store.currentVersionId(NAME)).toBe(two);
      expect(await store.madeAt(NAME, 0)).toHaveLength(2);
    });

    it('repeats a write without a further version', async () => {
      const { store } = await open();
      const id = randomUUID();
      for (let times = 0; times < 2; times += 1) {
        expect(await store.put(NAME, token('one'), id)).toEqual(['AWSCURRENT']);
      }
      expect(await store.madeAt(NAME, 0)).toHaveLength(1);
    });
  });

  describe(`${title}, in a ring`, () => {
    it('makes a secret once, and takes what is in it for no refresh token', async () => {
      const { store } = await open();
      await store.put(NAME, token('one', { ring: 2 }), randomUUID());
      await store.extend(NAME, 1);
      await store.extend(NAME, 1);
      expect(await store.read(NAME, {})).toMatchObject({ writable: [0, 1] });
      expect(await labelOf(store.read(NAME, {}))).toBe(canarySecret('one'));
    });

    it.each([1, 2, 3, 4, 5])('has one that is current after %i writes, and one before it', async (writes) => {
      const { store, ids } = await openRing(writes);
      const last = ids.at(-1) as string;
      const current = await store.read(NAME, {});
      expect(current).toMatchObject({ versionId: last, stages: ['AWSCURRENT'], writable: [0, 1, 2] });
      const previous = await store.read(NAME, { stage: 'AWSPREVIOUS' }, { known: last });
      expect(previous?.versionId).toBe(ids.at(-2));
      expect(previous?.stages ?? []).not.toContain('AWSCURRENT');
      expect(await store.currentVersionId(NAME, { known: last })).toBe(last);
    });

    it('says of a version that another has taken its place, though it is current in its own secret', async () => {
      const { store, ids } = await openRing(5);
      for (const [index, versionId] of ids.entries()) {
        const read = await store.read(NAME, { versionId });
        expect(read?.value.refresh_token.reveal()).toBe(canarySecret(`t${index}`));
        expect(read?.stages.includes('AWSCURRENT')).toBe(index === 4);
      }
    });

    it('writes each version into the secret that its id names, and no other', async () => {
      const { store, ids } = await openRing(5);
      // A ring's further secrets hold what they were made with, too.
      const made = await Promise.all([0, 1, 2].map((member) => store.madeAt(NAME, member)));
      expect(made.map((each) => each.length)).toEqual([2, 3, 2]);
      await store.put(
        NAME,
        token('t1', { attempt: ids[1] as string, replaces: ids[0], ring: 3 }),
        ids[1] as string,
      );
      expect((await store.madeAt(NAME, 1)).length).toBe(3);
      expect((await store.read(NAME, {}))?.versionId).toBe(ids[4]);
    });

    it('gives way to what a person stores in the first secret', async () => {
      const { store, ids, edit, pass } = await openRing(5);
      await pass();
      await edit(canarySecret('theirs'));
      const [known] = [ids[4] as string];
      expect(await labelOf(store.read(NAME, {}))).toBe(canarySecret('theirs'));
      const current = await store.read(NAME, {}, { known });
      expect(current).toMatchObject({ writable: [0], stages: ['AWSCURRENT'] });
      expect((await store.read(NAME, { versionId: known }))?.stages).not.toContain('AWSCURRENT');
      expect(await store.currentVersionId(NAME, { known })).toBe(current?.versionId);
    });

    it('goes on where what a person stored is displaced, and knows what that was', async () => {
      const { store, ids, edit, pass } = await openRing(4);
      await pass();
      await edit(canarySecret('theirs'));
      await pass();
      const late = inMember(1);
      await store.put(NAME, token('late', { attempt: late, replaces: ids[3], ring: 3 }), late);
      const named = await store.read(NAME, { versionId: late });
      expect(named).toMatchObject({ stages: ['AWSCURRENT'], writable: [0] });
      const previous = await store.read(NAME, { stage: 'AWSPREVIOUS' }, { known: late });
      expect(previous?.value.refresh_token.reveal()).toBe(canarySecret('theirs'));
    });

    it.each([0, 1, 2])('proves a write into member %i, and writes nothing', async (member) => {
      const { store } = await openRing(5);
      const before = await versions(store);
      const current = await store.read(NAME, {});
      if (current === undefined) throw new Error('nothing was read');
      expect(await store.prove(NAME, current, { successor: inMember(member) })).toEqual(['AWSCURRENT']);
      expect(await versions(store)).toEqual(before);
    });

    it.each([0, 1, 2])(
      'tells with the proof of member %i that a person stored another meanwhile',
      async (member) => {
        const { store, edit, pass } = await openRing(5);
        const current = await store.read(NAME, {});
        if (current === undefined) throw new Error('nothing was read');
        await pass();
        await edit(canarySecret('theirs'));
        expect(await store.prove(NAME, current, { successor: inMember(member) })).not.toContain('AWSCURRENT');
      },
    );
  });
}
