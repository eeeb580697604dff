import type { Parameters, RequestRules } from '../../functions/oauth/endpoint-rules.ts';
import { RequestParameters, toForm } from '../../functions/oauth/request/request-parameters.ts';
import type { Pkce } from './pkce.ts';

export interface AuthorizationRequest {
  readonly authorizationUrl: string;
  readonly clientId: string;
  readonly redirectUri: string;
  /** Space-delimited. */
  readonly scope: string | undefined;
  readonly state: string;
  readonly pkce: Pick<Pkce, 'code_challenge' | 'code_challenge_method'>;
  /** Further parameters. They cannot take the place of the others. */
  readonly parameters: Parameters;
  readonly rules: Pick<RequestRules, 'parameterNames' | 'scopeSeparator'>;
}

/**
 * The address at which a person signs in: RFC 6749 section 4.1.1, RFC 7636 section 4.3. A query of the
 * endpoint's own is kept (RFC 6749 section 3.1).
 */
export function authorizationUrl(request: AuthorizationRequest): string {
  const { scope, rules } = request;
  const scopes = scope?.split(' ') ?? [];
  const parameters = new RequestParameters();
  // OpenID Connect Core section 11: without consent, offline_access is ignored.
  if (scopes.includes('offline_access')) parameters.set('prompt', 'consent');
  parameters.setAll(request.parameters);
  parameters.setAll({
    response_type: 'code',
    client_id: request.clientId,
    redirect_uri: request.redirectUri,
    scope: scopes.join(rules.scopeSeparator),
    state: request.state,
    code_challenge: request.pkce.code_challenge,
    code_challenge_method: request.pkce.code_challenge_method,
  });
  const url = new URL(request.authorizationUrl);
  const query = toForm(parameters.named(rules.parameterNames));
  url.search = url.search === '' ? query : `${url.search.slice(1)}&${query}`;
  return url.href;
}
