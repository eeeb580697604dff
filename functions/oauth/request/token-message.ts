import type { RequestRules } from '../endpoint-rules.ts';
import { Secret } from '../secret.ts';
import { TokenError } from '../token-error.ts';
import { type SingleRequest, USER_AGENT } from './http-request.ts';
import type { RequestMaterial } from './request-material.ts';
import { type RequestParameters, toForm, toJson } from './request-parameters.ts';
import { provesClient } from './templates.ts';

type Headers = SingleRequest['headers'];

/**
 * A token request as it goes out: where its parameters stand, and what its headers say.
 * @throws TokenError `configuration`, code `invalid_header`, or what filling in a template throws
 */
export async function tokenMessage(
  parameters: RequestParameters,
  authorization: Secret | undefined,
  material: RequestMaterial,
): Promise<SingleRequest> {
  const { request: rules, tokenUrl } = material.input;
  const headers = await headersOf(rules, authorization, material);
  const named = parameters.named(rules.parameterNames);
  const { method, bodyFormat } = rules;
  if (method === 'GET' || rules.parameterLocation === 'query' || bodyFormat === 'none') {
    return { method, url: new Secret(withQuery(tokenUrl, toForm(named))), headers };
  }
  const json = bodyFormat === 'json';
  return {
    method,
    url: new Secret(tokenUrl),
    // Some servers refuse the charset parameter that `fetch` would add.
    headers: {
      ...headers,
      'content-type': json ? 'application/json' : 'application/x-www-form-urlencoded',
    },
    body: new Secret(json ? toJson(named) : toForm(named)),
  };
}

/** Adds to the query that the URL may have already (RFC 6749 section 3.2). */
function withQuery(url: string, query: string): string {
  if (query === '') return url;
  if (!url.includes('?')) return `${url}?${query}`;
  return /[?&]$/.test(url) ? `${url}${query}` : `${url}&${query}`;
}

const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
/** What this module or the connection decides, and a preset cannot. */
const OWN_HEADERS = /^(content-|transfer-encoding|connection|host|expect|accept-encoding)/;

async function headersOf(
  rules: RequestRules,
  authorization: Secret | undefined,
  material: RequestMaterial,
): Promise<Headers> {
  const result: Record<string, string | Secret> = { accept: 'application/json', 'user-agent': USER_AGENT };
  for (const [name, template] of Object.entries(rules.headers)) {
    const key = name.toLowerCase();
    const isProof = provesClient(template);
    const isTaken = key === 'authorization' && (!isProof || authorization !== undefined);
    const value = await material.templates.fill(template, `the header "${name}"`, material.proof);
    if (!HEADER_NAME.test(name) || !HEADER_VALUE.test(value) || OWN_HEADERS.test(key) || isTaken) {
      throw new TokenError(
        'configuration',
        'invalid_header',
        `The request header ${JSON.stringify(name)} of the preset cannot be sent.`,
      );
    }
    result[key] = isProof ? new Secret(value) : value;
  }
  if (authorization !== undefined) result['authorization'] = authorization;
  return result;
}
