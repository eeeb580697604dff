import { describe, expect, it } from 'vitest';
import { troubleOf } from '../../../functions/status-page/trouble.ts';

const of = (name: string, message: string, remedy: string, code = 'invalid_grant') =>
  troubleOf({
    ...({ name, error: undefined } as Parameters<typeof troubleOf>[0]),
    need: { code, since: 0, message, remedy },
  });

describe('a trouble', () => {
  it('is the same for connections that differ in their names alone', () => {
    const one = of('crm', 'refused', 'Sign in again (evertoken authorize crm).');
    expect(one?.remedy).toBe('Sign in again (evertoken authorize CONNECTION).');
    expect(of('shop/1', 'refused too', 'Sign in again (evertoken authorize shop/1).')?.key).toBe(one?.key);
  });

  it('is the same though one has waited longer', () => {
    expect(of('a1', 'x', 'It is tried again at 10:11.')?.key).toBe(
      of('b', 'x', 'It is tried again at 12:00.')?.key,
    );
  });

  it.each([
    ['a', 'Store a secret as a/b or a-b, a.b and ba.', 'Store CONNECTION secret as a/b or a-b, a.b and ba.'],
    ['crm.v2', 'evertoken pause crm.v2. Then crmxv2.', 'evertoken pause CONNECTION. Then crmxv2.'],
    ['a+b', 'evertoken/tokens/a+b', 'evertoken/tokens/a+b'],
  ])('names %s where it stands alone', (name, remedy, expected) => {
    expect(of(name, 'x', remedy)?.remedy).toBe(expected);
  });

  it('differs with its code, its remedy and whether somebody is needed', () => {
    const need = { code: 'http_503', since: 0, message: 'x', remedy: 'y' };
    const base = { name: 'crm' } as Parameters<typeof troubleOf>[0];
    const keys = [
      troubleOf({ ...base, need, error: undefined }),
      troubleOf({ ...base, need: undefined, error: need }),
      troubleOf({ ...base, need: { ...need, code: 'http_502' }, error: undefined }),
      troubleOf({ ...base, need: { ...need, remedy: 'z' }, error: undefined }),
    ].map((trouble) => trouble?.key);
    expect(new Set(keys).size).toBe(4);
    expect(troubleOf({ ...base, need: undefined, error: undefined })).toBeUndefined();
  });
});
