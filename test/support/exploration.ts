import { ACTORS, CLOCKS_APART_MS, type Scenario } from './refresh-scenario.ts';
import type { Call } from './refresh-world.ts';
import type { Candidate, Choose } from './schedule.ts';
import { seededRandom } from './seeded-random.ts';

interface Branch {
  readonly count: number;
  chosen: number;
}

/**
 * Runs `run` once for every sequence of choices that it can meet, depth first. Each run starts anew, so
 * that what it does must depend on its choices alone.
 */
export async function exploreAll(run: (choose: Choose) => Promise<void>): Promise<number> {
  const path: Branch[] = [];
  for (let runs = 1; ; runs += 1) {
    let depth = 0;
    await run((count) => {
      const branch = path[depth] ?? { count, chosen: 0 };
      if (branch.count !== count) throw new Error('the same choices led to another schedule');
      path[depth] = branch;
      depth += 1;
      return branch.chosen;
    });
    while (path.length > 0 && (path.at(-1) as Branch).chosen + 1 === (path.at(-1) as Branch).count)
      path.pop();
    const last = path.at(-1);
    if (!last) return runs;
    last.chosen += 1;
  }
}

/** A schedule that only swaps independent calls of one that was run already. */
export class Redundant extends Error {}

interface Node {
  readonly what: 'turn' | 'fate';
  readonly count: number;
  chosen: number;
  /** Of a turn: who could act, and whose acting now would lead to nothing new. */
  readonly candidates: readonly Candidate[];
  readonly asleep: Set<string>;
}

/**
 * Runs `run` for every interleaving and every fate, leaving out schedules that differ from another only
 * by the order of calls which do not touch the same thing (sleep sets). `run` must let `Redundant` pass.
 */
export async function exploreInterleavings(run: (choose: Choose) => Promise<void>): Promise<number> {
  const path: Node[] = [];
  let runs = 0;
  for (;;) {
    let depth = 0;
    let asleep = new Set<string>();
    const choose: Choose = (count, what, candidates) => {
      let node = path[depth];
      if (!node) {
        const awake = candidates.findIndex(({ process }) => !asleep.has(process));
        if (what === 'turn' && awake < 0) throw new Redundant();
        node = { what, count, candidates, asleep: new Set(asleep), chosen: Math.max(0, awake) };
        path.push(node);
      }
      if (node.count !== count) throw new Error('the same choices led to another schedule');
      depth += 1;
      asleep = what === 'turn' ? asleepAfter(node) : node.chosen === 0 ? asleep : new Set();
      return node.chosen;
    };
    try {
      await run(choose);
      runs += 1;
    } catch (error) {
      if (!(error instanceof Redundant)) throw error;
    }
    while (path.length > 0 && !advance(path.at(-1) as Node)) path.pop();
    if (path.length === 0) return runs;
  }
}

/** Those who may go on sleeping after the chosen one has acted: what they would do is independent of it. */
function asleepAfter({ candidates, asleep, chosen }: Node): Set<string> {
  const acted = candidates[chosen] as Candidate;
  return new Set(
    candidates
      .filter(({ process, call }) => asleep.has(process) && isIndependent(call, acted.call))
      .map(({ process }) => process),
  );
}

/** Moves on to the next choice at this node; `false` when there is none. */
function advance(node: Node): boolean {
  if (node.what === 'turn') node.asleep.add((node.candidates[node.chosen] as Candidate).process);
  do node.chosen += 1;
  while (node.what === 'turn' && node.asleep.has(node.candidates[node.chosen]?.process ?? ''));
  return node.chosen < node.count;
}

/** Calls to different things commute, and so do reads. */
function isIndependent(one: Call, other: Call): boolean {
  if (one.port === 'credentials' || other.port === 'credentials') return true;
  if (one.port !== other.port) return true;
  const isRead = ({ method }: Call) => method === 'read' || method === 'currentVersionId' || method === 'get';
  return isRead(one) && isRead(other);
}

/**
 * Choices from a seed. Fates are mostly `ok`, or the faults would be used up by the first calls.
 * @param faultShare how often a call meets a fault, in [0, 1]
 */
export function randomChoices(seed: number, faultShare: number): Choose {
  const random = seededRandom(seed);
  return (count, what) => {
    if (what === 'fate') {
      return random.fraction() < faultShare ? 1 + Math.floor(random.fraction() * (count - 1)) : 0;
    }
    return Math.floor(random.fraction() * count);
  };
}

/** When actors come: at once, while a lease is held, as it ends, and when an open attempt may be tried. */
const START_AFTER_MS = [0, 0, 0, 1_000, 30_000, 61_000, 114_000, 119_999, 120_001, 121_000, 180_000, 241_000];

/** Two to four actors who come at different times, from a seed. */
export function randomScenario(seed: number): Omit<Scenario, 'choose'> {
  const random = seededRandom(seed ^ 0x5eed);
  const of = <T>(values: readonly T[]) => values[Math.floor(random.fraction() * values.length)] as T;
  const actors = Array.from({ length: 2 + Math.floor(random.fraction() * 3) }, () => of(ACTORS));
  return {
    actors,
    startAfterMs: actors.map(() => of(START_AFTER_MS)),
    faults: 1 + Math.floor(random.fraction() * 3),
    skewMs: random.fraction() < 0.5 ? 0 : CLOCKS_APART_MS,
    ring: random.fraction() < 0.5,
  };
}
