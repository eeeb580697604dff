/** What the runtime in a function's process is asked to do. */
export interface Invocation {
  readonly event: unknown;
  /** When the process is killed, epoch milliseconds. */
  readonly endsAt: number;
  readonly context: {
    readonly awsRequestId: string;
    readonly functionName: string;
    readonly invokedFunctionArn: string;
    readonly memoryLimitInMB: string;
  };
}

/** What came of an invocation. */
export type Answer =
  /** `payload` is JSON. */
  { readonly payload: string } | { readonly error: FunctionError };

/** Told beside an answer: a name that was not looked up. */
export interface RefusedLookup {
  readonly refusedLookup: string;
}

/** As Lambda describes what a function threw. */
export interface FunctionError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace: readonly string[];
}
