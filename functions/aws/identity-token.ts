import { IDENTITY_UNAVAILABLE, type SigningPorts } from '../oauth/request/signer.ts';
import { Secret } from '../oauth/secret.ts';
import type { ClientsOnDemand } from './clients-on-demand.ts';
import { callSignal, type SigningErrors, signingError } from './signing-error.ts';

/**
 * Tokens of the role's own (`sts:GetWebIdentityToken`): JWTs by which AWS says who is asking, for providers that trust
 * the account's issuer. Each is asked for when it is needed, used at once, and kept nowhere.
 */
export function createIdentityTokens({
  sts,
}: Pick<ClientsOnDemand, 'sts'>): NonNullable<SigningPorts['identityToken']> {
  return async ({ audience, algorithm, lifetimeSeconds }, signal) => {
    const call = `GetWebIdentityToken for "${audience}"`;
    try {
      const client = await sts();
      const input = {
        Audience: [audience],
        SigningAlgorithm: algorithm,
        DurationSeconds: lifetimeSeconds,
      };
      const options = { abortSignal: callSignal(signal) };
      const { WebIdentityToken } = await client.getWebIdentityToken(input, options);
      if (WebIdentityToken) return new Secret(WebIdentityToken);
    } catch (error) {
      throw signingError(error, call, errorsOf(audience, lifetimeSeconds));
    }
    // An answer without a token is as good as none.
    throw signingError(new Error('empty'), call, errorsOf(audience, lifetimeSeconds));
  };
}

function errorsOf(audience: string, lifetimeSeconds: number): SigningErrors {
  const disabled = [
    'identity_disabled',
    'The account has outbound identity federation turned off: turn it on once (aws iam enable-outbound-web-identity-federation), and have the provider trust the issuer that it shows.',
  ] as const;
  return {
    unavailable: IDENTITY_UNAVAILABLE,
    denied: [
      'identity_denied',
      `No token for "${audience}" may be had: allow sts:GetWebIdentityToken for that audience and ${lifetimeSeconds} s to the roles of the refresher, as a deployment does that declares the connection.`,
    ],
    byName: {
      OutboundWebIdentityFederationDisabled: disabled,
      OutboundWebIdentityFederationDisabledException: disabled,
    },
    refused: 'identity_refused',
  };
}
