import { Duration } from 'aws-cdk-lib';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Connection as Definition, SecretReference } from '../../functions/connections/connection.ts';
import type { ProviderRules } from './provider-rules.ts';

/** A secret that exists already. */
export interface ExistingSecret {
  /** Its whole ARN, with the hyphen and six characters at the end. */
  readonly secretArn: string;
  /**
   * ARN of the key that encrypts it.
   * @default - the account's `aws/secretsmanager`, which needs no grant
   */
  readonly keyArn?: string;
  /**
   * What the secret's JSON calls each field, such as `{ client_id: 'clientId' }`.
   * @default - each by its own name
   */
  readonly fields?: Readonly<Record<string, string>>;
}

/** A private key that KMS holds and never gives away. */
export interface SigningKey {
  /** ARN of a key of usage SIGN_VERIFY; no alias. Its policy must leave its use to IAM, or name the functions' roles. */
  readonly kmsKeyArn: string;
}

/** A provider whose behaviour is known: an entry of `presets`. */
export interface Provider {
  /** The preset's id. */
  readonly provider: string;
  /** Values for the placeholders in the preset's URLs. */
  readonly placeholders?: Readonly<Record<string, string>>;
}

/** How a client proves itself to a token endpoint: RFC 6749 section 2.3, RFC 7523, RFC 8705. */
export type ClientAuthentication =
  | 'client_secret_basic'
  | 'client_secret_post'
  | 'private_key_jwt'
  | 'tls_client_auth'
  | 'none';

/** What a connection is: the fields of `connections.json`. One of provider, issuer and tokenUrl is needed. */
export interface ConnectionOptions {
  /**
   * Where tokens come from: an entry of `presets`.
   * @default - RFC 6749, at `tokenUrl` or `issuer`
   */
  readonly provider?: Provider;
  /**
   * Issuer identifier whose metadata (RFC 8414) names the token endpoint; overrides the preset's.
   * @default - the preset's
   */
  readonly issuer?: string;
  /**
   * The token endpoint; overrides the preset's.
   * @default - the preset's, or what the issuer's metadata says
   */
  readonly tokenUrl?: string;
  /**
   * Where a person signs in, for `evertoken authorize`.
   * @default - the preset's
   */
  readonly authorizationUrl?: string;
  /**
   * Where a device asks for its code, for `evertoken authorize --device`.
   * @default - the preset's
   */
  readonly deviceAuthorizationUrl?: string;
  /**
   * Where tokens are taken back (RFC 7009), for `evertoken revoke`.
   * @default - the preset's
   */
  readonly revocationUrl?: string;
  /**
   * Name of the credentials, whose secret is created once for all that share it; or an existing secret, by its ARN or as a
   * construct, whose key is granted with it.
   * @default - none, which only a connection with `identity` may have
   */
  readonly credentials?: string | ExistingSecret | ISecret;
  /**
   * A key in KMS that signs assertions in place of a `private_key` of the credentials. The refreshing functions may
   * sign with it, and nobody else is granted that.
   * @default - the private key of the credentials
   */
  readonly signingKey?: SigningKey;
  /**
   * Proves itself with a token that AWS issues to the function's role (`sts:GetWebIdentityToken`), in place of a stored
   * secret. The account must have outbound identity federation turned on, and the provider must trust its issuer.
   * @default - credentials
   */
  readonly identity?: 'aws';
  /**
   * The client_id that the provider knows it by; public. Only with `identity`, without credentials.
   * @default - none
   */
  readonly clientId?: string;
  /**
   * Ordered grant types; the next is used when one is refused for good.
   * @default - the preset's, else `client_credentials`
   */
  readonly grants?: readonly string[];
  /**
   * Space-delimited scope values.
   * @default - none: what the provider gives
   */
  readonly scope?: string;
  /**
   * How the client proves itself to the token endpoint.
   * @default - the preset's, else `client_secret_basic`
   */
  readonly clientAuthentication?: ClientAuthentication;
  /**
   * How id and secret are written into HTTP Basic.
   * @default - the preset's, else `form`, as RFC 6749 says
   */
  readonly basicEncoding?: 'form' | 'raw';
  /**
   * Further parameters of the token request, such as `audience`. Never a secret.
   * @default - none
   */
  readonly parameters?: Readonly<Record<string, string>>;
  /**
   * What the provider does differently, in the words of a preset.
   * @default - the preset's, else RFC 6749's
   */
  readonly rules?: ProviderRules;
  /**
   * Uses a preset although parts of it were not verified against the documentation.
   * @default false
   */
  readonly acceptExperimental?: boolean;
  /**
   * An existing secret to which the token is published, by its ARN or as a construct.
   * @default - `<namespace>/tokens/<name>`, which is created
   */
  readonly token?: ExistingSecret | ISecret;
  /**
   * Where the token goes: its secret, or, where its lifetime is too short for one, a parameter that the secret points
   * to. Readers in another Region or account need "secret": a parameter is in the deployment's own alone.
   * @default - by its lifetime; it moves to a parameter by itself where that turns out too short for a secret
   */
  readonly publishTo?: 'secret' | 'parameter';
  /**
   * Lifetime where neither answer, preset nor the token itself says.
   * @default Duration.hours(1)
   */
  readonly defaultLifetime?: Duration;
  /**
   * How long before its expiry a token is replaced.
   * @default - min(lifetime / 2, max(10 minutes, lifetime / 10))
   */
  readonly margin?: Duration;
  /**
   * For how long readers cache the token; 0 for readers that do not.
   * @default Duration.minutes(5)
   */
  readonly readerCache?: Duration;
  /**
   * Lets "Rotate secret immediately" in the console refresh this connection. The refresher gets a function for
   * it, and the secret a schedule of 1,000 days, the longest there is. Not with `token`: only
   * `<namespace>/tokens/<name>` is rotated.
   * @default false
   */
  readonly consoleRotate?: boolean;
  /**
   * The secrets exist already, after an earlier removal of the connection or from before: they are referred
   * to in place of being created.
   * @default false
   */
  readonly adopt?: boolean;
  /**
   * Publishes the `id_token` of the answer with the token.
   * @default false
   */
  readonly publishIdToken?: boolean;
}

