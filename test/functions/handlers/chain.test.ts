import type { Context } from 'aws-lambda';
import { expect, it } from 'vitest';
import { chain } from '../../../functions/handlers/chain.ts';
import { type Composition, createLogger } from '../../../functions/handlers/composition.ts';

const NOW = Date.UTC(2026, 0, 1);

/** A composition that writes down what is flushed, and with what. */
function world() {
  const flushed: unknown[] = [];
  const composition = {
    logger: createLogger({ logLevel: 'SILENT' }),
    metrics: { flush: () => void flushed.push('metrics') },
    ports: {
      clock: { now: () => NOW },
      events: { flush: async (options: unknown) => void flushed.push(options) },
      history: { flush: async () => undefined },
    },
  } as unknown as Composition;
  const context = {
    awsRequestId: 'of-the-test',
    invokedFunctionArn: 'arn:aws:lambda:us-east-1:111122223333:function:refresh',
    getRemainingTimeInMillis: () => 41_000,
  } as Context;
  return { flushed, composition, context };
}

it.each([
  ['answers', async () => 'done', 'done'],
  ['fails', () => Promise.reject(new Error('of the test')), 'of the test'],
])(
  'a handler that %s has sent its events by when it is killed, and counted what it gave up',
  async (_, call, came) => {
    const { flushed, composition, context } = world();
    const handler = chain<unknown, string>(() => composition, call);
    const result = await Promise.resolve(handler({}, context)).catch((error: Error) => error.message);
    expect(result).toBe(came);
    expect(flushed).toEqual([{ endsAt: NOW + 41_000 }, 'metrics']);
  },
);
