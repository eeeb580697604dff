import { describe, expect, it } from 'vitest';
import {
  contradictsToken,
  marksError,
  readProviderError,
} from '../../../../functions/oauth/response/error-envelope.ts';
import { canarySecret } from '../../../support/canary.ts';

describe('an answer is an error', () => {
  it.each([
    { error: 'invalid_grant' },
    { error: 'not ok' },
    { error: { code: 1 } },
    { error: 190 },
    { error: true },
    { errors: ['words'] },
    { errors: [null] },
    { errors: { token: 'unknown' } },
    { errorCode: 'E0000022' },
    { error_code: 10010 },
    { ok: false },
    { success: false },
    { ok: true, success: false },
  ])('for %j', (fields) => expect(marksError(fields)).toBe(true));

  it.each([null, '', ' ', 0, false, [], {}])('not for an error that is %j', (value) => {
    for (const name of ['error', 'errors', 'errorCode', 'error_code']) {
      expect(marksError({ [name]: value })).toBe(false);
    }
  });

  it.each([
    ...['0', '00', '200', 'ok', 'OK', ' ok ', 'okay', 'success', 'successful', 'none', 'null', 'false'],
    ...['no error', 'no errors', 'No Errors', 'no_error', 'no-error', 'noerror'],
  ])('not for one that says %j', (error) => {
    expect(marksError({ error })).toBe(false);
    expect(contradictsToken({ error })).toBe(false);
  });

  it.each([{}, { ok: true }, { success: true }, { ok: 'false' }, { success: 0 }, { message: 'words' }])(
    'not for %j',
    (fields) => expect(marksError(fields)).toBe(false),
  );
});

describe('an answer with a token is an error all the same', () => {
  const withToken = (fields: object) => ({ access_token: canarySecret('access'), ...fields });

  it.each([{ error: 'invalid_grant' }, { ok: false }, { success: false }])('for %j', (fields) =>
    expect(contradictsToken(withToken(fields))).toBe(true),
  );

  it.each([
    {},
    { error: { message: 'a warning' } },
    { error: 1 },
    { errors: ['a warning'] },
    { errorCode: 'W1' },
    { error_code: 1 },
    { ok: true, success: true },
  ])('not for %j', (fields) => expect(contradictsToken(withToken(fields))).toBe(false));
});

describe('what is read of an error', () => {
  it.each([
    ...['errorCode', 'error_code', 'errorType', 'type', 'code', 'reason', 'error_subcode', 'status'],
    'error',
  ])('a code in "%s"', (name) => expect(readProviderError([{ [name]: 'E1' }]).codes).toContain('E1'));

  it.each([
    ...['error_description', 'errorDescription', 'error_message', 'errorMessage', 'errorSummary'],
    ...['message', 'detail', 'description', 'title', 'reason', 'msg', 'error'],
  ])('words in "%s"', (name) =>
    expect(readProviderError([{ [name]: 'some words' }]).words).toContain('some words'),
  );

  it.each(['status', 'httpcode', 'code'])('a status in "%s"', (name) => {
    expect(readProviderError([{ [name]: 429 }]).status).toBe(429);
    expect(readProviderError([{ error: { [name]: '429' } }]).status).toBe(429);
  });

  it.each([400, 599])('the status %j', (status) => {
    expect(readProviderError([{ status }]).status).toBe(status);
  });

  it.each([399, 600, 429.5, -1, 'invalid_grant', null])('no status that is %j', (status) => {
    expect(readProviderError([{ status }]).status).toBeUndefined();
  });

  it('nothing that is blank, and no blanks around it', () => {
    const { codes, words } = readProviderError([
      { error: ' E1\n', error_description: ' some words ', message: ' ', code: '' },
    ]);
    expect(codes).toEqual(['E1']);
    expect(words).toEqual(['some words', 'E1']);
  });

  it('at most ten of a list', () => {
    const errors = Array.from({ length: 11 }, (_, at) => ({ message: `words ${at}` }));
    const { words } = readProviderError([{ errors }]);
    expect(words).toHaveLength(10);
    expect(words.at(-1)).toBe('words 9');
  });
});
