/** One safeguard taken out, and the test that must notice. */
export interface Mutation {
  readonly name: string;
  readonly file: string;
  readonly find: string;
  readonly replace: string;
  readonly tests: string;
  /** Part of the name of a test that must fail. */
  readonly fails: string;
}

const REFRESH = 'functions/refresh';

/** What keeps a refresh token from being lost or spent twice. */
export const MUTATIONS: readonly Mutation[] = [
  {
    name: 'the lease',
    file: `${REFRESH}/refresh-connection.ts`,
    find: "if (answer.kind !== 'acquired') {",
    replace: "if (answer.kind !== 'acquired' && answer.kind !== 'busy') {",
    tests: 'test/functions/refresh',
    fails: 'lets one of two refreshes at once through',
  },
  {
    name: 'the persist-first order',
    file: `${REFRESH}/refresh-connection.ts`,
    find: 'await persistRefreshToken(run, token);',
    replace: 'void Promise.resolve().then(() => setImmediate(() => persistRefreshToken(run, token)));',
    tests: 'test/functions/refresh',
    fails: 'persists the refresh token before it publishes the token',
  },
  {
    name: 'the attempt',
    file: `${REFRESH}/steps/recover-open-attempt.ts`,
    find: 'await recoverOpenAttempt(run, inherited.attempt, inherited.attemptAt);',
    replace: '',
    tests: 'test/functions/refresh',
    fails: 'keeps the attempt open, waits two minutes',
  },
  {
    name: 'the adoption',
    file: `${REFRESH}/steps/grant-chain.ts`,
    find: 'const replacement = await replacementFor(sent, this.#run);',
    replace: 'const replacement = undefined as Awaited<ReturnType<typeof replacementFor>>;',
    tests: 'test/functions/refresh',
    fails: 'adopts another writer',
  },
  {
    name: 'the proof that a successor can be stored',
    file: `${REFRESH}/refresh-connection.ts`,
    find: 'await proveWritable(run, grant);',
    replace: '',
    tests: 'test/functions/refresh',
    fails: 'spends nothing when the refresh token could not be stored afterwards',
  },
  {
    name: 'the deadline',
    file: `${REFRESH}/steps/prove-writable.ts`,
    find: 'if (left >= STEPS.spendMs) return;',
    replace: 'if (left >= 0) return;',
    tests: 'test/functions/refresh',
    fails: 'spends nothing with less than 75 s left',
  },
];
