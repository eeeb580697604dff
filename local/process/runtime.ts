/**
 * What runs in a function's process, in the place of Lambda's runtime: loads the bundle, and answers one
 * invocation after the other.
 *
 *   node - <file> <export> <names that may be looked up>
 */
import type { Answer, FunctionError, Invocation, RefusedLookup } from './messages.ts';
import { lookUpOnly } from './name-lookups.ts';

type Handler = (event: unknown, context: object) => unknown;

const [, , file = '', name = '', lookups = ''] = process.argv;

lookUpOnly(lookups.split(','), (refusedLookup) => process.send?.({ refusedLookup } satisfies RefusedLookup));

const loaded: Promise<Handler | FunctionError> = import(file).then(
  (module) => {
    const handler = (module as Record<string, unknown>)[name];
    if (typeof handler !== 'function') {
      return described('Runtime.HandlerNotFound', `the bundle exports no function "${name}"`);
    }
    // Node 24 on Lambda refuses them: https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html
    if (handler.length > 2) {
      return described('Runtime.CallbackHandlerDeprecated', 'callback-based handlers are not supported');
    }
    return handler as Handler;
  },
  (error: unknown) => ({ ...descriptionOf(error), errorType: 'Runtime.ImportModuleError' }),
);

process.on('message', (invocation: Invocation) => {
  answer(invocation).then((result) => process.send?.(result));
});
// Whoever started this has gone.
process.on('disconnect', () => process.exit());
// These reach everything in a terminal or a job; what is under way here ends as it would anyway.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);

async function answer({ event, context, endsAt }: Invocation): Promise<Answer> {
  const handler = await loaded;
  if (typeof handler !== 'function') return { error: handler };
  try {
    const getRemainingTimeInMillis = () => Math.max(0, endsAt - Date.now());
    const result = await handler(event, { ...context, getRemainingTimeInMillis });
    return { payload: JSON.stringify(result) ?? 'null' };
  } catch (error) {
    return { error: descriptionOf(error) };
  }
}

function descriptionOf(error: unknown): FunctionError {
  if (!(error instanceof Error)) return described(typeof error, String(error));
  return { ...described(error.name, error.message), trace: error.stack?.split('\n') ?? [] };
}

function described(errorType: string, errorMessage: string): FunctionError {
  return { errorType, errorMessage, trace: [] };
}
