import { describe, expect, it } from 'vitest';
import {
  sameTrouble,
  withoutFigures,
  withoutNames,
} from '../../../../functions/refresh/rules/same-trouble.ts';

const remedyOf = (name: string) =>
  `Sign in again (evertoken authorize ${name}), or correct the secret "evertoken/credentials/${name}-app"`;
const trouble = (name: string, changes = {}) =>
  sameTrouble({ needed: true, code: 'invalid_grant', remedy: remedyOf(name), ...changes }, name);

describe('a trouble that connections share', () => {
  it('is the same whatever they and their credentials are called', () => {
    expect(trouble('crm')).toBe(trouble('shop/eu-1'));
  });

  it('is another with another code, another remedy, or where nobody is needed', () => {
    const others = [{ code: 'invalid_client' }, { remedy: 'Wait.' }, { needed: false }];
    for (const other of others) expect(trouble('crm', other)).not.toBe(trouble('crm'));
  });

  it('is the same at another time, and not at another host', () => {
    const at = (instant: string) => trouble('crm', { remedy: `Nothing until ${instant}.` });
    expect(at('2026-01-01T00:00:00Z')).toBe(at('2026-02-02T10:11:12Z'));
    expect(withoutFigures('idp-2.example.com answered 503')).toBe('idp-2.example.com answered 0');
  });
});

describe('words without names', () => {
  it.each([
    ['evertoken refresh crm', 'crm', 'evertoken refresh CONNECTION'],
    [
      'the secret evertoken/tokens/crm of crm.',
      'crm',
      'the secret evertoken/tokens/CONNECTION of CONNECTION.',
    ],
    ['crm-2, crm.eu and crm/eu are others', 'crm', 'crm-2, crm.eu and crm/eu are others'],
    ['the ring evertoken/refresh-tokens/crm@1', 'crm', 'the ring evertoken/refresh-tokens/crm@1'],
    ['evertoken credentials set crm-app', 'crm', 'evertoken credentials set CREDENTIALS'],
  ])('%s', (text, name, expected) => {
    expect(withoutNames(text, name)).toBe(expected);
  });

  it('are left alone where what stands for the name is none, which might be a pattern', () => {
    const hostile = '(a+)+$';
    expect(withoutNames(`evertoken refresh ${hostile}`, hostile)).toBe(`evertoken refresh ${hostile}`);
  });
});
