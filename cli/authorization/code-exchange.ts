import { generateRandomState } from 'oauth4webapi';
import type { Credentials } from '../../functions/oauth/credentials.ts';
import { AUTHORIZATION_CODE } from '../../functions/oauth/grant-type.ts';
import type { Exchange } from '../../functions/oauth/token-set.ts';
import type { Deployment } from '../deployment.ts';
import { authorizationUrl } from './authorization-url.ts';
import { createPkce } from './pkce.ts';
import { readCallback } from './read-callback.ts';
import { requiredUrl, type SignInProvider } from './sign-in-provider.ts';

/** One sign-in under way: the address that begins it, and what is made of the provider's answer. */
export interface CodeExchange {
  readonly url: string;
  /** Checks the answer and exchanges its code, once. @throws CommandFailed, TokenError */
  redeem(parameters: URLSearchParams): Promise<Exchange>;
}

/** Prepares an authorization code grant with PKCE: RFC 6749 section 4.1, RFC 7636. @throws CommandFailed */
export async function beginCodeExchange(
  provider: SignInProvider,
  credentials: Credentials & { readonly client_id: string },
  redirectUri: string,
  { tokenEndpoint }: Pick<Deployment, 'tokenEndpoint'>,
  signal: AbortSignal,
): Promise<CodeExchange> {
  const { connection, tokenUrl, issuer, namesIssuer, parameters } = provider;
  const { request, response, errors, scope = request.defaultScope, signingKey } = connection;
  const pkce = await createPkce();
  const state = generateRandomState();
  return {
    url: authorizationUrl({
      authorizationUrl: requiredUrl(provider, provider.authorizationUrl, 'authorizationUrl'),
      clientId: credentials.client_id,
      redirectUri,
      scope,
      state,
      pkce,
      parameters,
      rules: request,
    }),
    redeem: async (answer) => {
      const code = readCallback(answer, { state, issuer, namesIssuer });
      const { code_verifier } = pkce;
      const grant = { grantType: AUTHORIZATION_CODE, code, redirect_uri: redirectUri, code_verifier };
      return tokenEndpoint.exchange(
        { request, response, errors, tokenUrl, credentials, signingKey, ...grant },
        { signal },
      );
    },
  };
}
