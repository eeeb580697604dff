import { json } from 'node:stream/consumers';
import { mintOpaqueToken } from '../../../../local/providers/minted-token.ts';
import {
  bearerToken,
  type LoopbackServer,
  listenOnLoopback,
  sendJson,
} from '../../../../local/providers/provider-server.ts';

/** A token request as it arrived. */
export interface JsonRequest {
  readonly authorization: string | undefined;
  readonly body: unknown;
}

export interface JsonProvider extends LoopbackServer {
  readonly tokenUrl: string;
  /** GET answers `apiStatus` and `API_ANSWER` to a token of its own, else 401. */
  readonly protectedUrl: string;
  /** 200 at first. */
  apiStatus: number;
  readonly requests: readonly JsonRequest[];
}

export interface JsonProviderOptions {
  readonly clientId: string;
  readonly clientSecret: string;
  /** Text that every token contains. */
  readonly mark: string;
}

export const API_ANSWER = { data: ['Ada', 'Grace'] };

/** A company's own provider, which no preset knows: its token endpoint takes JSON, and nothing else. */
export async function startJsonProvider(options: JsonProviderOptions): Promise<JsonProvider> {
  const { clientId, clientSecret, mark } = options;
  const basic = `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`;
  const requests: JsonRequest[] = [];
  const issued = new Set<string>();
  const server = await listenOnLoopback(0, () => async (request, response) => {
    if (request.method === 'GET') {
      if (!issued.has(bearerToken(request) ?? '')) return sendJson(response, 401, {});
      return sendJson(response, provider.apiStatus, API_ANSWER);
    }
    if (request.headers['content-type'] !== 'application/json') return sendJson(response, 415, {});
    const { authorization } = request.headers;
    requests.push({ authorization, body: await json(request) });
    if (authorization !== basic) return sendJson(response, 401, { error: 'invalid_client' });
    const access_token = mintOpaqueToken(mark);
    issued.add(access_token);
    sendJson(response, 200, { access_token, token_type: 'Bearer', expires_in: 3600 });
  });
  const provider = {
    ...server,
    tokenUrl: `${server.origin}/oauth2/token`,
    protectedUrl: `${server.origin}/data`,
    apiStatus: 200,
    requests,
  };
  return provider;
}
