import type { CallOptions } from '../refresh/ports.ts';

/** The second argument of every SDK client's `send`. */
export function sendOptions(options: CallOptions | undefined): { abortSignal?: AbortSignal } {
  return options?.signal === undefined ? {} : { abortSignal: options.signal };
}
