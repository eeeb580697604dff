import { describe, expect, it } from 'vitest';
import { ConnectionError } from '../../../../functions/connections/connection-error.ts';
import { TokenError, type TokenErrorKind } from '../../../../functions/oauth/token-error.ts';
import { StoreError, type StoreErrorKind } from '../../../../functions/refresh/ports/stores.ts';
import {
  classifyFailure,
  type Failure,
  RefreshFailed,
  remedy,
} from '../../../../functions/refresh/rules/classify-failure.ts';
import { canarySecret } from '../../../support/canary.ts';

const classify = (error: unknown, grantType?: string, failuresByKind: Record<string, number> = {}) =>
  classifyFailure(error, { grantType, failuresByKind });

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

describe('the remedy', () => {
  const SECRET = 'evertoken/credentials/client';
  const connection = { name: 'books/acme', credentials: SECRET, grants: ['refresh_token'] };
  const of = (failure: Partial<Failure>, changes: Partial<typeof connection> = {}) =>
    remedy(
      { outcome: 'misconfigured', source: 'provider', code: 'invalid_client', message: 'words', ...failure },
      { ...connection, ...changes },
    );

  it('names the secret in which credentials are missing', () => {
    expect(of({ outcome: 'awaiting-credentials' })).toContain(SECRET);
  });

  it('names the command that signs in again', () => {
    expect(of({ outcome: 'needs-reauthorization' })).toContain('evertoken authorize books/acme');
  });

  it('is nothing to be done where it is tried again', () => {
    expect(of({ outcome: 'retry-later' })).toMatch(/^Nothing/);
  });

  it('asks for permissions where a store refuses, and for another declaration where that is wrong', () => {
    expect(of({ source: 'store' })).toMatch(/secrets.*key/);
    expect(of({ source: 'connection' })).toMatch(/declaration of "books\/acme"/);
  });

  it('says who was not allowed, where a key or a policy refuses', () => {
    const denied = {
      source: 'store',
      kind: 'store-denied',
      message: `GetSecretValue ${SECRET}: no`,
    } as const;
    for (const code of ['KeyAccessDenied', 'ResourcePolicyDenies']) {
      expect(of({ ...denied, code })).toContain('the refresher');
    }
  });

  it('leaves it to the owner of the credentials whether they may go elsewhere', () => {
    const remedied = of({ kind: 'configuration', code: 'origin_not_allowed' });
    expect(remedied).toMatch(/"allowed_token_origins" in the secret "evertoken\/credentials\/client"/);
    expect(remedied).toMatch(/correct the URLs of "books\/acme".*Nothing was sent/);
  });

  it('speaks of no permission where what is stored is the trouble', () => {
    const message = `${SECRET}: the secret is a plain string; expected JSON`;
    const kind = 'store-malformed';
    const again = of({ source: 'store', kind, code: 'MalformedCredentials', message });
    expect(again).toContain('evertoken credentials set client');
    expect(of({ kind: 'configuration', code: 'missing_client_secret' })).toBe(again);
  });

  it('names what may be wrong at the provider, and for a password what else', () => {
    expect(of({})).toMatch(/client secret/);
    expect(of({})).toContain(SECRET);
    for (const kind of ['refused', 'unsure']) {
      expect(of({ kind }, { grants: ['refresh_token', 'password'] })).toMatch(/user name and password/);
      expect(of({ kind }, { grants: ['password'] })).toContain(SECRET);
      expect(of({ kind })).toMatch(/client secret/);
    }
    expect(of({ kind: 'client-refused' }, { grants: ['password'] })).toMatch(/client secret/);
  });

  it('thinks of the way to the provider too where only a status came back', () => {
    for (const grants of [['refresh_token'], ['password']]) {
      expect(of({ code: 'http_403' }, { grants })).toMatch(/token URL/);
      expect(of({ code: 'http_403' }, { grants })).toContain(SECRET);
    }
    expect(of({ code: 'no_http_here' })).not.toMatch(/token URL/);
  });
});