/** The definition as `connections.json` would have it. @internal */
export function definitionOf(options: ConnectionOptions): Definition {
  const { provider, defaultLifetime, margin, readerCache, credentials, token, grants, ...same } = options;
  const definition = {
    schema: 1,
    ...provider,
    ...same,
    credentials: typeof credentials === 'object' ? reference(credentials) : credentials,
    token: token && reference(token),
    grants: grants && [...grants],
    defaultLifetimeSeconds: defaultLifetime?.toSeconds(),
    marginSeconds: margin?.toSeconds(),
    readerCacheSeconds: readerCache?.toSeconds(),
  };
  return defined(definition) as unknown as Definition;
}

/** The options that an entry of `connections.json` means: the reverse of `definitionOf`. @internal */
export function optionsOf(definition: Definition): ConnectionOptions {
  const {
    provider,
    placeholders,
    defaultLifetimeSeconds,
    marginSeconds,
    readerCacheSeconds,
    schema: _schema,
    ...same
  } = definition;
  const options = {
    ...same,
    provider: provider === undefined ? undefined : { provider, ...(placeholders && { placeholders }) },
    defaultLifetime: duration(defaultLifetimeSeconds),
    margin: duration(marginSeconds),
    readerCache: duration(readerCacheSeconds),
  };
  return defined(options) as unknown as ConnectionOptions;
}

const duration = (seconds: number | undefined) =>
  seconds === undefined ? undefined : Duration.seconds(seconds);

function defined(fields: object): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** @internal */
export function reference(secret: ExistingSecret | ISecret): SecretReference {
  const { secretArn, keyArn, fields = {} } = 'node' in secret ? ofConstruct(secret) : secret;
  return { secretArn, ...(keyArn !== undefined && { keyArn }), fields: { ...fields } };
}

/** Its whole ARN, where CDK knows it. */
function ofConstruct({ secretFullArn, secretArn, encryptionKey }: ISecret): ExistingSecret {
  return { secretArn: secretFullArn ?? secretArn, ...(encryptionKey && { keyArn: encryptionKey.keyArn }) };
}
