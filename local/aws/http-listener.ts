import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import type { CallLog } from './call-log.ts';
import type { Identity } from './caller-identity.ts';
import type { Failure, FaultHook } from './fault.ts';
import { checkCredentialScope } from './wire/credential-scope.ts';
import { AwsError, errorType, unknownOperation } from './wire/error-answer.ts';
import type { Authorize, Service, WireRequest, WireResponse } from './wire/message.ts';
import { readRequest, refuseBrowsers } from './wire/read-request.ts';

export interface ListenerOptions {
  readonly identity: Identity;
  readonly services: readonly Service[];
  readonly calls: CallLog;
  /** Read at every call, so that faults can be switched while it runs. */
  readonly faults: () => FaultHook | undefined;
  readonly authorize: Authorize | undefined;
  /** What is at a path for everybody, unsigned. */
  readonly document: (path: string) => Promise<object | undefined>;
  /** Ends delays. */
  readonly stopping: AbortSignal;
}

/** Thrown to cut the connection. */
const RESET = Symbol('reset');

/** The one HTTP endpoint of all services. */
export function httpListener(options: ListenerOptions): RequestListener {
  return (request, response) => void serve(options, request, response);
}

async function serve(
  options: ListenerOptions,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const requestId = options.identity.random.uuid();
  response.setHeader('x-amzn-requestid', requestId);
  let service: Service | undefined;
  try {
    refuseBrowsers(incoming);
    const request = await readRequest(incoming);
    const document = request.method === 'GET' ? await options.document(request.path) : undefined;
    if (document) return send(response, documentResponse(document));
    service = options.services.find((candidate) => candidate.accepts(request));
    if (!service) throw unknownRequest(request);
    const accessKeyId = checkCredentialScope(request, service.name, options.identity.region);
    send(response, await answer(options, service, request, requestId, accessKeyId));
  } catch (error) {
    if (error === RESET) response.socket?.resetAndDestroy();
    // Otherwise the caller went away while it was sending, and nobody is left to tell.
    else if (!incoming.errored) send(response, errorResponse(error, service));
  } finally {
    // A connection kept alive would hold up the end.
    if (options.stopping.aborted) response.once('close', () => incoming.socket?.destroy());
  }
}

async function answer(
  { identity, calls, faults, authorize, stopping }: ListenerOptions,
  service: Service,
  request: WireRequest,
  requestId: string,
  accessKeyId: string,
): Promise<WireResponse> {
  const { operation, resource, answer: carryOut } = service.prepare(request);
  calls.add({
    service: service.name,
    operation,
    ...(resource === undefined ? {} : { resource }),
    at: identity.clock.now(),
  });
  const refusal = authorize?.(accessKeyId, service.name, operation, resource, request.body);
  if (refusal) throw refusal;
  const fault = faults()?.(service.name, operation, resource);
  if (fault?.delayMs) {
    await wait(fault.delayMs, undefined, { signal: stopping }).catch(() => {
      throw RESET;
    });
  }
  if (fault?.before) throw thrown(fault.before);
  const response = await carryOut(requestId, fault?.stale);
  if (fault?.afterEffect) throw thrown(fault.afterEffect);
  return response;
}

function documentResponse(document: object): WireResponse {
  return {
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(document),
  };
}

function thrown(failure: Failure): unknown {
  return failure === 'reset' ? RESET : failure;
}

function send(response: ServerResponse, { status, headers, body }: WireResponse): void {
  const error = status >= 400 ? errorType(body) : undefined;
  response.writeHead(status, {
    ...(error ? { 'x-amzn-errortype': error } : {}),
    ...headers,
    ...(status === 204 ? {} : { 'content-length': Buffer.byteLength(body) }),
  });
  response.end(body);
}

function errorResponse(error: unknown, service: Service | undefined): WireResponse {
  const known = error instanceof AwsError ? error : internalError(error);
  return {
    status: known.status,
    headers: {
      'content-type': service?.contentType ?? 'application/x-amz-json-1.1',
      'x-amzn-errortype': known.code,
    },
    body: service?.errorBody(known) ?? JSON.stringify({ __type: known.code, message: known.message }),
  };
}

/** A fault of this program or of its disk. The message stays here: it could hold what was sent. */
function internalError(error: unknown): AwsError {
  const kind = error instanceof Error ? error.name : typeof error;
  process.emitWarning(`a request failed: ${kind}`, 'LocalAwsWarning');
  return new AwsError('InternalServiceError', 'An error occurred on the server side.', 500);
}

/** Names what was asked for, in whichever of AWS's protocols it was asked. */
function unknownRequest({ method, path, headers, body }: WireRequest): AwsError {
  const target = headers['x-amz-target'];
  if (typeof target === 'string') return unknownOperation(`the target ${target}`);
  const action = /(?:^|&)Action=(\w+)/.exec(body.toString('latin1', 0, 10_000))?.[1];
  return unknownOperation(action ? `the action ${action}` : `${method} ${path}`);
}
