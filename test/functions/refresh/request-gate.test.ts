import { beforeEach, describe, expect, it } from 'vitest';
import { StoreError } from '../../../functions/refresh/ports/stores.ts';
import { REQUEST_BUDGET, RequestGate } from '../../../functions/refresh/request-gate.ts';
import { MemoryState } from '../../support/memory-state.ts';

const NOW = Date.UTC(2026, 0, 1);
const ORIGIN = { account: '111122223333', source: 'my.app' };

let now: number;
let state: MemoryState;
let counted: string[];
let logged: [string, unknown][];

beforeEach(() => {
  now = NOW;
  state = new MemoryState();
  counted = [];
  logged = [];
});

const ports = (changes: Partial<Pick<MemoryState, 'admitRequest' | 'noteRefusedRequest'>> = {}) => ({
  state: {
    admitRequest: state.admitRequest.bind(state),
    noteRefusedRequest: state.noteRefusedRequest.bind(state),
    ...changes,
  },
  clock: { now: () => now, sleep: async () => undefined },
  metrics: { count: (name: string) => void counted.push(name), gauge: () => undefined },
  log: {
    info: () => undefined,
    warn: (message: string, details: unknown) => void logged.push([message, details]),
    error: () => undefined,
  },
});

describe('what events ask for', () => {
  it('is let in within one budget, whichever process it meets', async () => {
    expect(await new RequestGate().admit(REQUEST_BUDGET.names - 1, ports())).toBe(true);
    expect(await new RequestGate().admit(1, ports())).toBe(true);
    expect(await new RequestGate().admit(1, ports())).toBe(false);
    now += REQUEST_BUDGET.windowMs;
    expect(await new RequestGate().admit(1, ports())).toBe(true);
  });

  it('is let in by one process again and again, as far as the budget goes', async () => {
    const gate = new RequestGate();
    expect(await gate.admit(1, ports())).toBe(true);
    expect(await gate.admit(REQUEST_BUDGET.names - 1, ports())).toBe(true);
    expect(await gate.admit(1, ports())).toBe(false);
  });

  it('leaves ticks more than half of the writes that Secrets Manager takes', () => {
    // A refresh writes three times at most: the proof, the refresh token, the token.
    const perSecond = (REQUEST_BUDGET.names * 3) / (REQUEST_BUDGET.windowMs / 1000);
    expect(perSecond).toBeLessThanOrEqual(50 - 20 - 20);
  });

  it('is refused without a look at the table for five seconds after a refusal', async () => {
    const gate = new RequestGate();
    let asked = 0;
    const refusing = ports({
      admitRequest: async () => {
        asked += 1;
        return false;
      },
    });
    for (const later of [0, 1, 4_999]) {
      now = NOW + later;
      expect(await gate.admit(1, refusing)).toBe(false);
    }
    expect(asked).toBe(1);
    now = NOW + 5_000;
    await gate.admit(1, refusing);
    expect(asked).toBe(2);
  });

  it('fails when the table does, so that it is tried again', async () => {
    const failing = async () => {
      throw new StoreError('transient', 'ProvisionedThroughputExceeded', 'no');
    };
    await expect(new RequestGate().admit(1, ports({ admitRequest: failing }))).rejects.toThrow(StoreError);
  });
});

describe('what is refused', () => {
  it('is counted, logged and kept: when, why and from where', async () => {
    await new RequestGate().refuse('other-account', ORIGIN, ports());
    expect(counted).toEqual(['RequestsRefused']);
    expect(logged).toEqual([['a request by event was refused', { code: 'other-account', ...ORIGIN }]]);
    expect(await state.refusedRequest()).toEqual({ at: NOW, reason: 'other-account', ...ORIGIN });
  });

  it('is counted each time, and written down once in five seconds for each reason', async () => {
    const gate = new RequestGate();
    let writes = 0;
    const writing = ports({
      noteRefusedRequest: async () => {
        writes += 1;
      },
    });
    for (let times = 0; times < 1000; times += 1) await gate.refuse('malformed', ORIGIN, writing);
    expect([counted.length, writes, logged.length]).toEqual([1000, 1, 1]);
    await gate.refuse('too-many-names', ORIGIN, writing);
    now += 5_000;
    await gate.refuse('malformed', ORIGIN, writing);
    expect(writes).toBe(3);
  });

  it('is refused all the same when it cannot be kept', async () => {
    const failing = async () => {
      throw new StoreError('denied', 'AccessDenied', 'no');
    };
    await new RequestGate().refuse('malformed', ORIGIN, ports({ noteRefusedRequest: failing }));
    expect(counted).toEqual(['RequestsRefused']);
    expect(logged.at(-1)).toEqual(['a refused request could not be noted', { code: 'AccessDenied' }]);
  });
});
