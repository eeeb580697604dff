import { FairLimit } from './fair-limit.ts';

export interface OriginLinesProps<Candidate> {
  /** At work at once, whatever the origin. */
  readonly overall: number;
  /** At work at once at one origin. */
  readonly perOrigin: number;
  /** Never rejects. */
  readonly work: (candidate: Candidate) => Promise<void>;
}

/** What waits for one origin. */
interface Line<Candidate> {
  readonly waiting: Candidate[];
  /** So many of them have had their turn. */
  served: number;
  atWork: number;
  /** One tries the origin before the others do. */
  isProbed: boolean;
}

/**
 * What is due, in a line for each origin, in the order in which it came. Of what waits nothing is there but itself,
 * since there may be a hundred thousand: only as many as may be at work at one origin ask for their turn.
 */
export class OriginLines<Candidate> {
  readonly #perOrigin: number;
  readonly #work: (candidate: Candidate) => Promise<void>;
  readonly #limit: FairLimit;
  readonly #lines = new Map<string, Line<Candidate>>();
  readonly #atWork = new Set<Promise<void>>();

  constructor({ overall, perOrigin, work }: OriginLinesProps<Candidate>) {
    this.#perOrigin = perOrigin;
    this.#work = work;
    this.#limit = new FairLimit({ overall, perKey: perOrigin });
  }

  /** How many are at work, or would be if others were not. */
  get atWork(): number {
    return this.#atWork.size;
  }

  /** @param probe one of the group that tries the origin before any other that waits, unless one does already */
  add(origin: string, group: readonly Candidate[], probe?: Candidate): void {
    const line = this.#lines.get(origin) ?? { waiting: [], served: 0, atWork: 0, isProbed: false };
    this.#lines.set(origin, line);
    const first = line.isProbed ? undefined : probe;
    line.waiting.push(...group.filter((candidate) => candidate !== first));
    if (first !== undefined) {
      line.isProbed = true;
      this.#start(first, origin, line);
    }
    this.#serve(origin, line);
  }

  /** Begins with nothing more. @returns how many had not had their turn */
  leaveRest(): number {
    let left = 0;
    for (const line of this.#lines.values()) {
      left += line.waiting.length - line.served;
      clear(line);
    }
    return left;
  }

  /** Resolves when nothing is at work and nothing waits. */
  async ended(): Promise<void> {
    while (this.#atWork.size > 0) await Promise.all(this.#atWork);
  }

  #serve(origin: string, line: Line<Candidate>): void {
    while (!line.isProbed && line.atWork < this.#perOrigin && line.served < line.waiting.length) {
      const next = line.waiting[line.served] as Candidate;
      line.served += 1;
      this.#start(next, origin, line);
    }
    if (line.served === line.waiting.length) clear(line);
  }

  #start(candidate: Candidate, origin: string, line: Line<Candidate>): void {
    const isProbe = line.isProbed;
    line.atWork += 1;
    const atWork = this.#limit
      .run(origin, () => this.#work(candidate))
      .finally(() => {
        this.#atWork.delete(atWork);
        line.atWork -= 1;
        if (isProbe) line.isProbed = false;
        this.#serve(origin, line);
      });
    this.#atWork.add(atWork);
  }
}

function clear(line: Line<unknown>): void {
  line.waiting.length = 0;
  line.served = 0;
}
