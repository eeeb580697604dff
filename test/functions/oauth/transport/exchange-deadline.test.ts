import { getEventListeners } from 'node:events';
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
    const deadline = new ExchangeDeadline('idp.example.com', EXCHANGE_LIMITS, controller.signal);
    const ended = tokenErrorOf(() => deadline.race(forever));
    controller.abort();
    expect(deadline.enter('headers')).toBe(false);
    expect(await ended).toMatchObject({
      kind: 'never-sent',
      code: 'aborted',
      message: 'The request to idp.example.com was given up before it was sent.',
    });
    expect(deadline.error('connection_failed', 'failed').kind).toBe('never-sent');
    deadline.finish();
  });

  it('leaves no clock running', () => {
    const deadline = new ExchangeDeadline('idp.example.com', EXCHANGE_LIMITS, undefined);
    deadline.enter('headers');
    deadline.finish();
    expect(vi.getTimerCount()).toBe(0);
    expect(deadline.enter('body')).toBe(false);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('leaves nothing with the signal of the caller, who may have many exchanges', () => {
    const { signal } = new AbortController();
    const deadline = new ExchangeDeadline('idp.example.com', EXCHANGE_LIMITS, signal);
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    deadline.finish();
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  it('harms nobody where none is waiting for it', async () => {
    vi.useRealTimers();
    const unhandled = vi.fn();
    process.once('unhandledRejection', unhandled);
    new ExchangeDeadline('idp.example.com', EXCHANGE_LIMITS, AbortSignal.abort()).finish();
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });
});

it.each([
  ['connect', 3_000, 'never-sent', 'before it was sent'],
  ['headers', 10_000, 'unanswered', 'after it was sent'],
  ['body', 10_000, 'unanswered', 'after it was sent'],
] as const)('the step %s ends after %i ms, to the millisecond', async (step, ms, kind, when) => {
  const deadline = new ExchangeDeadline('idp.example.com', EXCHANGE_LIMITS, undefined);
  if (step !== 'connect') deadline.enter(step);
  const settled = vi.fn();
  const ended = tokenErrorOf(() => deadline.race(forever));
  ended.then(settled);
  await vi.advanceTimersByTimeAsync(ms - 1);
  expect(settled).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  const message = `The request to idp.example.com took too long (${step}) ${when}.`;
  expect(await ended).toMatchObject({ kind, code: `${step}_timeout`, message });
  deadline.finish();
});

it('all steps together end after 15 s, though each keeps its limit', async () => {
  const deadline = new ExchangeDeadline('idp.example.com', EXCHANGE_LIMITS, undefined);
  const ended = tokenErrorOf(() => deadline.race(forever));
  await vi.advanceTimersByTimeAsync(2_999);
  deadline.enter('headers');
  await vi.advanceTimersByTimeAsync(9_999);
  deadline.enter('body');
  await vi.advanceTimersByTimeAsync(15_000 - 2_999 - 9_999);
  expect(await ended).toMatchObject({
    kind: 'unanswered',
    code: 'exchange_timeout',
    message: expect.stringContaining('took too long'),
  });
  deadline.finish();
});
