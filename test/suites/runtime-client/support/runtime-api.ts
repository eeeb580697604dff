import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface Invocation {
  readonly event: unknown;
  /** Time until the function would be killed. */
  readonly remainingMs: number;
}

/** How an invocation, or loading the function, ended. */
export type Ending =
  | { readonly kind: 'response'; readonly value: unknown; readonly elapsedMs: number }
  | {
      readonly kind: 'error';
      readonly errorType: string;
      readonly errorMessage: string;
      readonly elapsedMs: number;
    }
  | { readonly kind: 'init-error'; readonly errorType: string; readonly errorMessage: string };

/** Lambda's side of the runtime interface, on 127.0.0.1. */
export interface RuntimeApi extends AsyncDisposable {
  /** For `AWS_LAMBDA_RUNTIME_API`. */
  readonly host: string;
  /** Hands an event to the next process that asks. Resolves when that process has answered. */
  invoke(invocation: Invocation): Promise<Ending>;
}

const PREFIX = '/2018-06-01/runtime';

/** Starts it: paths and headers as in https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html. */
export async function startRuntimeApi(): Promise<RuntimeApi> {
  const ended = Promise.withResolvers<Ending>();
  let handed = Promise.withResolvers<Invocation>();
  let startedAt = 0;

  const server = createServer(async (request, response) => {
    const path = (request.url ?? '').slice(PREFIX.length);
    if (path === '/invocation/next') {
      const { event, remainingMs } = await handed.promise;
      // One invocation: whoever asks again waits for ever.
      handed = Promise.withResolvers();
      startedAt = Date.now();
      response.writeHead(200, {
        'Content-Type': 'application/json',
        'Lambda-Runtime-Aws-Request-Id': randomUUID(),
        'Lambda-Runtime-Deadline-Ms': String(startedAt + remainingMs),
        'Lambda-Runtime-Invoked-Function-Arn': 'arn:aws:lambda:us-east-1:000000000000:function:evertoken',
      });
      response.end(JSON.stringify(event));
      return;
    }
    const kind = path.startsWith('/init/') ? 'init-error' : path.endsWith('/error') ? 'error' : 'response';
    ended.resolve(endingOf(kind, await bodyOf(request), Date.now() - startedAt));
    response.writeHead(202, { 'Content-Type': 'application/json' }).end('{"status":"OK"}');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');

  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    invoke(invocation) {
      handed.resolve(invocation);
      return ended.promise;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  return JSON.parse(await text(request));
}

function endingOf(kind: Ending['kind'], body: unknown, elapsedMs: number): Ending {
  if (kind === 'response') return { kind, value: body, elapsedMs };
  const { errorType = '', errorMessage = '' } = body as { errorType?: string; errorMessage?: string };
  return { kind, errorType, errorMessage, elapsedMs };
}
