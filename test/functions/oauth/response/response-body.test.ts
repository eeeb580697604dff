import { describe, expect, it } from 'vitest';
import { readResponseBody, salvage } from '../../../../functions/oauth/response/response-body.ts';
import { Secret } from '../../../../functions/oauth/secret.ts';
import { canarySecret } from '../../../support/canary.ts';

const REFRESH = canarySecret('refresh');

describe('a body', () => {
  it('is read without the byte order mark before it, and with those within', () => {
    const body = readResponseBody(new Secret('\uFEFF {"scope":"a\uFEFFb"}'));
    expect(body).toEqual({ kind: 'fields', fields: { scope: 'a\uFEFFb' } });
    expect(readResponseBody(new Secret('\uFEFF'))).toEqual({ kind: 'empty' });
  });

  it.each([
    'error=the service is not available',
    'result=<p>Not found</p>',
    'Note: error=1',
    'error',
    '{"error":"invalid_grant&a=b',
  ])('that only looks like a form is unreadable: %s', (text) => {
    expect(readResponseBody(new Secret(text))).toEqual({ kind: 'unreadable' });
  });
});

describe('a field is salvaged', () => {
  it.each([
    ['from a body that was cut off', `{"refresh_token":"${REFRESH}","id_token":"ey`],
    ['from an array', `[{"refresh_token" : "${REFRESH}"}]`],
    ['from between the words of a proxy', `cached: {"refresh_token":"${REFRESH}"} -- proxy 7`],
    ['from two answers, the first', `{"refresh_token":"${REFRESH}"}{"refresh_token":"another"}`],
  ])('%s', (_, text) => expect(salvage(new Secret(text), 'refresh_token')?.reveal()).toBe(REFRESH));

  it('as it was meant, not as JSON escapes it', () => {
    const value = `${REFRESH}"\\\n/é`;
    const text = `{"refresh_token":${JSON.stringify(value)},"scope":`;
    expect(salvage(new Secret(text), 'refresh_token')?.reveal()).toBe(value);
  });

  it('by the very name that the rules give it', () => {
    const text = `{"aXb*":"other","a.b*":"${REFRESH}",`;
    expect(salvage(new Secret(text), 'a.b*')?.reveal()).toBe(REFRESH);
    expect(salvage(new Secret('{"aXb":"other",'), 'a.b')).toBeUndefined();
  });

  it.each([
    ['without its end', `{"refresh_token":"${REFRESH}`],
    ['that ends in an escaped quote', `{"refresh_token":"${REFRESH}\\"`],
    ['that is empty', '{"refresh_token":"","scope":'],
    ['that is no string', '{"refresh_token":4711,"scope":'],
    ['that is no valid string', `{"refresh_token":"${REFRESH}\\x","scope":`],
    ['of another name', `{"id_token":"${REFRESH}","scope":`],
  ])('but none %s', (_, text) => expect(salvage(new Secret(text), 'refresh_token')).toBeUndefined());
});
