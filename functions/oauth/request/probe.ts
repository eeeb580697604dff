import type { HttpResponse } from '../response/response-body.ts';
import { Secret } from '../secret.ts';
import { type SingleRequest, USER_AGENT } from './http-request.ts';

/** A call to a provider's API that proves that an access token works. */
export interface Probe {
  readonly method: 'GET' | 'POST';
  readonly url: string;
}

/** The probe's request, with the access token as RFC 6750 section 2.1 has it. */
export function buildProbe({ method, url }: Probe, accessToken: Secret): SingleRequest {
  return {
    method,
    url: new Secret(url),
    headers: {
      accept: 'application/json',
      'user-agent': USER_AGENT,
      authorization: new Secret(`Bearer ${accessToken.reveal()}`),
    },
  };
}

/** Why an answer proves nothing; `undefined` when it proves that the token works. */
export function probeProblem({ url }: Probe, { status }: HttpResponse): string | undefined {
  if (status >= 200 && status < 300) return undefined;
  const { host, pathname } = new URL(url);
  return `${host}${pathname} answered HTTP ${status} to the access token`;
}
