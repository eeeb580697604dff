import { SELF_SIGNED } from '../grant-type.ts';
import { jwtExpirySeconds } from '../response/jwt-expiry.ts';
import { TokenError } from '../token-error.ts';
import type { TokenSet } from '../token-set.ts';
import { assertionFor } from './assertion.ts';
import { requestMaterial, type TokenRequestContext, type TokenRequestInput } from './token-request.ts';

type Grant = Pick<TokenRequestInput, 'grantType' | 'request' | 'identity'>;

/** Whether nobody is asked: what is signed here, or what AWS says of the role, is the access token. */
export function isSelfIssued({ grantType, request, identity }: Grant): boolean {
  if (grantType === SELF_SIGNED || identity?.use === 'token') return true;
  return assertionFor(grantType, request)?.use === 'token';
}

/**
 * The access token of a grant that asks nobody.
 * @throws TokenError `configuration` when something is missing that it is made of
 */
export async function selfIssuedToken(
  input: TokenRequestInput,
  context: TokenRequestContext,
): Promise<TokenSet> {
  const { grantType, request, identity } = input;
  const material = requestMaterial(input, context);
  const assertion = assertionFor(grantType, request);
  const now = context.now();
  const vouched = identity?.use === 'token' ? await material.identityToken(identity) : undefined;
  const access_token =
    vouched ?? (assertion?.use === 'token' ? await material.assertion(assertion) : undefined);
  if (access_token === undefined) {
    throw new TokenError(
      'configuration',
      'missing_assertion',
      `${grantType} asks nobody, and no rules say what the token is: set "rules.request.assertion" with "use": "token".`,
    );
  }
  const expiresAt = jwtExpirySeconds(access_token);
  return {
    access_token,
    token_type: 'Bearer',
    ...(expiresAt !== undefined && { expiresInSeconds: Math.max(0, expiresAt - Math.ceil(now / 1000)) }),
    extras: {},
  };
}
