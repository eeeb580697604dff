import { expect, it } from 'vitest';
import { RequestParameters } from '../../../../functions/oauth/request/request-parameters.ts';

it.each([
  ['', []],
  ['', ['']],
  ['', undefined],
] as const)('an empty value is as good as none (%#)', (first, then) => {
  const parameters = new RequestParameters();
  parameters.set('audience', first);
  parameters.set('audience', then);
  expect(parameters.has('audience')).toBe(false);
  expect([...parameters.named({})]).toEqual([]);
});

it.each([[''], [['']], [[]], [undefined]])('an empty value, %j, displaces nothing', (value) => {
  const parameters = new RequestParameters();
  parameters.set('audience', 'general');
  parameters.set('audience', value);
  expect(parameters.get('audience')).toBe('general');
});

it('of several values, the first is had', () => {
  const parameters = new RequestParameters();
  parameters.set('resource', ['https://a.example', 'https://b.example']);
  expect(parameters.get('resource')).toBe('https://a.example');
  expect(parameters.get('audience')).toBeUndefined();
});
