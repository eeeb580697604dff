import { describe, expect, it } from 'vitest';
import { ConnectionError } from '../../../../functions/connections/connection-error.ts';
import { TokenError, type TokenErrorKind } from '../../../../functions/oauth/token-error.ts';
import { StoreError, type StoreErrorKind } from '../../../../functions/refresh/ports/stores.ts';
import {
  classifyFailure,
  type Failure,
  failureContext,
  RefreshFailed,
} from '../../../../functions/refresh/rules/classify-failure.ts';
import { canarySecret } from '../../../support/canary.ts';
import { NOW, stateOf } from '../state-of.ts';

const classify = (error: unknown, grantType?: string, failuresByKind: Record<string, number> = {}) =>
  classifyFailure(error, { grantType, failuresByKind, hasToken: false });

describe('an answer of the provider', () => {
  it.each<[TokenErrorKind, string | undefined, Failure['outcome'], boolean | undefined]>([
    ['refused', 'refresh_token', 'needs-reauthorization', undefined],
    ['refused', 'password', 'misconfigured', undefined],
    ['refused', 'client_credentials', 'misconfigured', undefined],
    ['refused', undefined, 'misconfigured', undefined],
    ['client-refused', 'refresh_token', 'misconfigured', undefined],
    ['configuration', 'refresh_token', 'misconfigured', undefined],
    ['throttled', 'refresh_token', 'retry-later', undefined],
    ['unsure', 'refresh_token', 'retry-later', undefined],
    ['never-sent', 'refresh_token', 'retry-later', true],
    ['unanswered', 'refresh_token', 'retry-later', true],
  ])('that is %s, of %s, means %s', (kind, grantType, outcome, outage) => {
    const failure = classify(new TokenError(kind, 'the_code', 'words', { retryAfterMs: 7 }), grantType);
    const wanted = { source: 'provider', kind, code: 'the_code', message: 'words', retryAfterMs: 7 };
    expect(failure).toEqual({ ...wanted, outcome, ...(outage !== undefined && { outage }) });
  });
});

describe('a refusal without a sure reason', () => {
  const unsure = new TokenError('unsure', 'http_403', 'a block page');
  const outcome = (before: Record<string, number>) => classify(unsure, 'refresh_token', before).outcome;

  it('is shown to a person the fifth time in a row', () => {
    expect(outcome({ unsure: 3 })).toBe('retry-later');
    expect(outcome({ unsure: 4 })).toBe('misconfigured');
    expect(outcome({ unsure: 40 })).toBe('misconfigured');
  });

  it('is tried on while readers have a token that lives, to the very instant of its expiry', () => {
    const state = stateOf({ failuresByKind: { unsure: 40 }, expiresAt: NOW });
    const at = (now: number) => classifyFailure(unsure, failureContext(state, 'refresh_token', now)).outcome;
    expect(at(NOW - 1)).toBe('retry-later');
    expect(at(NOW)).toBe('misconfigured');
    const never = failureContext(stateOf({ failuresByKind: { unsure: 4 } }), 'refresh_token', NOW);
    expect(classifyFailure(unsure, never).outcome).toBe('misconfigured');
  });

  it('is counted apart: outages say nothing about it', () => {
    expect(outcome({ unanswered: 4 })).toBe('retry-later');
    expect(outcome({ unanswered: 9, throttled: 9, 'store-transient': 9, unsure: 1 })).toBe('retry-later');
  });
});

describe('a store that fails', () => {
  it.each<[StoreErrorKind, Failure['outcome'], boolean]>([
    ['transient', 'retry-later', true],
    ['limit', 'retry-later', false],
    ['denied', 'misconfigured', false],
    ['missing', 'misconfigured', false],
    ['conflict', 'misconfigured', false],
    ['unusable', 'misconfigured', false],
    ['malformed', 'misconfigured', false],
  ])('with %s means %s', (kind, outcome, outage) => {
    expect(classify(new StoreError(kind, 'TheCode', 'words'))).toEqual({
      source: 'store',
      kind: `store-${kind}`,
      code: 'TheCode',
      message: 'words',
      outcome,
      outage,
    });
  });
});

describe('whatever else ends a refresh', () => {
  it('is misconfigured when the connection cannot be used as declared', () => {
    expect(classify(new ConnectionError('no such provider'))).toEqual({
      outcome: 'misconfigured',
      source: 'connection',
      kind: 'connection',
      code: 'invalid_connection',
      message: 'no such provider',
    });
  });

  it('is what was judged already', () => {
    const failure = { outcome: 'retry-later', source: 'store', code: 'lease_lost', message: 'gone' } as const;
    const failed = new RefreshFailed(failure);
    expect(classify(failed)).toBe(failure);
    expect(failed).toMatchObject({ name: 'RefreshFailed', message: 'gone' });
  });

  it.each([
    ['an error', new TypeError(canarySecret('unforeseen')), /TypeError/],
    ['no error at all', canarySecret('thrown'), /string/],
  ])('is tried again and shown by its name alone: %s', (_, error, name) => {
    const { message, ...failure } = classify(error);
    expect(failure).toEqual({
      outcome: 'retry-later',
      source: 'connection',
      kind: 'unexpected',
      code: 'unexpected_error',
    });
    expect(message).toMatch(name);
    expect(message).not.toContain('CANARY');
  });
});
