import { TokenError } from '../../functions/oauth/token-error.ts';
import type { Exchange } from '../../functions/oauth/token-set.ts';
import type { Clock } from '../../functions/refresh/ports/outside.ts';
import { StoreError } from '../../functions/refresh/ports/stores.ts';
import type { Call, Intercept, RefreshWorld } from './refresh-world.ts';

/** What may become of one outgoing call. */
export const FATES = [
  'ok',
  /** Fails without effect. */
  'fail-before',
  /** Takes effect, and its answer is lost. */
  'fail-after',
  /** Answers after the caller has given up; takes effect meanwhile. */
  'late',
  /** Answers with what was true before the last write (reads of Secrets Manager alone). */
  'stale',
  /** The process is killed before the call leaves. */
  'kill-before',
  /** The process is killed after the call took effect. */
  'kill-after',
  /** Answers of a token endpoint, or of what stands before it: a page that blocks, no effect. */
  'block-page',
  /** A gateway's 503, no effect. */
  'gateway',
  'throttled',
  'client-refused',
  /** Takes effect, and answers with a refresh token and no access token. */
  'half-answer',
] as const;

/** The fates that only an exchange can meet. */
const ANSWERS: readonly string[] = ['block-page', 'gateway', 'throttled', 'client-refused', 'half-answer'];
export type Fate = (typeof FATES)[number];

/** A process that could act now, and the call that it would make. */
export interface Candidate {
  readonly process: string;
  readonly call: Call;
}

/** Picks one of `count` possibilities; what it is asked is the whole of a schedule's freedom. */
export type Choose = (count: number, what: 'turn' | 'fate', candidates: readonly Candidate[]) => number;

/** Someone who acts on the connection, in a process of its own. */
export interface Actor {
  readonly name: string;
  readonly act: (process: { readonly intercept: Intercept; readonly clock: Clock }) => Promise<unknown>;
}

export interface ScheduleOptions {
  readonly choose: Choose;
  /** Calls that may meet another fate than `ok`. */
  readonly faults: number;
  /** Receives every exchange that reaches the provider. */
  readonly onExchange?: (exchange: SentExchange) => void;
  /** Changes of the acting process while it could go on. */
  readonly preemptions?: number;
  /** How far the clocks of two processes may be apart. Default 0. */
  readonly skewMs?: number;
}

/** One exchange that reached the provider. */
export interface SentExchange {
  /** Place in the provider's own list. */
  readonly index: number;
  readonly process: string;
  /** The answer reached a process that was alive, and said what became of the refresh token. */
  readonly answered: boolean;
  /** As far as its sender can know, the refresh token may have been spent. */
  readonly mayHaveSpent: boolean;
  /** It reached the provider itself. */
  readonly hadEffect: boolean;
}

/** What happened, call by call: enough to understand a failure without running it again. */
export interface Step {
  readonly actor: string;
  readonly call: string;
  readonly fate: Fate;
}

interface Pending {
  readonly call: Call;
  readonly resume: (fate: Fate) => Promise<void>;
}

class Process {
  readonly actor: Actor;
  /** How far its clock is ahead. */
  readonly skewMs: number;
  pending: Pending | undefined;
  killed = false;
  ended = false;

  constructor(actor: Actor, skewMs: number) {
    this.actor = actor;
    this.skewMs = skewMs;
  }
}

/** After the caller gave up, a call takes effect within this time or not at all. */
const AFTER_ABORT_MS = 4_000;
/** Calls without a signal, and those that outlive it, are late by this. */
const LATE_MS = 90_000;
const NEVER = new Promise<never>(() => undefined);

/**
 * Runs actors on one world, one call at a time in the order that `choose` picks. Each call is a turning
 * point: before it, another process may act, and it may meet a fate. Time passes only when nobody has
 * a call to make.
 */
export async function runSchedule(
  world: RefreshWorld,
  actors: readonly Actor[],
  { choose, faults, onExchange, preemptions = Number.POSITIVE_INFINITY, skewMs = 0 }: ScheduleOptions,
): Promise<readonly Step[]> {
  const steps: Step[] = [];
  const processes = actors.map(
    (actor) => new Process(actor, Math.round((world.random.fraction() - 0.5) * skewMs)),
  );
  let faultsLeft = faults;
  let preemptionsLeft = preemptions;
  let last: Process | undefined;
  const failures: unknown[] = [];

  for (const process of processes) {
    process.actor
      .act({ intercept: interceptOf(process, world, onExchange), clock: clockOf(process, world) })
      .catch((error: unknown) => failures.push(error))
      .finally(() => {
        process.ended = true;
      });
  }

  for (;;) {
    await settle();
    const ready = processes.filter(({ pending, killed }) => pending !== undefined && !killed);
    if (ready.length === 0) {
      if (processes.every(({ ended, killed }) => ended || killed)) break;
      // Somebody sleeps, or a late call is under way: the clock wakes whoever is next.
      await world.clock.nextWake();
      continue;
    }
    const canGoOn = last !== undefined && ready.includes(last);
    const candidates = canGoOn && preemptionsLeft === 0 ? [last as Process] : ready;
    const process = candidates[choose(candidates.length, 'turn', candidates.map(candidateOf))] as Process;
    if (canGoOn && process !== last) preemptionsLeft -= 1;
    last = process;
    const pending = process.pending as Pending;
    process.pending = undefined;
    const fates = faultsLeft > 0 ? fatesOf(pending.call) : (['ok'] as const);
    const fate = fates[fates.length === 1 ? 0 : choose(fates.length, 'fate', [])] as Fate;
    if (fate !== 'ok') faultsLeft -= 1;
    steps.push({ actor: process.actor.name, call: `${pending.call.port}.${pending.call.method}`, fate });
    await pending.resume(fate);
    // No two calls take effect at the same instant.
    world.clock.advance(1);
  }
  if (failures.length > 0) throw failures[0];
  return steps;
}

