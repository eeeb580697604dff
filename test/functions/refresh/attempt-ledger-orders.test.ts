import { beforeAll, describe, expect, it } from 'vitest';
import { AttemptLedger } from '../../../functions/refresh/attempt-ledger.ts';
import type { ConnectionState } from '../../../functions/refresh/connection-state.ts';
import { TIMING } from '../../../functions/refresh/rules/timing.ts';
import {
  Account,
  ANEW,
  BROUGHT,
  CORE,
  EARLIER,
  type Operation,
  OWN,
  REFUSAL,
  SELDOM,
  STARTS,
  type Start,
  told,
  versionOf,
} from './ledger-account.ts';
import { stateOf } from './state-of.ts';

/** What the table says of the send that comes next, or came last. */
interface Row {
  readonly attempt: string;
  readonly versionId?: string;
}

interface Run {
  readonly done: readonly Operation[];
  readonly ledger: AttemptLedger;
  readonly account: Account;
  readonly row: Row;
  /** Whether the ledger let the last one pass, and whether it should. */
  readonly passed: boolean;
  readonly mayPass: boolean;
}

/** Calls the ledger as the steps of a refresh do, and answers with what is written down. */
function perform(ledger: AttemptLedger, operation: Operation, at: number): Row | undefined {
  const versionId = versionOf(operation);
  if (operation.startsWith('write')) {
    const send = ledger.toWriteDown(versionId, at, () => ANEW);
    if (send) ledger.writtenDown(send);
    return send;
  }
  if (operation.startsWith('send')) ledger.sending(versionId, at);
  else if (operation === 'unanswered') ledger.unanswered(at);
  else if (operation === 'refused') ledger.refused(REFUSAL);
  else if (operation === 'recovered') ledger.recovered(EARLIER, at);
  else if (operation === 'replaced') ledger.replaced(BROUGHT);
  else ledger[operation as 'spentNothing' | 'inHand' | 'persisted' | (typeof SELDOM)[0 | 1 | 2 | 5]]();
  return undefined;
}

const STATES = new Map(
  Object.entries(STARTS).map(([start, changes]) => [start, stateOf({ attemptAt: 0, ...changes })]),
);

function replay(start: Start, done: readonly Operation[]): Run {
  const state = STATES.get(start) as ConnectionState;
  const ledger = new AttemptLedger(state, OWN, TIMING);
  const account = new Account(start);
  let row: Row = { attempt: state.attempt ?? '', versionId: state.refreshTokenVersionId ?? '' };
  let [passed, mayPass] = [true, true];
  for (const [index, operation] of done.entries()) {
    mayPass = account.note(operation, index + 1);
    try {
      row = perform(ledger, operation, index + 1) ?? row;
    } catch {
      passed = false;
    }
  }
  return { done, ledger, account, row, passed, mayPass };
}

/**
 * Every order of the operations up to `length`. What follows on one that threw is left out, since nothing has
 * changed, and so is writing down a further send while one is under way: a refresh does one thing at a time.
 */
function* orders(
  start: Start,
  of: readonly Operation[],
  length: number,
  before = replay(start, []),
): Generator<Run> {
  const { isInFlight, isUnanswered } = before.account;
  for (const operation of of) {
    if (isInFlight && !isUnanswered && operation.startsWith('write')) continue;
    const run = replay(start, [...before.done, operation]);
    yield run;
    if (run.passed && run.done.length < length) yield* orders(start, of, length, run);
  }
}

const STORES: ReadonlySet<Operation> = new Set(['persisted', 'replaced', 'broughtNothing']);
const SPENDS_NOTHING: ReadonlySet<Operation> = new Set(['spentNothing', 'refused']);
const isSend = (operation: Operation) => operation.startsWith('send');

/** What came after the last send that was let through, or after a place behind it. */
function sinceSend(done: readonly Operation[]): readonly Operation[] | undefined {
  const at = done.findLastIndex(isSend);
  return at < 0 ? undefined : done.slice(at + 1);
}

/** Where a send was left without an answer first. */
function unansweredAt(done: readonly Operation[]): number {
  return done.findIndex((operation, index) => {
    const since = operation === 'unanswered' ? sinceSend(done.slice(0, index)) : undefined;
    return since !== undefined && !since.some((one) => STORES.has(one) || SPENDS_NOTHING.has(one));
  });
}

const isKept = ({ ledger }: Run) => ledger.isOpen && (ledger.toChange().attempt ?? '') === ledger.attempt;

/** What is wrong with the end of an order, by what would be right. */
const RULES: Readonly<Record<string, (run: Run) => boolean>> = {
  'sends nothing but the version that is written down, under the id that is written down': ({
    done,
    row,
    passed,
    ledger,
  }) => {
    const last = done.at(-1);
    if (!passed || last === undefined || !isSend(last)) return false;
    return row.versionId !== versionOf(last) || row.attempt !== ledger.attempt;
  },

  'keeps the attempt from the sending until nothing was spent for sure, or what came is stored': (run) => {
    const since = run.passed ? sinceSend(run.done) : undefined;
    if (since === undefined || since.some((operation) => STORES.has(operation))) return false;
    const kept = since.findIndex((operation) => operation === 'unanswered' || operation === 'inHand');
    const isRefused = since.slice(0, kept < 0 ? undefined : kept).some((one) => SPENDS_NOTHING.has(one));
    return !isRefused && !isKept(run);
  },

  'keeps what had no answer open, whatever is answered later, until a token is stored': (run) => {
    const at = unansweredAt(run.done);
    if (at < 0 || run.done.slice(at).some((operation) => STORES.has(operation))) return false;
    const isRefused = run.ledger.toChange().refusedAt === REFUSAL.refusedAt;
    return !isKept(run) || (isRefused && !run.done.slice(0, at).includes('refused'));
  },

  'comes to the change that follows from an account of the calls': ({ ledger, account, passed, mayPass }) =>
    told(ledger, ledger.toChange(), [passed, ledger.refreshTokenVersionId]) !==
    told(account, account.change, [mayPass, account.named]),
};

/** The first orders that are wrong by each rule, for the one who reads. */
function firstWrong(start: Start): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>(Object.keys(RULES).map((rule) => [rule, []]));
  for (const [of, length] of [
    [[...CORE, ...SELDOM], 4],
    [CORE, 5],
  ] as const) {
    for (const run of orders(start, of, length)) {
      for (const [rule, isWrong] of Object.entries(RULES)) {
        const wrong = found.get(rule) as string[];
        if (wrong.length < 5 && isWrong(run)) wrong.push(run.done.join(', '));
      }
    }
  }
  return found;
}

describe.each(Object.keys(STARTS) as Start[])('every order of calls that begins with %s', (start) => {
  let wrong: ReadonlyMap<string, readonly string[]>;

  beforeAll(() => {
    wrong = firstWrong(start);
  });

  it.each(Object.keys(RULES))('%s', (rule) => {
    expect(wrong.get(rule)).toEqual([]);
  });
});
