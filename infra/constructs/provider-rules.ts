// Made from the schema of presets by "npm run generate".

/** What a provider does differently from RFC 6749, in the words of a preset: docs/quirks.md. */
export interface ProviderRules {
  readonly name?: string;
  readonly issuer?: string;
  readonly tokenUrl?: string;
  readonly refreshUrl?: string;
  readonly authorizationUrl?: string;
  readonly deviceAuthorizationUrl?: string;
  readonly authorizationParameters?: Readonly<Record<string, string | readonly string[]>>;
  readonly placeholders?: Readonly<Record<string, {
    readonly description: string;
    readonly pattern?: string;
    readonly values?: Readonly<Record<string, string>>;
    readonly default?: string;
    readonly example: string;
  }>>;
  readonly grants?: readonly string[];
  readonly supportedGrants?: readonly string[];
  readonly request?: {
    readonly clientAuthentication?: 'client_secret_basic' | 'client_secret_post' | 'private_key_jwt' | 'tls_client_auth' | 'none';
    readonly clientAuthenticationByGrant?: Readonly<Record<string, 'client_secret_basic' | 'client_secret_post' | 'private_key_jwt' | 'tls_client_auth' | 'none'>>;
    readonly basicEncoding?: 'form' | 'raw';
    readonly basicScheme?: string;
    readonly clientCertificate?: boolean;
    readonly assertion?: {
      readonly use: 'client' | 'grant' | 'bearer' | 'token';
      readonly algorithms?: readonly ('RS256' | 'RS384' | 'RS512' | 'PS256' | 'PS384' | 'PS512' | 'ES256' | 'ES384' | 'ES512' | 'EdDSA' | 'Ed25519')[];
      readonly lifetimeSeconds?: number;
      readonly backdatedSeconds?: number;
      readonly jti?: boolean;
      readonly header?: Readonly<Record<string, string>>;
      readonly claims?: Readonly<Record<string, string | number | boolean | null | readonly string[]>>;
    };
    readonly assertionByGrant?: Readonly<Record<string, {
      readonly use: 'client' | 'grant' | 'bearer' | 'token';
      readonly algorithms?: readonly ('RS256' | 'RS384' | 'RS512' | 'PS256' | 'PS384' | 'PS512' | 'ES256' | 'ES384' | 'ES512' | 'EdDSA' | 'Ed25519')[];
      readonly lifetimeSeconds?: number;
      readonly backdatedSeconds?: number;
      readonly jti?: boolean;
      readonly header?: Readonly<Record<string, string>>;
      readonly claims?: Readonly<Record<string, string | number | boolean | null | readonly string[]>>;
    }>>;
    readonly method?: 'POST' | 'GET';
    readonly bodyFormat?: 'form' | 'json' | 'none';
    readonly parameterLocation?: 'body' | 'query';
    readonly parameterNames?: Readonly<Record<string, string>>;
    readonly parameters?: Readonly<Record<string, string | readonly string[]>>;
    readonly parametersByGrant?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
    readonly requiredParameters?: Readonly<Record<string, string>>;
    readonly sendOnly?: Readonly<Record<string, readonly string[]>>;
    readonly headers?: Readonly<Record<string, string>>;
    readonly scopeSeparator?: string;
    readonly defaultScope?: string;
  };
  readonly response?: {
    readonly path?: readonly string[];
    readonly fields?: Readonly<Record<string, string>>;
    readonly expiresInUnit?: 'seconds' | 'milliseconds' | 'minutes';
    readonly expiresAtField?: string;
    readonly expiresAtUnit?: 'seconds' | 'milliseconds';
    readonly refreshTokenExpiresInField?: string;
    readonly extras?: readonly string[];
    readonly successStatus?: readonly number[];
    readonly successWhen?: Readonly<Record<string, readonly (string | number | boolean)[]>>;
  };
  readonly errors?: {
    readonly codePaths?: readonly string[];
    readonly messagePaths?: readonly string[];
    readonly invalidGrant?: readonly string[];
    readonly invalidClient?: readonly string[];
    readonly configuration?: readonly string[];
    readonly throttled?: readonly string[];
    readonly transient?: readonly string[];
  };
  readonly refreshToken?: {
    readonly rotates?: 'always' | 'sometimes' | 'never';
    readonly graceSeconds?: number;
    readonly lifetimeSeconds?: number;
    readonly inactivitySeconds?: number;
    readonly jwtExpiry?: boolean;
    readonly notFromGrants?: readonly string[];
  };
  readonly accessToken?: {
    readonly endsPrevious?: boolean;
    readonly earliestRefreshSeconds?: number;
    readonly presentation?: {
      readonly header?: string;
      readonly scheme?: string;
      readonly headers?: Readonly<Record<string, string>>;
    };
  };
  readonly identity?: {
    readonly use: 'client' | 'grant' | 'subject' | 'token';
    readonly audience: string;
    readonly algorithm?: 'RS256' | 'ES384';
    readonly lifetimeSeconds?: number;
  };
  readonly defaultLifetimeSeconds?: number;
  readonly budgets?: readonly ({
    readonly calls: number;
    readonly perSeconds: number;
    readonly scope?: 'client' | 'provider';
  })[];
  readonly probe?: {
    readonly method: 'GET' | 'POST';
    readonly url: string;
  };
  readonly revocation?: {
    readonly url: string;
    readonly style: 'rfc7009' | 'bearer-and-token' | 'bearer' | 'client-delete';
  };
}
