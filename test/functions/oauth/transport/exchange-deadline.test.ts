import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  EXCHANGE_LIMITS,
  ExchangeDeadline,
} from '../../../../functions/oauth/transport/exchange-deadline.ts';
import { tokenErrorOf } from '../../../support/token-input.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const forever = new Promise<never>(() => {});

describe('an exchange that has ended', () => {
  it('begins no further step, so that nothing is sent that was said never to be', async () => {
    const controller = new AbortController();
    const progress = new ExchangeDeadline('idp.example.com', EXCHANGE_LIMITS, controller.signal);
    const ended = tokenErrorOf(() => progress.race(forever));
    controller.abort();
    expect(progress.enter('headers')).toBe(false);
    expect(await ended).toMatchObject({ kind: 'never-sent', code: 'aborted' });
    expect(progress.error('connection_failed', 'failed').kind).toBe('never-sent');
    progress.finish();
  });

  it('leaves no clock running', () => {
    const progress = new ExchangeDeadline('idp.example.com', EXCHANGE_LIMITS, undefined);
    progress.enter('headers');
    progress.finish();
    expect(progress.enter('body')).toBe(false);
    expect(vi.getTimerCount()).toBe(0);
  });
});

it.each([
  ['connect', 3_000, 'never-sent'],
  ['headers', 10_000, 'no-answer'],
  ['body', 10_000, 'no-answer'],
] as const)('the step %s ends after %i ms, to the millisecond', async (step, ms, kind) => {
  const progress = new ExchangeDeadline('idp.example.com', EXCHANGE_LIMITS, undefined);
  if (step !== 'connect') progress.enter(step);
  const settled = vi.fn();
  const ended = tokenErrorOf(() => progress.race(forever));
  ended.then(settled);
  await vi.advanceTimersByTimeAsync(ms - 1);
  expect(settled).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  expect(await ended).toMatchObject({ kind, code: `${step}_timeout` });
  progress.finish();
});

it('all steps together end after 15 s, though each keeps its limit', async () => {
  const progress = new ExchangeDeadline('idp.example.com', EXCHANGE_LIMITS, undefined);
  const ended = tokenErrorOf(() => progress.race(forever));
  await vi.advanceTimersByTimeAsync(2_999);
  progress.enter('headers');
  await vi.advanceTimersByTimeAsync(9_999);
  progress.enter('body');
  await vi.advanceTimersByTimeAsync(15_000 - 2_999 - 9_999);
  expect(await ended).toMatchObject({ kind: 'no-answer', code: 'exchange_timeout' });
  progress.finish();
});
