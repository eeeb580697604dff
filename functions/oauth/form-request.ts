import type { RequestRules } from './endpoint-rules.ts';
import type { SingleRequest } from './http-message.ts';
import { type RequestParameters, toForm } from './request-parameters.ts';
import { Secret } from './secret.ts';
import { USER_AGENT } from './user-agent.ts';

/** A form that is posted to an endpoint beside the token endpoint, such as the one for revocation. */
export function formRequest(
  url: string,
  parameters: RequestParameters,
  rules: RequestRules,
  authorization: Secret | undefined,
): SingleRequest {
  return {
    method: 'POST',
    url: new Secret(url),
    headers: {
      accept: 'application/json',
      'user-agent': USER_AGENT,
      'content-type': 'application/x-www-form-urlencoded',
      ...(authorization && { authorization }),
    },
    body: new Secret(toForm(parameters.named(rules.parameterNames))),
  };
}
