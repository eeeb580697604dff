/** A connection cannot be used as declared. The message says what to change. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';
  readonly code = 'invalid_connection';
}
