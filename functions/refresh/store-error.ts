/** Why an AWS call failed, as far as a refresh needs to know. */
export type StoreErrorKind =
  /** Not allowed, the key disabled, the wrong kind of secret: a person must change something. */
  | 'denied'
  /** The secret, parameter or table is not there. */
  | 'missing'
  /** Throttled, time-out, 5xx: the call may or may not have taken effect. */
  | 'transient'
  /** ClientRequestToken used before with other content. */
  | 'conflict'
  /** Too many versions, too large. */
  | 'limit'
  /** The stored value is not what it should be: no JSON, missing fields, a newer schema. */
  | 'malformed';

/** A failed call to a store. Message and code are safe to log. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly kind: StoreErrorKind;
  /** AWS's error name, e.g. `AccessDeniedException`, or ours. */
  readonly code: string;

  constructor(kind: StoreErrorKind, code: string, message: string) {
    super(message);
    this.kind = kind;
    this.code = code;
  }
}
