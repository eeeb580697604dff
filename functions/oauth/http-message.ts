import type { Secret } from './secret.ts';

/** A request that is sent once. */
export interface SingleRequest {
  readonly method: 'GET' | 'POST';
  /** Its query may hold secrets. */
  readonly url: Secret;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | Secret>>;
  readonly body?: Secret;
}

/** A token request, ready to be sent. */
export interface TokenHttpRequest extends SingleRequest {
  /** What an answer may echo and nobody may see: every secret that is part of the request. */
  readonly secrets: readonly Secret[];
  /** Whether the request says which client is asking, by client_id or by authentication. */
  readonly identifiesClient: boolean;
}

/** An answer as it came: read in full, decoded, not yet judged. */
export interface HttpAnswer {
  readonly status: number;
  /** By lower-case name; the first value of each. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Secret;
}