function candidateOf({ actor, pending }: Process): Candidate {
  return { process: actor.name, call: (pending as Pending).call };
}

/** Only what differs for this call: a fate that does nothing here would be the same schedule twice. */
function fatesOf(call: Call): readonly Fate[] {
  if (call.method === 'exchange') return FATES.filter((fate) => fate !== 'stale');
  return fatesOfStore(call).filter((fate) => !ANSWERS.includes(fate));
}

function fatesOfStore({ port, method }: Call): readonly Fate[] {
  const reads =
    method === 'read' || method === 'currentVersionId' || method === 'get' || method === 'cooldowns';
  if (!reads) return FATES.filter((fate) => fate !== 'stale');
  const stale = port === 'refreshTokens';
  return FATES.filter((fate) => (fate === 'stale' ? stale : fate !== 'fail-after' && fate !== 'kill-after'));
}

/** Lets every process run until it waits for a call, for the clock, or has ended. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function interceptOf(
  process: Process,
  world: RefreshWorld,
  onExchange: ScheduleOptions['onExchange'],
): Intercept {
  return <T>(call: Call, carryOut: () => Promise<T>): Promise<T> => {
    if (process.killed) return NEVER;
    let fateOfCall: Fate = 'ok';
    const effect = () => {
      const answered = fateOfCall === 'ok' || fateOfCall === 'half-answer';
      note({ answered, mayHaveSpent: !answered, hadEffect: true });
      return carryOut();
    };
    const note = (became: Pick<SentExchange, 'answered' | 'mayHaveSpent' | 'hadEffect'>) => {
      if (call.method !== 'exchange') return;
      const index = world.provider.exchanges.length;
      onExchange?.({ index, process: process.actor.name, ...became });
    };
    /** Something answers in place of the provider. */
    const answerFor = (error: TokenError) => {
      note({ answered: false, mayHaveSpent: error.mayHaveSpent, hadEffect: false });
      if (call.input) world.provider.receive(call.input);
      return error;
    };
    return new Promise<T>((resolve, reject) => {
      const act = async (fate: Fate): Promise<void> => {
        fateOfCall = fate;
        switch (fate) {
          case 'ok':
            return effect().then(resolve, reject);
          case 'fail-before':
            return reject(failure(call, false));
          case 'fail-after':
            await effect().catch(() => undefined);
            return reject(failure(call, true));
          case 'late':
            return late(call, effect, world, resolve, reject);
          case 'stale':
            return world.secrets.lagging(effect).then(resolve, reject);
          case 'kill-before':
            process.killed = true;
            return;
          case 'kill-after':
            await effect().catch(() => undefined);
            process.killed = true;
            return;
          case 'block-page':
            return reject(answerFor(new TokenError('unsure', 'http_403', 'blocked', { status: 403 })));
          case 'gateway':
            return reject(
              answerFor(new TokenError('unanswered', 'http_503', 'no upstream', { status: 503 })),
            );
          case 'throttled':
            return reject(answerFor(new TokenError('throttled', 'http_429', 'slow down', { status: 429 })));
          case 'client-refused':
            return reject(
              answerFor(new TokenError('client-refused', 'invalid_client', 'no', { status: 401 })),
            );
          case 'half-answer':
            return effect().then((answer) => resolve(halfOf(answer)), reject);
        }
      };
      process.pending = { call, resume: act };
    });
  };
}

/** The answer does not come in time. The effect does, at the latest a moment after the caller gave up. */
function late<T>(
  call: Call,
  effect: () => Promise<T>,
  world: RefreshWorld,
  resolve: (value: T) => void,
  reject: (error: unknown) => void,
): void {
  const { signal } = call;
  const arrive = () => effect().then(resolve, reject);
  if (call.port === 'tokenEndpoint') {
    // The endpoint's own time limit is shorter than any lease.
    void world.clock.sleep(15_000).then(async () => {
      await effect().catch(() => undefined);
      reject(failure(call, true));
    });
    return;
  }
  if (!signal) {
    void world.clock.sleep(5_000).then(arrive);
    return;
  }
  void world.clock.sleep(LATE_MS, signal).then(async () => {
    if (!signal.aborted) return arrive();
    reject(failure(call, true));
    await world.clock.sleep(AFTER_ABORT_MS);
    await effect().catch(() => undefined);
  });
}

function failure(call: Call, sent: boolean): Error {
  if (call.port !== 'tokenEndpoint') return new StoreError('transient', 'TimeoutError', 'no answer came');
  return sent
    ? new TokenError('unanswered', 'timeout', 'the provider did not answer in time')
    : new TokenError('never-sent', 'connect_refused', 'the connection was refused');
}

/** An answer that brings a refresh token, and an access token that cannot be used. */
function halfOf<T>(answer: T): T {
  const { token, ...exchange } = answer as Exchange;
  const { access_token: _, ...others } = token;
  if (others.refresh_token === undefined) return answer;
  const problem = new TokenError('unanswered', 'missing_access_token', 'no access token', { status: 200 });
  return { ...exchange, token: others, problem } as T;
}

/** A killed process never wakes. Each has a clock of its own, which is off by some seconds. */
function clockOf(process: Process, world: RefreshWorld): Clock {
  return {
    now: () => world.clock.now() + process.skewMs,
    sleep: async (ms, signal) => {
      if (process.killed) return NEVER;
      await world.clock.sleep(ms, signal);
      if (process.killed) await NEVER;
    },
  };
}
