import { describe, expect, it } from 'vitest';
import {
  numberField,
  parseSecretJson,
  secretField,
  serialiseSecretJson,
} from '../../../../functions/aws/secrets/secret-json.ts';
import { refuseNewerSchema } from '../../../../functions/aws/stored-schema.ts';
import { Secret } from '../../../../functions/oauth/secret.ts';
import { assertNoCanary, canarySecret } from '../../../support/canary.ts';

const WHERE = 'evertoken/credentials/crm';

function failure(run: () => unknown): { kind: string; message: string } {
  try {
    run();
  } catch (error) {
    return error as { kind: string; message: string };
  }
  throw new Error('nothing was thrown');
}

describe('parsing', () => {
  it.each([
    ['no JSON', canarySecret('plain-text')],
    ['broken JSON', `{"client_secret": "${canarySecret('broken')}`],
    ['an array', `["${canarySecret('array')}"]`],
    ['a string', `"${canarySecret('string')}"`],
    ['null', 'null'],
    ['nothing', ''],
  ])('refuses %s without showing it', (_, text) => {
    const error = failure(() => parseSecretJson(new Secret(text), WHERE));
    expect(error.kind).toBe('malformed');
    expect(error.message).toContain(WHERE);
    assertNoCanary(error.message, 'the message');
  });

  it('wraps every string, however deep', () => {
    const text = JSON.stringify({ a: canarySecret('a'), b: { c: [canarySecret('c')] }, d: 1 });
    const fields = parseSecretJson(new Secret(text), WHERE);
    assertNoCanary(JSON.stringify(fields), 'the fields');
    expect(fields['d']).toBe(1);
  });
});

describe('writing back what was parsed', () => {
  it.each([
    '{"b":"x","a":{"d":["y",null,true],"c":1.5}}',
    '{"account":123456789012345678901}',
    '{"__proto__":{"x":"y"},"constructor":"z"}',
    '{"toJSON":"a"}',
  ])('keeps order, nesting and digits of %s', (text) => {
    expect(serialiseSecretJson(parseSecretJson(new Secret(text), WHERE)).reveal()).toBe(text);
  });

  it('leaves undefined fields out', () => {
    expect(serialiseSecretJson({ a: undefined, b: new Secret('x') }).reveal()).toBe('{"b":"x"}');
  });
});

describe('fields', () => {
  const fields = parseSecretJson(new Secret('{"text":"x","empty":"","nil":null,"number":7}'), WHERE);

  it('that are absent, null or empty are undefined', () => {
    for (const key of ['absent', 'nil', 'empty']) expect(secretField(fields, key, WHERE)).toBeUndefined();
    for (const key of ['absent', 'nil']) expect(numberField(fields, key, WHERE)).toBeUndefined();
  });

  it('of the wrong type are named', () => {
    expect(failure(() => secretField(fields, 'number', WHERE)).message).toBe(
      `${WHERE} "number" must be a string`,
    );
    expect(failure(() => numberField(fields, 'text', WHERE)).message).toBe(
      `${WHERE} "text" must be a number`,
    );
  });
});

describe('schema', () => {
  it('is refused when newer, or no schema at all', () => {
    expect(failure(() => refuseNewerSchema(2, WHERE))).toMatchObject({
      kind: 'malformed',
      message: expect.stringContaining('schema 2'),
    });
    for (const schema of [0, 'one', null]) {
      expect(failure(() => refuseNewerSchema(schema, WHERE)).kind).toBe('malformed');
    }
  });

  it('may be absent', () => {
    refuseNewerSchema(undefined, WHERE);
    refuseNewerSchema(1, WHERE);
  });
});
