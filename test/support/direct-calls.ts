import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AwsClients } from '../../functions/aws/clients.ts';
import type { AwsEndpoint } from '../../local/aws/endpoint.ts';

/** A request as the SDK has it once it is written out. */
interface SdkRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body?: string | Uint8Array;
}

interface SdkResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

interface Handler {
  handle(
    request: SdkRequest,
    options?: { readonly abortSignal?: AbortSignal },
  ): Promise<{ response: SdkResponse }>;
  destroy?(): void;
}

/** What of a client's configuration is looked up at every call. */
interface CalledConfig {
  requestHandler: Handler;
  signer: (...scheme: unknown[]) => Promise<Signer>;
  readonly region: () => Promise<string>;
  readonly defaultSigningName: string;
}

interface Signer {
  sign(request: SdkRequest): Promise<SdkRequest>;
}

/**
 * Lets clients call an endpoint of the same process without a socket and without HMACs, which nobody
 * there computes: most of what a call costs. While faults are injected they go over the wire and are
 * signed, since how a connection breaks is up to sockets.
 */
export function callDirectly(clients: AwsClients, endpoint: AwsEndpoint): void {
  for (const client of Object.values(clients)) {
    // Those that are loaded on demand are called seldom: they go over the wire.
    if (!('config' in client)) continue;
    const { config } = client;
    const called = config as unknown as CalledConfig;
    const { requestHandler: wire, signer } = called;
    const isDirect = () => endpoint.inject === undefined;
    called.requestHandler = {
      handle: (request, options) =>
        isDirect() && !options?.abortSignal?.aborted
          ? answerTo(request, endpoint)
          : wire.handle(request, options),
      destroy: () => wire.destroy?.(),
    };
    called.signer = (...scheme) => (isDirect() ? scopeOf(called) : signer(...scheme));
  }
}

/** Says who asks which service where, as far as the endpoint looks. */
async function scopeOf({ region, defaultSigningName }: CalledConfig): Promise<Signer> {
  const scope = `fake-access-key/20260101/${await region()}/${defaultSigningName}/aws4_request`;
  return {
    sign: async (request) => {
      request.headers['x-amz-date'] = '20260101T000000Z';
      request.headers['authorization'] =
        `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=none`;
      return request;
    },
  };
}

function answerTo(request: SdkRequest, endpoint: AwsEndpoint): Promise<{ response: SdkResponse }> {
  return new Promise((resolve, reject) => {
    const { method, path, headers, body = new Uint8Array() } = request;
    const incoming = {
      method,
      url: path,
      headers: Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
      ),
      errored: null,
      async *[Symbol.asyncIterator]() {
        yield typeof body === 'string'
          ? Buffer.from(body)
          : Buffer.from(body.buffer, body.byteOffset, body.length);
      },
    };
    const answered: Record<string, string> = {};
    let statusCode = 200;
    const response = {
      setHeader: (name: string, value: unknown) => {
        answered[name.toLowerCase()] = String(value);
      },
      writeHead: (status: number, more: Readonly<Record<string, unknown>>) => {
        statusCode = status;
        for (const [name, value] of Object.entries(more)) response.setHeader(name, value);
      },
      end: (text = '') => resolve({ response: { statusCode, headers: answered, body: Buffer.from(text) } }),
      once: () => response,
      // A fault that came after the call was made.
      socket: { resetAndDestroy: () => reject(Object.assign(new Error('reset'), { code: 'ECONNRESET' })) },
    };
    endpoint.listener(incoming as unknown as IncomingMessage, response as unknown as ServerResponse);
  });
}
