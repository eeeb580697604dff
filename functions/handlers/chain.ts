import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import type { Composition } from './composition.ts';

/**
 * One call, with what it came with. `endsAt`: when the function is killed, epoch milliseconds. `accountId`: the
 * account that the function is in; `undefined` when Lambda does not say. `functionArn`: its own.
 */
export type Call<Event, Result> = (
  event: Event,
  composition: Composition,
  endsAt: number,
  accountId: string | undefined,
  functionArn: string,
) => Promise<Result>;

const FUNCTION_ARN = /^arn:[a-z0-9-]+:lambda:[a-z0-9-]+:(\d{12}):function:/;

/**
 * The chain that every handler shares: the request's context in each log line; events sent, and history and metrics
 * written, before the function answers, however it ends. There is no early answer on time-out: a handler must not
 * return while a refresh is unsettled.
 */
export function chain<Event, Result>(compose: () => Composition, call: Call<Event, Result>) {
  // Absent when it is the environment that is at fault: then there is nothing to tell with.
  let composition: Composition | undefined;
  const tell = async ({ context }: { readonly context: Context }) => {
    if (composition === undefined) return;
    const { events, history, clock } = composition.ports;
    const endsAt = clock.now() + context.getRemainingTimeInMillis();
    await Promise.all([events.flush({ endsAt }), history.flush()]);
    composition.metrics.flush();
  };
  return middy<Event, Result, Error, Context>()
    .before((request) => {
      composition = compose();
      injectLambdaContext(composition.logger).before?.(request as never);
    })
    .after(tell)
    .onError(tell)
    .handler(async (event, context) => {
      const own = composition ?? compose();
      const endsAt = own.ports.clock.now() + context.getRemainingTimeInMillis();
      const { invokedFunctionArn } = context;
      return call(event, own, endsAt, FUNCTION_ARN.exec(invokedFunctionArn)?.[1], invokedFunctionArn);
    });
}
