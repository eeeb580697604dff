/**
 * What runs in a function's process, in the place of Lambda's runtime: loads the bundle, and answers one
 * invocation after the other.
 *
 *   node runtime.ts <file> <export> <names that may be looked up>
 */
import dns from 'node:dns';
import { syncBuiltinESMExports } from 'node:module';
import type { Answer, FunctionError, Invocation, RefusedLookup } from './messages.ts';

type Handler = (event: unknown, context: object) => unknown;

const [, , file = '', name = '', lookups = ''] = process.argv;

lookUpOnly(lookups.split(','));

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

/**
 * From now on this process looks up no name but this machine's own and these: a declaration that names a provider's real
 * host asks no name service for it, and nothing is sent there, unless a person said so.
 */
function lookUpOnly(allowed: readonly string[]): void {
  const { lookup } = dns.promises;
  const guarded = async (...call: Parameters<typeof lookup>) => {
    const [hostname] = call;
    if (/^(localhost|127(\.\d{1,3}){3}|::1)$/.test(hostname) || allowed.includes(hostname)) {
      return lookup(...call);
    }
    process.send?.({ refusedLookup: hostname } satisfies RefusedLookup);
    const message = `local mode does not look up ${hostname}`;
    throw Object.assign(new Error(message), { code: 'ENOTFOUND', hostname });
  };
  dns.promises.lookup = guarded as typeof lookup;
  syncBuiltinESMExports();
}
