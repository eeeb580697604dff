import { expect, it } from 'vitest';
import { buildProbe, type Probe, probeProblem } from '../../../../functions/oauth/request/probe.ts';
import { Secret } from '../../../../functions/oauth/secret.ts';
import { canarySecret } from '../../../support/canary.ts';
import { fakeSecret } from '../../../support/token-input.ts';

const PROBE: Probe = { method: 'GET', url: 'https://api.example.com/v1/me?fields=id' };

it('bears the access token as RFC 6750 section 2.1 has it, and says who asks', () => {
  const { method, url, headers, body } = buildProbe(PROBE, fakeSecret('access'));
  const { authorization, ...others } = headers;
  expect({ method, url: url.reveal(), body }).toEqual({ method: 'GET', url: PROBE.url, body: undefined });
  expect(others).toEqual({
    accept: 'application/json',
    'user-agent': expect.stringMatching(/^evertoken\/\d/),
  });
  expect(authorization).toBeInstanceOf(Secret);
  expect((authorization as Secret).reveal()).toBe(`Bearer ${canarySecret('access')}`);
});

it('is posted where the provider wants that', () => {
  expect(buildProbe({ ...PROBE, method: 'POST' }, fakeSecret('access')).method).toBe('POST');
});

it.each([
  [199, false],
  [200, true],
  [204, true],
  [299, true],
  [300, false],
  [401, false],
  [500, false],
])('the status %i proves that the token works: %s', (status, works) => {
  const problem = probeProblem(PROBE, { status, headers: {}, body: new Secret('{}') });
  expect(problem === undefined).toBe(works);
});

it('tells what answered what, and nothing of the query', () => {
  const problem = probeProblem(PROBE, { status: 403, headers: {}, body: new Secret('no') });
  expect(problem).toMatch(/^api\.example\.com\/v1\/me answered HTTP 403/);
});
