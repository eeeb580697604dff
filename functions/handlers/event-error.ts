/** The event is none that this function knows. The message says what it takes. */
export class EventError extends Error {
  override readonly name = 'EventError';
  readonly code = 'invalid_event';
}
