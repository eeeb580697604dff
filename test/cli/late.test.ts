import { describe, expect, it } from 'vitest';
import { late, once } from '../../cli/late.ts';

/** Loads `value` in each call but the first `failures`, and counts. */
function loader<T>(value: T, failures = 0) {
  const seen = { loads: 0 };
  const load = async () => {
    seen.loads += 1;
    if (seen.loads <= failures) throw new Error('could not be loaded');
    return value;
  };
  return { seen, load };
}

describe('what is loaded once', () => {
  it('is loaded at the first call, and not again', async () => {
    const { seen, load } = loader({});
    const get = once(load);
    expect(seen.loads).toBe(0);
    const [one, other] = await Promise.all([get(), get()]);
    expect(await get()).toBe(one);
    expect(other).toBe(one);
    expect(seen.loads).toBe(1);
  });

  it('is loaded again when it could not be', async () => {
    const { load } = loader('here', 1);
    const get = once(load);
    await expect(get()).rejects.toThrow('could not be loaded');
    expect(await get()).toBe('here');
  });
});

describe('a late object', () => {
  interface Store {
    read(name: string): Promise<string>;
    fail(): Promise<never>;
  }
  const prefix = 'the value of';
  const store: Store = {
    read: async (name) => `${prefix} ${name}`,
    fail: async () => {
      throw new TypeError('no such thing');
    },
  };

  it('is loaded by the first of its methods that is called, for all of them', async () => {
    const { seen, load } = loader(store);
    const object = late(load);
    const { read } = object;
    expect(seen.loads).toBe(0);
    expect(await read('crm')).toBe('the value of crm');
    expect(await object.read('erp')).toBe('the value of erp');
    expect(seen.loads).toBe(1);
  });

  it('has the same method each time', () => {
    const object = late(loader(store).load);
    expect(object.read).toBe(object.read);
  });

  it('fails as its methods do', async () => {
    await expect(late(loader(store).load).fail()).rejects.toThrow(TypeError);
  });

  it('answers at once with what is its own', () => {
    const { seen, load } = loader({ ...store, name: 'loaded' });
    expect(late(load, { name: 'own' }).name).toBe('own');
    expect(seen.loads).toBe(0);
  });

  it('can be handed through a promise without being loaded', async () => {
    const { seen, load } = loader(store);
    await Promise.resolve(late(load));
    expect(seen.loads).toBe(0);
  });
});
