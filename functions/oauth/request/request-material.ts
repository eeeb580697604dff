import type { AssertionRules, IdentityRules } from '../assertion-rules.ts';
import type { Credentials } from '../credentials.ts';
import type { RequestRules } from '../endpoint-rules.ts';
import type { Secret } from '../secret.ts';
import { TokenError } from '../token-error.ts';
import { signAssertion } from './assertion.ts';
import { type ClientCertificate, clientCertificate } from './client-certificate.ts';
import { required } from './missing-field.ts';
import { privateKeySigner } from './private-key-signer.ts';
import type { Signer, SigningKey, SigningPorts } from './signer.ts';
import { RequestTemplates } from './templates.ts';

export interface TokenRequestContext extends SigningPorts {
  /** Epoch milliseconds. */
  now(): number;
  /** A fresh id, for an assertion and for templates. */
  uuid(): string;
  /** Ends the wait for what signs or vouches elsewhere. */
  readonly signal?: AbortSignal | undefined;
}

/** What a client proves itself with, and to whom. */
export interface ProofInput {
  readonly request: RequestRules;
  readonly credentials: Credentials;
  /** The audience of an assertion unless the rules name another. Empty where nobody is asked. */
  readonly tokenUrl: string;
  /** A key that signs in the place of `private_key`. */
  readonly signingKey?: SigningKey | undefined;
  /** A token of the role's own in the place of a stored secret, as the provider takes it. */
  readonly identity?: IdentityRules | undefined;
}

type ClientField = 'client_id' | 'client_secret' | 'username' | 'password';

/** What one request is made of. A proof is made when it is asked for, and once; its secrets are kept in mind. */
export class RequestMaterial {
  readonly input: ProofInput;
  readonly templates: RequestTemplates;
  /** As the provider wants it written. */
  readonly scope: string | undefined;
  readonly #context: TokenRequestContext;
  readonly #proofs: Secret[] = [];
  readonly #assertions = new Map<AssertionRules, Promise<Secret>>();
  #signer: Promise<Signer> | undefined;
  #identityToken: Promise<Secret> | undefined;

  constructor(input: ProofInput, context: TokenRequestContext, scope?: string) {
    const { credentials, tokenUrl } = input;
    this.input = input;
    this.scope = scope;
    this.#context = context;
    this.templates = new RequestTemplates({
      credentials,
      tokenUrl,
      scope,
      uuid: () => context.uuid(),
      publicKey: () => this.#publicKey(),
    });
  }

  /** The last that was signed or vouched for: what `{assertion}` means. */
  get proof(): Secret | undefined {
    return this.#proofs.at(-1);
  }

  /** All of the client's that is, or may be, part of the request. */
  get secrets(): readonly Secret[] {
    const { client_secret, password, private_key } = this.input.credentials;
    const stored = [client_secret, password, private_key].filter((secret) => secret !== undefined);
    return [...stored, ...this.templates.secrets, ...this.#proofs];
  }

  /** A field of the credentials that must be there. @throws TokenError `configuration`, code `missing_<field>` */
  required(field: 'client_id' | 'username', wantedBy: string): string;
  required(field: 'client_secret' | 'password', wantedBy: string): Secret;
  required(field: ClientField, wantedBy: string): string | Secret {
    const { credentials } = this.input;
    return required<string | Secret>(credentials[field], field, wantedBy, credentials.unread);
  }

  /** The JWT that these rules ask for. @throws TokenError `configuration` */
  assertion(rules: AssertionRules): Promise<Secret> {
    const made = this.#assertions.get(rules) ?? this.#sign(rules);
    this.#assertions.set(rules, made);
    return made;
  }

  /** The token of the role's own. @throws TokenError `configuration` where nobody here can have one */
  identityToken(rules: IdentityRules): Promise<Secret> {
    this.#identityToken ??= this.#vouch(rules);
    return this.#identityToken;
  }

  /**
   * What the TLS handshake is to show, where the method or the rules ask for it.
   * @throws TokenError `configuration`
   */
  clientCertificate(method: string, url: string): ClientCertificate | undefined {
    const { request, credentials } = this.input;
    if (method !== 'tls_client_auth' && !request.clientCertificate) return undefined;
    const { protocol, origin } = new URL(url);
    if (protocol === 'https:') return clientCertificate(credentials, 'a client certificate');
    throw configuration('insecure_url', `${origin} is not https, and TLS alone shows a client certificate.`);
  }

  async #sign(rules: AssertionRules): Promise<Secret> {
    const { credentials, tokenUrl } = this.input;
    const signed = await signAssertion(rules, {
      templates: this.templates,
      signer: await this.#signerOnce(),
      keyId: credentials.key_id,
      clientId: (claim) => this.required('client_id', `the claim "${claim}" of the assertion`),
      tokenUrl,
      now: this.#context.now(),
      uuid: () => this.#context.uuid(),
    });
    this.#proofs.push(signed);
    return signed;
  }

  #signerOnce(): Promise<Signer> {
    this.#signer ??= this.#findSigner();
    return this.#signer;
  }

  async #findSigner(): Promise<Signer> {
    const { credentials, signingKey } = this.input;
    if (signingKey === undefined) {
      const { private_key, unread } = credentials;
      return privateKeySigner(required(private_key, 'private_key', 'the assertion', unread));
    }
    const signer = await this.#context.signer?.(signingKey, this.#context.signal);
    if (signer !== undefined) return signer;
    throw configuration(
      'signing_key_unavailable',
      'The "signingKey" is a key in KMS, and nothing here can sign with it: let the deployed functions do it.',
    );
  }

  async #publicKey(): Promise<Uint8Array> {
    const signer = await this.#signerOnce();
    const publicKey = await signer.publicKey?.();
    if (publicKey !== undefined) return publicKey;
    const { name = 'The signing key' } = signer;
    throw configuration(
      'public_key_unavailable',
      `${name} does not tell its public key, which {key.sha256} means.`,
    );
  }

  async #vouch(rules: IdentityRules): Promise<Secret> {
    const token = await this.#context.identityToken?.(rules, this.#context.signal);
    if (token === undefined) {
      throw configuration(
        'identity_unavailable',
        `The "identity" is that of the role of the deployed functions, and nothing here can prove it: let them refresh this connection.`,
      );
    }
    this.#proofs.push(token);
    return token;
  }
}

function configuration(code: string, message: string): TokenError {
  return new TokenError('configuration', code, message);
}
