import { beforeEach, describe, expect, it } from 'vitest';
import { AttemptLedger } from '../../../../functions/refresh/attempt-ledger.ts';
import type { ConnectionState } from '../../../../functions/refresh/connection-state.ts';
import { applyChange } from '../../../../functions/refresh/connection-state.ts';
import type { Trigger } from '../../../../functions/refresh/ports/history.ts';
import type { Conclusion } from '../../../../functions/refresh/rules/next-state.ts';
import { TIMING } from '../../../../functions/refresh/rules/timing.ts';
import { pastOutcome, remember, withMemory } from '../../../../functions/refresh/steps/remember-outcome.ts';
import { HOUR, NOW, SECOND, stateOf } from '../state-of.ts';

let told: unknown[][];

beforeEach(() => {
  told = [];
});

const note = (...what: unknown[]) => void told.push(what);
const ports = {
  history: { add: (name: string, slot: number) => note('history', name, slot), flush: async () => undefined },
  metrics: {
    count: (name: string, value?: number) => note('count', name, ...(value === undefined ? [] : [value])),
    gauge: (name: string, value: number) => note('gauge', name, value),
  },
  log: {
    info: (message: string, details?: object) => note('log', message, details),
    warn: note,
    error: note,
  },
  timing: TIMING,
};

/** What one try comes to. */
function tried(
  before: ConnectionState,
  change: Conclusion['change'],
  {
    trigger = 'schedule' as Trigger,
    startedAt = NOW + 7 * SECOND,
    status = undefined as number | undefined,
  } = {},
) {
  const ledger = new AttemptLedger(before, 'attempt', TIMING);
  const conclusion = { outcome: change.lastOutcome ?? 'fresh', change, status } as const;
  const past = pastOutcome(before, conclusion, { trigger, startedAt, now: NOW + 9 * SECOND, ledger });
  const after = applyChange(before, withMemory(before, past, change));
  remember(after, past, ports);
  return { past, after };
}

const failure = { lastOutcome: 'retry-later', lastErrorCode: 'http_503', lastErrorMessage: 'down' } as const;

describe('what is told of a try', () => {
  it('is counted by its outcome', () => {
    const outcomes = [
      'retry-later',
      'awaiting-credentials',
      'misconfigured',
      'needs-reauthorization',
    ] as const;
    for (const lastOutcome of [...outcomes, 'refreshed'] as const)
      tried(stateOf(), { ...failure, lastOutcome });
    expect(told.filter(([what]) => what === 'count')).toEqual([
      ['count', 'RefreshesRetried'],
      ['count', 'RefreshesAwaitingCredentials'],
      ['count', 'RefreshesMisconfigured'],
      ['count', 'RefreshesNeedingReauthorization'],
    ]);
  });

  it('is how late it was, for what was planned alone', () => {
    for (const trigger of ['schedule', 'wake-up', 'request', 'rotation'] as const) {
      const { past } = tried(stateOf(), { lastOutcome: 'refreshed' }, { trigger });
      expect(past?.lateMs).toBe(trigger === 'schedule' || trigger === 'wake-up' ? 7_000 : undefined);
    }
    const late = told.filter(([, name]) => name === 'RefreshLatenessSeconds');
    expect(late.map(([, , value]) => value)).toEqual([7, 7]);
    const noticed = stateOf({ dueAt: NOW - HOUR, dueAfterTold: NOW + 5 * SECOND });
    expect(tried(noticed, { lastOutcome: 'refreshed' }).past?.lateMs).toBe(2_000);
  });

  it('is how many writes the fuller of its secrets has left', () => {
    const hour = Math.floor(NOW / HOUR);
    tried(stateOf({ writesByHour: { [hour]: 10 } }), { lastOutcome: 'refreshed' });
    tried(stateOf({ writesByHour: { [hour]: 10 }, tokenWritesByHour: { [hour]: 30 } }), failure);
    tried(stateOf({ tokenWritesByHour: { [hour]: 300 } }), failure);
    const left = told.filter(([, name]) => name === 'WritesLeft').map(([, , value]) => value);
    expect(left).toEqual([80, 60, 0]);
  });

  it.each([
    [{ provider: 'kajabi', credentials: 'a' }, 'kajabi'],
    [{ tokenUrl: 'https://idp.example.com:8443/token', credentials: 'a' }, 'idp.example.com:8443'],
    [{ issuer: 'https://login.example.com', credentials: 'a' }, 'login.example.com'],
    [{ credentials: 'a' }, '-'],
  ])('goes to the log in a line by which queries count: %o', (definition, provider) => {
    tried(stateOf({ definition }), failure, { status: 503 });
    expect(told.at(-1)).toEqual([
      'log',
      'tried',
      {
        connection: 'crm',
        provider,
        times: 1,
        trigger: 'schedule',
        outcome: 'retry-later',
        code: 'http_503',
        status: 503,
        lateMs: 7_000,
      },
    ]);
  });

  it('is nothing of what was only looked at', () => {
    expect(
      tried(stateOf({ remembered: { outcomes: 4, since: NOW, times: 1 } }), { dueAt: NOW }).past,
    ).toBeUndefined();
    expect(tried(stateOf(), { lastOutcome: null }).past).toBeUndefined();
    expect(told).toEqual([]);
  });
});

describe('the place of an outcome in the history', () => {
  const known = { ...failure, remembered: { outcomes: 50, since: NOW - HOUR, times: 3 } };

  it('is the next, and after the fiftieth the first', () => {
    const { after } = tried(stateOf(known), { lastOutcome: 'refreshed' });
    expect(told[0]).toEqual(['history', 'crm', 0]);
    expect(after.remembered).toEqual({ outcomes: 51, since: NOW + 9 * SECOND, times: 1 });
  });

  it('is that of the last where a failure repeats it', () => {
    const { past, after } = tried(stateOf(known), failure);
    expect(told[0]).toEqual(['history', 'crm', 49]);
    expect(past).toMatchObject({ since: NOW - HOUR, times: 4 });
    expect(after.remembered).toEqual({ outcomes: 50, since: NOW - HOUR, times: 4 });
  });

  it.each([
    ['another outcome', { lastOutcome: 'misconfigured' }],
    ['another code', { lastErrorCode: 'http_502' }],
    ['other words', { lastErrorMessage: 'still down' }],
    ['a success', { lastOutcome: 'refreshed', lastErrorCode: null, lastErrorMessage: null }],
  ] as const)('is the next for %s', (_, change) => {
    expect(tried(stateOf(known), { ...failure, ...change }).past).toMatchObject({ times: 1 });
    expect(told[0]).toEqual(['history', 'crm', 0]);
  });

  it('is the next for one success after another', () => {
    const refreshed = { lastOutcome: 'refreshed', remembered: known.remembered } as const;
    expect(tried(stateOf(refreshed), { lastOutcome: 'refreshed' }).past).toMatchObject({ times: 1 });
  });
});
