import { expect, it } from 'vitest';
import { createPkce } from '../../../cli/authorization/pkce.ts';
import { Secret } from '../../../functions/oauth/secret.ts';

it('quirk 73: derives the challenge of RFC 7636 appendix B', async () => {
  const verifier = new Secret('dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk');
  expect(await createPkce(verifier)).toMatchObject({
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
  });
});

it('quirk 73: makes a new verifier of 43 unreserved characters each time', async () => {
  const [one, other] = await Promise.all([createPkce(), createPkce()]);
  expect(one.code_verifier.reveal()).toMatch(/^[\w.~-]{43}$/);
  expect(one.code_verifier.equals(other.code_verifier)).toBe(false);
});
