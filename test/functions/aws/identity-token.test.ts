import { inspect } from 'node:util';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createIdentityTokens } from '../../../functions/aws/identity-token.ts';
import type { StsCalls } from '../../../functions/aws/sts-calls.ts';
import { AwsError } from '../../../local/aws/wire/error-answer.ts';
import { TestAws } from '../../support/aws.ts';
import { canarySecret } from '../../support/canary.ts';
import { tokenErrorOf } from '../../support/token-input.ts';

const RULES = {
  use: 'client',
  audience: 'https://idp.example.com',
  algorithm: 'ES384',
  lifetimeSeconds: 120,
} as const;
let aws: TestAws;

beforeAll(async () => {
  aws = await TestAws.start();
});
afterAll(() => aws[Symbol.asyncDispose]());
afterEach(() => {
  aws.endpoint.inject = undefined;
});

const ask = (signal?: AbortSignal) => createIdentityTokens(aws.hastyClients.onDemand)(RULES, signal);

it('the role’s own identity is a JWT of the account’s issuer, and cannot be printed', async () => {
  const token = await ask();
  const jwks = createRemoteJWKSet(new URL(`${aws.endpoint.identityIssuer}/.well-known/jwks.json`));
  const { payload, protectedHeader } = await jwtVerify(token.reveal(), jwks, {
    issuer: aws.endpoint.identityIssuer,
    audience: RULES.audience,
  });
  expect(protectedHeader.alg).toBe('ES384');
  expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(120);
  expect(`${token} ${JSON.stringify({ token })} ${inspect(token, { showHidden: true })}`).not.toContain(
    'eyJ',
  );
});

describe('where STS gives no token', () => {
  it.each([
    [
      'AccessDenied',
      403,
      'configuration',
      'identity_denied',
      /allow sts:GetWebIdentityToken for that audience/,
    ],
    ['AccessDeniedException', 403, 'configuration', 'identity_denied', /"https:\/\/idp\.example\.com"/],
    [
      'OutboundWebIdentityFederationDisabled',
      403,
      'configuration',
      'identity_disabled',
      /aws iam enable-outbound-web-identity-federation/,
    ],
    ['InvalidClientTokenId', 403, 'configuration', 'identity_refused', /was refused \(InvalidClientTokenId/],
    ['SessionDurationEscalation', 403, 'never-sent', 'identity_unavailable', /nothing was sent/],
    ['ExpiredTokenException', 403, 'never-sent', 'identity_unavailable', /nothing was sent/],
    ['Throttling', 400, 'never-sent', 'identity_unavailable', /not possible at this moment/],
    ['InternalFailure', 500, 'never-sent', 'identity_unavailable', /not possible at this moment/],
  ])('%s (%i) is %s, and says what to do', async (name, status, kind, code, message) => {
    aws.endpoint.inject = () => ({ before: new AwsError(name, canarySecret('words of AWS'), status) });
    const error = await tokenErrorOf(async () => ask());
    expect(error).toMatchObject({ kind, code, mayHaveSpent: false });
    expect(error.message).toMatch(message);
    expect(error.message).not.toContain('CANARY');
  });

  it('because the refresh has ended, or the answer has none, it is asked again later', async () => {
    const ended = await tokenErrorOf(async () => ask(AbortSignal.abort()));
    expect(ended).toMatchObject({ kind: 'never-sent', code: 'identity_unavailable' });
    const empty = { getWebIdentityToken: async () => ({}) } as Partial<StsCalls> as StsCalls;
    const error = await tokenErrorOf(async () => createIdentityTokens({ sts: async () => empty })(RULES));
    expect(error).toMatchObject({ kind: 'never-sent', code: 'identity_unavailable' });
  });
});
