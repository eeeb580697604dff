import { describe, expect, it } from 'vitest';
import { FairLimit } from '../../../functions/refresh/fair-limit.ts';

/** Work that ends when it is told to. */
class Works {
  readonly started: string[] = [];
  readonly #ends = new Map<string, (error?: Error) => void>();
  readonly #limit: FairLimit;

  constructor(overall: number, perKey: number) {
    this.#limit = new FairLimit({ overall, perKey });
  }

  /** Named by its key and a number, such as `a1`. */
  ask(...names: string[]): Promise<string>[] {
    return names.map((name) =>
      this.#limit.run(name.slice(0, 1), () => {
        this.started.push(name);
        return new Promise((resolve, reject) =>
          this.#ends.set(name, (error) => (error ? reject(error) : resolve(name))),
        );
      }),
    );
  }

  async end(name: string, error?: Error): Promise<void> {
    this.#ends.get(name)?.(error);
    await settle();
  }
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

async function asked(overall: number, perKey: number, ...names: string[]): Promise<Works> {
  const works = new Works(overall, perKey);
  works.ask(...names);
  await settle();
  return works;
}

describe('a fair limit', () => {
  it('starts at once what has room, and no more than that', async () => {
    expect((await asked(2, 2, 'a1', 'b1', 'c1')).started).toEqual(['a1', 'b1']);
  });

  it('gives one key its share and leaves the rest, though no other comes', async () => {
    const works = await asked(4, 2, 'a1', 'a2', 'a3', 'a4');
    expect(works.started).toEqual(['a1', 'a2']);
    works.ask('b1');
    await settle();
    expect(works.started).toEqual(['a1', 'a2', 'b1']);
  });

  it('keeps the order in which the work of one key came', async () => {
    const works = await asked(1, 1, 'a1', 'a2', 'a3', 'a4');
    for (const name of ['a1', 'a2', 'a3']) await works.end(name);
    expect(works.started).toEqual(['a1', 'a2', 'a3', 'a4']);
  });

  it('prefers the key that has least under way, though another came first', async () => {
    const works = await asked(3, 3, 'a1', 'a2', 'b1', 'a3', 'b2');
    await works.end('b1');
    expect(works.started).toEqual(['a1', 'a2', 'b1', 'b2']);
    await works.end('b2');
    expect(works.started.at(-1)).toBe('a3');
  });

  it('takes whose key came to wait first among those that have as little', async () => {
    const works = await asked(1, 1, 'a1', 'c1', 'b1');
    for (const name of ['a1', 'c1']) await works.end(name);
    expect(works.started).toEqual(['a1', 'c1', 'b1']);
  });

  it('lets no slow key hold up another', async () => {
    const works = await asked(3, 2, 'a1', 'a2', 'a3', 'b1', 'b2', 'b3');
    expect(works.started).toEqual(['a1', 'a2', 'b1']);
    await works.end('b1');
    await works.end('b2');
    expect(works.started).toEqual(['a1', 'a2', 'b1', 'b2', 'b3']);
  });

  it('starts all that has room when several can', async () => {
    const works = await asked(2, 1, 'a1', 'a2', 'a3');
    works.ask('b1');
    await settle();
    await works.end('a1');
    expect(works.started).toEqual(['a1', 'b1', 'a2']);
    await works.end('b1');
    expect(works.started).toEqual(['a1', 'b1', 'a2']);
    await works.end('a2');
    expect(works.started).toEqual(['a1', 'b1', 'a2', 'a3']);
  });

  it('does not serve a key that keeps a backlog again before one that waits', async () => {
    const works = await asked(1, 1, 'a1', 'c1', 'b1', 'c2');
    for (const name of ['a1', 'c1', 'b1']) await works.end(name);
    expect(works.started).toEqual(['a1', 'c1', 'b1', 'c2']);
  });

  it('answers with what the work answers with', async () => {
    const works = new Works(1, 1);
    const [answer] = works.ask('a1');
    await settle();
    await works.end('a1');
    expect(await answer).toBe('a1');
  });

  it('frees the place of work that fails, and hands its error on', async () => {
    const works = new Works(1, 1);
    const [failing] = works.ask('a1', 'a2');
    const caught = expect(failing).rejects.toThrow('failed');
    await settle();
    await works.end('a1', new Error('failed'));
    await caught;
    expect(works.started).toEqual(['a1', 'a2']);
  });

  it('has its whole room again after a busy time', async () => {
    const works = await asked(2, 2, 'a1', 'a2', 'a3');
    for (const name of ['a1', 'a2', 'a3']) await works.end(name);
    works.ask('a4', 'a5', 'a6');
    await settle();
    expect(works.started.slice(3)).toEqual(['a4', 'a5']);
  });
});
