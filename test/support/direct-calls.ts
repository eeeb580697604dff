import type { IncomingMessage, ServerResponse } from 'node:http';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { AwsEndpoint } from '../../local/aws/endpoint.ts';
import { readExpressionsOnce } from './expressions-read-once.ts';

/** A request as the SDK has it once it is written out. */
interface SdkRequest {
  readonly hostname: string;
  readonly port?: number;
  readonly method: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly headers: Record<string, string>;
  readonly body?: string | Uint8Array;
}

interface SdkResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

interface HandleOptions {
  readonly abortSignal?: AbortSignal;
}

/** What all clients of this process have one of each, but for its configuration. */
interface Handler {
  handle(request: SdkRequest, options?: HandleOptions): Promise<{ response: SdkResponse }>;
}

interface Signer {
  readonly service: string;
  readonly credentialProvider: () => Promise<{ readonly accessKeyId: string }>;
  readonly regionProvider: () => Promise<string>;
  sign(
    request: SdkRequest,
    options?: { readonly signingRegion?: string; readonly signingService?: string },
  ): Promise<SdkRequest>;
}

/** Those that are called directly, by host and port. */
const endpoints = new Map<string, AwsEndpoint>();
let isInstalled = false;

/**
 * Lets every client of this process call an endpoint of the same process without a socket and without HMACs,
 * which nobody there computes: most of what a call costs. While faults are injected they go over the wire and
 * are signed, since how a connection breaks is up to sockets. It ends as the endpoint closes.
 */
export async function callDirectly(endpoint: AwsEndpoint): Promise<void> {
  const { host } = new URL(endpoint.url);
  const { close } = endpoint;
  Object.assign(endpoint, {
    close: () => {
      endpoints.delete(host);
      return close();
    },
  });
  endpoints.set(host, endpoint);
  if (!isInstalled) await install();
}

function directly({ hostname, port, query = {} }: SdkRequest): AwsEndpoint | undefined {
  const endpoint = endpoints.get(`${hostname}:${port}`);
  return endpoint?.inject === undefined && Object.keys(query).length === 0 ? endpoint : undefined;
}

/** The SDK's own handler and signer are changed: a command makes its clients itself. So are dynalite's parsers. */
async function install(): Promise<void> {
  isInstalled = true;
  readExpressionsOnce();
  const credentials = { accessKeyId: 'none', secretAccessKey: 'none' };
  const { config } = new SecretsManagerClient({ region: 'us-east-1', credentials });
  const handler: Handler = Object.getPrototypeOf(config.requestHandler);
  const signer: Signer = Object.getPrototypeOf(await config.signer());
  const { handle } = handler;
  handler.handle = function (this: Handler, request, options) {
    const endpoint = directly(request);
    return endpoint === undefined || options?.abortSignal?.aborted
      ? handle.call(this, request, options)
      : answerTo(request, endpoint);
  };
  const { sign } = signer;
  signer.sign = async function (this: Signer, request, options = {}) {
    if (directly(request) === undefined) return sign.call(this, request, options);
    const { accessKeyId } = await this.credentialProvider();
    const region = options.signingRegion ?? (await this.regionProvider());
    const scope = `${accessKeyId}/20260101/${region}/${options.signingService ?? this.service}/aws4_request`;
    request.headers['x-amz-date'] = '20260101T000000Z';
    request.headers['authorization'] =
      `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=none`;
    return request;
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
    const answered: Record<string, string> = { date: new Date().toUTCString() };
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
