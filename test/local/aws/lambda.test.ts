import { InvokeCommand, type InvokeCommandInput, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { describe, expect, it, vi } from 'vitest';
import type { FunctionContext } from '../../../local/aws/function-registry.ts';
import { runningEndpoint } from './support/running-endpoint.ts';

const ARN = 'arn:aws:lambda:us-east-1:000000000000:function:refresh-now';

async function withLambda() {
  const running = await runningEndpoint();
  const invoke = async (options: Partial<InvokeCommandInput> = {}) => {
    const { Payload, ...answer } = await running.lambda.send(
      new InvokeCommand({ FunctionName: 'refresh-now', ...options }),
    );
    const text = Payload?.transformToString() ?? '';
    return { ...answer, payload: text === '' ? undefined : JSON.parse(text) };
  };
  return { ...running, invoke };
}

it('does not find a function that nobody registered', async () => {
  const { invoke } = await withLambda();
  await expect(invoke()).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
    message: `Function not found: ${ARN}`,
    Type: 'User',
    $metadata: { httpStatusCode: 404 },
  });
});

it('refuses an invocation type, a name and a payload that are not one', async () => {
  const { invoke, endpoint } = await withLambda();
  endpoint.functions.set('refresh-now', () => 'never');
  await expect(invoke({ InvocationType: 'Later' as 'Event' })).rejects.toMatchObject({
    name: 'InvalidParameterValueException',
  });
  await expect(invoke({ FunctionName: 'a b' })).rejects.toMatchObject({ name: 'ValidationException' });
  await expect(invoke({ Payload: '{' })).rejects.toMatchObject({ name: 'InvalidRequestContentException' });
});

it('refuses an asynchronous payload above 1 MiB and a synchronous one above 6 MiB', async () => {
  const { invoke, endpoint } = await withLambda();
  endpoint.functions.set('refresh-now', (event: string) => event.length);
  const payloadOf = (bytes: number) => JSON.stringify('x'.repeat(bytes - 2));
  const refusal = { name: 'RequestTooLargeException', $metadata: { httpStatusCode: 413 } };
  await expect(invoke({ InvocationType: 'Event', Payload: payloadOf(1_048_577) })).rejects.toMatchObject(
    refusal,
  );
  await expect(invoke({ Payload: payloadOf(6_291_457) })).rejects.toMatchObject(refusal);
  expect((await invoke({ Payload: payloadOf(6_291_456) })).payload).toBe(6_291_454);
});

describe('a synchronous invocation', () => {
  it('answers with the result', async () => {
    const { invoke, endpoint } = await withLambda();
    endpoint.functions.set('refresh-now', async (event) => ({ results: event }));
    const answer = await invoke({ Payload: '{"connections":["crm"]}' });
    expect(answer.FunctionError).toBeUndefined();
    expect(answer).toMatchObject({
      StatusCode: 200,
      ExecutedVersion: '$LATEST',
      payload: { results: { connections: ['crm'] } },
    });
  });

  it('takes no payload as an empty event, and no result as null', async () => {
    const { invoke, endpoint } = await withLambda();
    const handler = vi.fn();
    endpoint.functions.set('refresh-now', handler);
    expect((await invoke()).payload).toBeNull();
    expect(handler).toHaveBeenCalledWith({}, expect.anything());
  });

  it.each([ARN, `${ARN}:live`, 'refresh-now:$LATEST', '000000000000:function:refresh-now'])(
    'finds the function by %s',
    async (FunctionName) => {
      const { invoke, endpoint } = await withLambda();
      endpoint.functions.set('refresh-now', () => 'found');
      expect((await invoke({ FunctionName })).payload).toBe('found');
    },
  );

  it('tolerates a qualifier', async () => {
    const { invoke, endpoint } = await withLambda();
    endpoint.functions.set('refresh-now', () => 'found');
    expect((await invoke({ Qualifier: 'live' })).payload).toBe('found');
  });

  it('answers with the error of the function', async () => {
    const { invoke, endpoint } = await withLambda();
    endpoint.functions.set('refresh-now', () => {
      throw new TypeError('no such connection');
    });
    expect(await invoke()).toMatchObject({
      StatusCode: 200,
      FunctionError: 'Unhandled',
      payload: { errorType: 'TypeError', errorMessage: 'no such connection', trace: expect.any(Array) },
    });
  });

  it('answers with a failure when the result is not JSON', async () => {
    const { invoke, endpoint } = await withLambda();
    endpoint.functions.set('refresh-now', () => 1n);
    expect(await invoke()).toMatchObject({ FunctionError: 'Unhandled', payload: { errorType: 'TypeError' } });
  });

  it('gives a function up after its time-out', async () => {
    const { invoke, endpoint } = await withLambda();
    const gate = Promise.withResolvers<void>();
    endpoint.functions.set('refresh-now', () => gate.promise, { timeoutMs: 10 });
    expect(await invoke()).toMatchObject({
      FunctionError: 'Unhandled',
      payload: {
        errorType: 'Sandbox.Timedout',
        errorMessage: expect.stringMatching(/Task timed out after 0\.01 seconds$/),
      },
    });
    gate.resolve();
  });

  it('gives a context with the time that remains by the clock', async () => {
    const { invoke, endpoint, clock } = await withLambda();
    const remaining: number[] = [];
    endpoint.functions.set(
      'refresh-now',
      (_event, context: FunctionContext) => {
        remaining.push(context.getRemainingTimeInMillis());
        clock.advance(20_000);
        remaining.push(context.getRemainingTimeInMillis());
        clock.advance(60_000);
        remaining.push(context.getRemainingTimeInMillis());
        return context;
      },
      { timeoutMs: 60_000, memoryLimitInMB: 512 },
    );
    const { payload, $metadata } = await invoke();
    expect(remaining).toEqual([60_000, 40_000, 0]);
    expect(payload).toMatchObject({
      functionName: 'refresh-now',
      invokedFunctionArn: ARN,
      memoryLimitInMB: '512',
      awsRequestId: $metadata.requestId,
    });
  });
});

describe('other invocations', () => {
  it('answers before an asynchronous one has run', async () => {
    const { invoke, endpoint } = await withLambda();
    const gate = Promise.withResolvers<void>();
    const ran: unknown[] = [];
    endpoint.functions.set('refresh-now', async (event) => {
      await gate.promise;
      ran.push(event);
    });
    expect(await invoke({ InvocationType: 'Event', Payload: '{"n":1}' })).toMatchObject({ StatusCode: 202 });
    expect(ran).toEqual([]);
    gate.resolve();
    await endpoint.idle();
    expect(ran).toEqual([{ n: 1 }]);
  });

  it('does not run the function for DryRun', async () => {
    const { invoke, endpoint } = await withLambda();
    const handler = vi.fn();
    endpoint.functions.set('refresh-now', handler);
    expect(await invoke({ InvocationType: 'DryRun' })).toMatchObject({ StatusCode: 204 });
    expect(handler).not.toHaveBeenCalled();
  });
});

it('refuses other operations by method and path', async () => {
  const { lambda } = await withLambda();
  await expect(lambda.send(new ListFunctionsCommand())).rejects.toMatchObject({
    name: 'UnknownOperationException',
    message: expect.stringContaining('GET /2015-03-31/functions'),
  });
});
