import type { Secret } from './secret.ts';

/** What an operator holds. Field names are RFC 6749's; everything but `client_id` is wrapped. */
export interface Credentials {
  readonly client_id?: string;
  readonly client_secret?: Secret;
  /** Private key for private_key_jwt: PKCS #8 in PEM, or a JWK in JSON. */
  readonly private_key?: Secret;
  /** Key id for the JWT header of private_key_jwt. */
  readonly key_id?: string;
  readonly username?: string;
  readonly password?: Secret;
  /** The origins that these may be sent to, and no other; absent where their owner says nothing. */
  readonly allowed_token_origins?: readonly string[];
  /** Names, never values, of what else is stored with them: what is missing may be there under another name. */
  readonly unread?: readonly string[];
}
