import { describe, expect, it } from 'vitest';
import { OriginLines } from '../../../functions/refresh/origin-lines.ts';

/** Work by name, that ends when it is told to. */
class Works {
  readonly started: string[] = [];
  readonly lines: OriginLines<string>;
  readonly #ends = new Map<string, () => void>();

  constructor({ overall = 100, perOrigin = 2 } = {}) {
    const work = (name: string) => {
      this.started.push(name);
      return new Promise<void>((resolve) => this.#ends.set(name, resolve));
    };
    this.lines = new OriginLines({ overall, perOrigin, work });
  }

  async end(...names: readonly string[]): Promise<void> {
    for (const name of names) {
      this.#ends.get(name)?.();
      await settle();
    }
  }
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('what is due at one origin', () => {
  it('is begun in the order in which it came, as many at once as one origin may have', async () => {
    const works = new Works();
    works.lines.add('a', ['a1', 'a2', 'a3']);
    works.lines.add('b', ['b1']);
    works.lines.add('a', ['a4']);
    await settle();
    expect(works.started).toEqual(['a1', 'a2', 'b1']);
    await works.end('a2', 'a1', 'a3');
    expect(works.started).toEqual(['a1', 'a2', 'b1', 'a3', 'a4']);
  });

  it('gives way to others, where all together are as many as may be at work', async () => {
    const works = new Works({ overall: 2 });
    works.lines.add('a', ['a1', 'a2', 'a3']);
    works.lines.add('b', ['b1']);
    await settle();
    await works.end('a1');
    expect(works.started).toEqual(['a1', 'a2', 'b1']);
  });

  it('waits for the one that tries the origin first, also what comes later', async () => {
    const works = new Works();
    works.lines.add('a', ['a1', 'a2', 'a3'], 'a2');
    works.lines.add('a', ['a4', 'a5'], 'a5');
    await settle();
    expect(works.started).toEqual(['a2']);
    await works.end('a2');
    expect(works.started).toEqual(['a2', 'a1', 'a3']);
    await works.end('a1', 'a3', 'a4', 'a5');
    expect(works.started).toEqual(['a2', 'a1', 'a3', 'a4', 'a5']);
    expect(works.lines.atWork).toBe(0);
  });

  it('waits for such a one though others of its origin are at work since before', async () => {
    const works = new Works();
    works.lines.add('a', ['a1', 'a2', 'a3']);
    works.lines.add('a', ['a4'], 'a4');
    await settle();
    await works.end('a1');
    expect(works.started).toEqual(['a1', 'a2', 'a4']);
    await works.end('a2');
    expect(works.started).toEqual(['a1', 'a2', 'a4']);
    await works.end('a4');
    expect(works.started).toEqual(['a1', 'a2', 'a4', 'a3']);
  });
});

describe('the end', () => {
  it('comes when what waited has had its turn, too', async () => {
    const works = new Works({ perOrigin: 1 });
    works.lines.add('a', ['a1', 'a2']);
    let hasEnded = false;
    void works.lines.ended().then(() => {
      hasEnded = true;
    });
    await settle();
    await works.end('a1');
    expect(hasEnded).toBe(false);
    await works.end('a2');
    expect(hasEnded).toBe(true);
    await works.lines.ended();
  });

  it('comes sooner where the rest is left: how many that were is known', async () => {
    const works = new Works({ perOrigin: 1 });
    works.lines.add('a', ['a1', 'a2', 'a3']);
    works.lines.add('b', ['b1']);
    await settle();
    expect(works.lines.leaveRest()).toBe(2);
    expect(works.lines.leaveRest()).toBe(0);
    await works.end('a1', 'b1');
    expect(works.started).toEqual(['a1', 'b1']);
    expect(works.lines.atWork).toBe(0);
  });
});
