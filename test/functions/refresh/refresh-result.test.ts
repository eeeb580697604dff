import { describe, expect, it } from 'vitest';
import { resultOf, unknownConnection } from '../../../functions/refresh/refresh-result.ts';
import { HOUR, NOW, stateOf } from './state-of.ts';

type Changes = Parameters<typeof stateOf>[0];
const result = (changes: Changes = {}) => resultOf(stateOf(changes), 'fresh', NOW, 'evertoken');

describe('the answer about a connection', () => {
  it('says how it stands, in the words of ISO 8601', () => {
    expect(result({ lastOutcome: 'refreshed', expiresAt: NOW + HOUR, dueAt: NOW + HOUR / 2 })).toEqual({
      connection: 'crm',
      outcome: 'fresh',
      health: 'healthy',
      expiresAt: '2026-01-01T01:00:00.000Z',
      nextDueAt: '2026-01-01T00:30:00.000Z',
      error: null,
      need: null,
    });
  });

  it('leaves open when a token expires that there is not', () => {
    expect(result()).toMatchObject({ expiresAt: null, health: 'new' });
  });

  it('is due for its token’s sake, not for that of a notice', () => {
    expect(result({ dueAfterTold: NOW + HOUR }).nextDueAt).toBe('2026-01-01T01:00:00.000Z');
  });

  it('is not due while it is paused', () => {
    expect(result({ paused: true })).toMatchObject({ nextDueAt: null, health: 'paused' });
  });
});

describe('the error in it', () => {
  const failed = { lastOutcome: 'misconfigured', lastErrorCode: 'invalid_client' } as const;
  const error = (changes: Changes = {}) =>
    result({ ...failed, lastErrorSource: 'provider', ...changes }).error;

  it('is what was said last, and what to do about it', () => {
    expect(error({ lastErrorMessage: 'the client is unknown' })).toEqual({
      code: 'invalid_client',
      message: 'the client is unknown',
      remedy: expect.stringContaining('"evertoken/credentials/client"'),
    });
  });

  it('is named by its code where nothing was said', () => {
    expect(error()).toMatchObject({ message: 'invalid_client' });
  });

  it.each<[string, Changes]>([
    ['a refresh', { lastOutcome: 'refreshed' }],
    ['nothing so far', { lastOutcome: undefined }],
    ['an outcome without a code', { lastErrorCode: undefined }],
  ])('is none after %s', (_, changes) => {
    expect(error(changes)).toBeNull();
  });

  it('is laid to the declaration where nobody else is named', () => {
    expect(error({ lastErrorSource: undefined })?.remedy).toContain('declaration of "crm"');
  });

  describe('thinks of the password', () => {
    const remedy = (lastErrorKind: string, ...grants: string[]) =>
      error({ definition: { credentials: 'client', grants }, lastErrorKind })?.remedy;

    it('where it was refused, alone or after a refresh token', () => {
      expect(remedy('refused', 'password')).toMatch(/user name and password/);
      expect(remedy('refused', 'refresh_token', 'password')).toMatch(/user name and password/);
    });

    it('not where the client was refused', () => {
      expect(remedy('client-refused', 'password')).toMatch(/client secret/);
    });

    it('not where there is none', () => {
      expect(remedy('refused', 'client_credentials')).not.toMatch(/password/);
    });
  });

  it('names the secret by its ARN where that is declared', () => {
    const secretArn = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:crm';
    const definition = { credentials: { secretArn, fields: {} } };
    expect(error({ definition })?.remedy).toContain(`"${secretArn}"`);
  });

  it('speaks of no secret where the role’s own identity stands in for it', () => {
    const definition = { identity: 'aws', clientId: 'public' } as const;
    expect(error({ definition })?.remedy).toMatch(/the ARN of the function's role as subject/);
    expect(error({ definition })?.remedy).not.toMatch(/secret/);
    expect(error({ definition, lastErrorCode: 'missing_client_id' })?.remedy).toBe(
      'Set "clientId" in the declaration of "crm" and deploy it.',
    );
  });

  it('leaves it to AWS’s refusal to say what it takes', () => {
    for (const lastErrorCode of ['signing_denied', 'identity_disabled']) {
      expect(error({ lastErrorCode })?.remedy).toBe(
        'Do what the message says; "crm" is tried again by itself.',
      );
    }
    // A provider's own word of a like name is none of ours.
    expect(error({ lastErrorCode: 'signing_required' })?.remedy).toMatch(/^Compare client id/);
  });

  it('bears a definition that cannot be read', () => {
    expect(error({ definition: {} as never })?.remedy).toContain('"evertoken/credentials/…"');
  });
});

describe('the answer about a connection that nobody registered', () => {
  it('says so, and where it was looked for', () => {
    const { error, ...rest } = unknownConnection('typo', 'staging');
    expect(rest).toEqual({
      connection: 'typo',
      outcome: 'unknown-connection',
      health: null,
      expiresAt: null,
      nextDueAt: null,
      need: null,
    });
    expect(error?.code).toBe('unknown_connection');
    expect(error?.message).toMatch(/"typo".*"staging"/);
    expect(error?.remedy).toContain('connections.json');
  });
});
