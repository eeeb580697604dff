import type { BackgroundWork } from './background-work.ts';
import type { LocalFunctions } from './function-registry.ts';
import { AwsError, unknownOperation } from './wire/error-answer.ts';
import type { Service, WireRequest, WireResponse } from './wire/message.ts';

const PATHS = '/2015-03-31/functions/';
const INVOKE = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/;
/** Name, partial ARN or ARN, each with an optional version or alias. */
const FUNCTION_NAME =
  /^(?:arn:aws[a-z-]*:lambda:[a-z0-9-]+:)?(?:\d{12}:)?(?:function:)?([A-Za-z0-9_-]+)(?::(?:\$LATEST|[A-Za-z0-9_-]+))?$/;

const SYNCHRONOUS_BYTES = 6_291_456;
/** Since January 2026; it was 256 KB before. */
const ASYNCHRONOUS_BYTES = 1_048_576;

const INVOCATION_TYPES = ['RequestResponse', 'Event', 'DryRun'] as const;
type InvocationType = (typeof INVOCATION_TYPES)[number];

/** Lambda's Invoke over the registered functions. An asynchronous invocation is tried once. */
export function lambda(functions: LocalFunctions, background: BackgroundWork): Service {
  return {
    name: 'lambda',
    accepts: ({ path }) => path.startsWith(PATHS),
    // Lambda's errors carry `Type` and `Message`; the name travels in x-amzn-errortype.
    errorBody: ({ status, message }) =>
      JSON.stringify({ Type: status < 500 ? 'User' : 'Service', Message: message, message }),
    prepare: (request) => {
      const sent = INVOKE.exec(request.path)?.[1];
      if (!sent || request.method !== 'POST')
        throw unknownOperation(`${request.method} ${request.path} of lambda`);
      const name = functionName(sent);
      return {
        operation: 'Invoke',
        resource: name,
        answer: (requestId) => invoke(functions, background, name, request, requestId),
      };
    },
  };
}

async function invoke(
  functions: LocalFunctions,
  background: BackgroundWork,
  name: string,
  request: WireRequest,
  requestId: string,
): Promise<WireResponse> {
  const type = invocationType(request);
  if (!functions.has(name)) {
    throw new AwsError('ResourceNotFoundException', `Function not found: ${functions.arnOf(name)}`, 404);
  }
  const event = readPayload(request, type);
  if (type === 'DryRun') return { status: 204, headers: {}, body: '' };
  if (type === 'Event') {
    background.start(`the function ${name}`, () => functions.run(name, event, requestId));
    return { status: 202, headers: {}, body: '' };
  }
  const { payload, failed } = await functions.run(name, event, requestId);
  return {
    status: 200,
    headers: {
      'content-type': 'application/json',
      'x-amz-executed-version': '$LATEST',
      ...(failed ? { 'x-amz-function-error': 'Unhandled' } : {}),
    },
    body: payload,
  };
}

/** The name in a name, an ARN or a partial ARN, escaped or not. @throws AwsError */
export function functionName(sent: string): string {
  // No other character of a function's name is ever escaped.
  const name = FUNCTION_NAME.exec(sent.replaceAll(/%3A/gi, ':').replaceAll(/%24/g, '$'))?.[1];
  if (!name) {
    throw new AwsError('ValidationException', 'The function name is not a name, an ARN or a partial ARN.');
  }
  return name;
}

function invocationType(request: WireRequest): InvocationType {
  const sent = request.headers['x-amz-invocation-type'] ?? 'RequestResponse';
  const type = INVOCATION_TYPES.find((known) => known === sent);
  if (!type) {
    throw new AwsError(
      'InvalidParameterValueException',
      `Invocation type must be one of ${INVOCATION_TYPES.join(', ')}.`,
    );
  }
  return type;
}

function readPayload(request: WireRequest, type: InvocationType): unknown {
  const limit = type === 'Event' ? ASYNCHRONOUS_BYTES : SYNCHRONOUS_BYTES;
  if (request.body.length > limit) {
    throw new AwsError(
      'RequestTooLargeException',
      `Request must be smaller than ${limit} bytes for the InvokeFunction operation`,
      413,
    );
  }
  // An empty payload is an empty event.
  if (request.body.length === 0) return {};
  try {
    return JSON.parse(request.body.toString());
  } catch {
    throw new AwsError('InvalidRequestContentException', 'Could not parse request body into json.');
  }
}
