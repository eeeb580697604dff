import { describe, expect, it } from 'vitest';
import { definitionDigest } from '../../../functions/connections/definition-digest.ts';
import { RegisteredNames } from '../../../functions/refresh/registered-names.ts';

const digest = (index: number) => definitionDigest('any', index);

describe('the names of who is registered', () => {
  it('are known with their digests, however many they are, once each', () => {
    const names = new RegisteredNames();
    for (let index = 0; index < 5_000; index += 1) expect(names.add(`c${index}`, digest(index))).toBe(true);
    expect(names.add('c7', digest(-1))).toBe(false);
    expect(names.size).toBe(5_000);
    for (let index = 0; index < 5_000; index += 1) {
      expect(names.isSame(`c${index}`, digest(index))).toBe(true);
      expect(names.isSame(`c${index}`, digest(index + 1))).toBe(false);
    }
    expect(names.isSame('unknown', digest(1))).toBe(false);
    expect([names.has('c4999'), names.has('c5000')]).toEqual([true, false]);
  });

  it('without a digest, or with one in doubt, are the same as nothing', () => {
    const names = new RegisteredNames();
    names.add('a', undefined);
    names.add('b', digest(1));
    names.add('c', 'short');
    expect(['a', 'b', 'c'].map((name) => names.isSame(name, digest(1)))).toEqual([false, true, false]);
    names.doubt('b');
    names.doubt('unknown');
    expect([names.isSame('b', digest(1)), names.has('b'), names.has('unknown')]).toEqual([
      false,
      true,
      false,
    ]);
  });

  it('remember who was seen, also over a cut, until it is forgotten', () => {
    const registered = () => {
      const names = new RegisteredNames();
      for (const name of ['a', 'b', 'c']) names.add(name, digest(1));
      return names;
    };
    const names = registered();
    expect([names.see('a'), names.see('new'), names.see('a')]).toEqual([true, true, false]);
    expect([names.seen, names.size]).toEqual([2, 4]);
    const later = registered();
    later.seeBytes(names.toBytes());
    expect(names.toBytes()).toHaveLength(16);
    expect(['a', 'b', 'c', 'new'].map((name) => later.hasSeen(name))).toEqual([true, false, false, true]);
    expect(later.isSame('a', digest(1))).toBe(true);
    later.forgetSeen();
    expect([later.seen, later.hasSeen('a'), later.isSame('a', digest(1))]).toEqual([0, false, true]);
  });

  it('take some tens of bytes each', () => {
    const names = new RegisteredNames();
    for (let index = 0; index < 20_000; index += 1) names.add(`customer-${index}/crm`, 'none');
    expect(names.bytes / names.size).toBeLessThan(45);
  });
});

describe('the digest of a definition', () => {
  const crm = { provider: 'xero', credentials: 'a', parameters: { x: '1', y: '2' } };

  it('does not mind the order of keys, nor what is not there', () => {
    const same = { parameters: { y: '2', x: '1' }, credentials: 'a', provider: 'xero', scope: undefined };
    expect(definitionDigest('crm', same)).toBe(definitionDigest('crm', crm));
  });

  it.each([
    ['another name', 'crn', crm],
    ['another value', 'crm', { ...crm, credentials: 'b' }],
    ['a further key', 'crm', { ...crm, scope: 'read' }],
    ['another order of a list', 'crm', { ...crm, grants: ['b', 'a'] }],
  ])('is another for %s', (_, name, definition) => {
    const listed = { ...crm, grants: ['a', 'b'] };
    expect([crm, listed].map((each) => definitionDigest('crm', each))).not.toContain(
      definitionDigest(name, definition),
    );
  });

  it('stays what it is: all are registered once more when it does not', () => {
    expect(definitionDigest('crm', crm)).toBe('ttaEG1_n_sLbadhm');
  });
});
