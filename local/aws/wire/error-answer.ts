/**
 * A refusal as AWS words it. `code` is what an SDK gives as the error's name.
 * The message never repeats a value that was sent, which could be a secret.
 */
export class AwsError extends Error {
  override readonly name = 'AwsError';
  readonly code: string;
  /** HTTP status. */
  readonly status: number;

  /** @param status default 400, which most AWS errors have */
  constructor(code: string, message: string, status = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/** What any operation answers that this endpoint does not serve. */
export function unknownOperation(what: string): AwsError {
  return new AwsError('UnknownOperationException', `This local endpoint does not serve ${what}.`);
}

/** Name of the error that a JSON body begins with, without its namespace; `undefined` when it is no error. */
export function errorType(body: string): string | undefined {
  return /^\{"__type":"(?:[^"#]*#)?([^"]+)"/.exec(body)?.[1];
}
