import type { Secret } from './secret.ts';

/** What an operator holds. Field names are RFC 6749's; what is public is a string, all else is wrapped. */
export interface Credentials {
  readonly client_id?: string;
  readonly client_secret?: Secret;
  /** Signs assertions, and belongs to the certificate: in PEM, or a JWK in JSON. */
  readonly private_key?: Secret;
  /** Key id for the header of an assertion. */
  readonly key_id?: string;
  /** Of the private key, X.509 in PEM, the client's own first (RFC 8705). Public. */
  readonly certificate?: string;
  readonly username?: string;
  readonly password?: Secret;
  /** Everything else that is stored with them as a string, by its own name: templates may name it. */
  readonly fields?: Readonly<Record<string, Secret>>;
  /** The origins that these may be sent to, and no other; absent where their owner says nothing. */
  readonly allowed_token_origins?: readonly string[];
  /** Names, never values, of what else is stored with them: what is missing may be there under another name. */
  readonly unread?: readonly string[];
}
