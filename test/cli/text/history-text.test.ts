import { describe, expect, it } from 'vitest';
import { plainly } from '../../../cli/text/colour.ts';
import { historyText } from '../../../cli/text/history-text.ts';
import type { PastOutcome } from '../../../functions/refresh/ports/history.ts';

const NOW = Date.UTC(2026, 0, 31, 6);
const MINUTE = 60_000;

const REFRESHED: PastOutcome = {
  at: NOW,
  since: NOW,
  times: 1,
  trigger: 'wake-up',
  grant: 'refresh_token',
  outcome: 'refreshed',
  exchangeMs: 1_234,
  storeMs: 250,
  lateMs: 61_000,
};
const FAILED: PastOutcome = {
  at: NOW - MINUTE,
  since: NOW - 200 * MINUTE,
  times: 41,
  trigger: 'schedule',
  grant: 'refresh_token',
  outcome: 'retry-later',
  code: 'down',
  message: 'the token endpoint answered HTTP 503, down: Maintenance until six.',
  status: 503,
  exchangeMs: 15_000,
  lateMs: 20,
};
const REFUSED: PastOutcome = {
  at: NOW - 300 * MINUTE,
  since: NOW - 300 * MINUTE,
  times: 1,
  trigger: 'request',
  outcome: 'misconfigured',
  code: 'http_404',
  message: 'http_404',
  status: 404,
};

const text = (outcomes: readonly PastOutcome[], more: object = {}) =>
  historyText(
    { connection: 'crm', outcomes, kept: outcomes.length, from: undefined, ...more },
    { paint: plainly, ...more },
  );

describe('the history of a connection', () => {
  it('has a line for each outcome, and below a failure what was said, how often, since when', () => {
    expect(
      text([REFRESHED, FAILED, REFUSED]),
    ).toBe(`ended                 outcome        exchange  storing   late  by
2026-01-31T06:00:00Z  refreshed         1.2 s   250 ms   61 s  wake-up, refresh_token
2026-01-31T05:59:00Z  retry-later        15 s        -  20 ms  schedule, refresh_token
  down, HTTP 503, 41 times since 2026-01-31T02:40:00Z
    the token endpoint answered HTTP 503, down: Maintenance until six.
2026-01-31T01:00:00Z  misconfigured         -        -      -  request
  http_404

3 outcomes.`);
  });

  it('gives way to a narrow terminal, the instant and the outcome last', () => {
    const [head, line] = text([REFRESHED], { width: 40 }).split('\n');
    expect(head).toMatch(/^ended +outcome/);
    expect(line?.length).toBeLessThanOrEqual(40);
    expect(line).toContain('2026-01-31T06:00:00Z  refreshed');
  });

  it('says from when on, and that what is older is in the logs', () => {
    const from = NOW - 60 * MINUTE;
    expect(text([REFRESHED], { kept: 50, from })).toMatch(
      /\n\n1 outcome since 2026-01-31T05:00:00Z. What is older is in the logs.$/,
    );
    expect(text([], { from })).toBe('Nothing was tried for "crm" since 2026-01-31T05:00:00Z.');
    expect(text([])).toBe('Nothing was tried for "crm" yet.');
  });
});

it('keeps instants whole in a terminal of 40 columns, and cuts outcomes', () => {
  const outcomes = [{ ...REFUSED, outcome: 'needs-reauthorization' as const }];
  const text = historyText(
    { connection: 'crm', outcomes, kept: 1, from: undefined },
    { paint: plainly, width: 40 },
  );
  expect(text.split('\n').slice(0, 2)).toEqual([
    'ended                 outcome',
    '2026-01-31T01:00:00Z  needs-reauthoriza…',
  ]);
});
