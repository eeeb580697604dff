import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';

/** A request as an API saw it. */
export interface SeenRequest {
  readonly method: string;
  readonly authorization: string | undefined;
  readonly contentType: string | undefined;
  readonly custom: string | undefined;
  readonly body: string;
}

export interface ProtectedApi {
  readonly url: string;
  /** The only header that it accepts; everything else is answered with 401. */
  accepts: string;
  readonly seen: SeenRequest[];
  /** Called with every request before it is judged. */
  onRequest: ((request: SeenRequest) => unknown) | undefined;
}

/** An API on a loopback address that ends with the test. */
export async function protectedApi(): Promise<ProtectedApi> {
  const server = createServer(async (request, response) => {
    const { method = '', headers } = request;
    const seen = {
      method,
      authorization: headers.authorization,
      contentType: headers['content-type'],
      custom: headers['x-custom']?.toString(),
      body: await text(request),
    };
    api.seen.push(seen);
    await api.onRequest?.(seen);
    const accepted = headers.authorization === api.accepts;
    response.writeHead(accepted ? 200 : 401, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ accepted, from: 'the API' }));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const api: ProtectedApi = {
    url: `http://127.0.0.1:${port}/orders`,
    accepts: '',
    seen: [],
    onRequest: undefined,
  };
  return api;
}
