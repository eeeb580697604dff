import { createHash } from 'node:crypto';
import type { Credentials } from '../credentials.ts';
import { Secret } from '../secret.ts';
import { TokenError } from '../token-error.ts';
import { certificateThumbprint } from './client-certificate.ts';
import { required } from './missing-field.ts';

/** `{name}`; with `=` before the name it stands for itself, less one `=`. Any other brace is a brace. */
const TEMPLATE = /\{(=*)([A-Za-z][\w.#-]*)\}/g;
const CREDENTIAL = 'credential.';
/** What makes a value one of the client's own. */
const PROOF = /\{(?:credential\.[\w.-]+|assertion)\}/;

const KNOWN = [
  '{credential.<field>}',
  '{tokenUrl}',
  '{tokenHost}',
  '{scope}',
  '{uuid}',
  '{certificate.x5t}',
  '{certificate.x5t#S256}',
  '{key.sha256}',
];

/** A text that `RequestTemplates` leaves as it is, whatever it holds. */
export function literal(text: string): string {
  return text.replaceAll(TEMPLATE, (_, marks: string, name: string) => `{=${marks}${name}}`);
}

/** Whether a template holds `{name}`. */
export function names(template: unknown, name: string): boolean {
  return typeof template === 'string' && template.includes(`{${name}}`);
}

/** Whether a template brings something of the credentials, or the assertion. */
export function provesClient(template: string): boolean {
  return PROOF.test(template);
}

/** The fields of the credentials that a template names. */
export function credentialsIn(template: unknown): readonly string[] {
  if (typeof template !== 'string') return [];
  return [...template.matchAll(TEMPLATE)]
    .filter(([, marks, name]) => marks === '' && name?.startsWith(CREDENTIAL))
    .map(([, , name = '']) => name.slice(CREDENTIAL.length));
}

export interface TemplateValues {
  readonly credentials: Credentials;
  /** Empty where nobody is asked. */
  readonly tokenUrl: string;
  /** As the provider wants it written. */
  readonly scope: string | undefined;
  uuid(): string;
  /** SubjectPublicKeyInfo of the key that signs, in DER. @throws TokenError */
  publicKey(): Promise<Uint8Array>;
}

/** Fills in what is known only when a request is built, and keeps in mind which secrets became part of it. */
export class RequestTemplates {
  readonly #values: TemplateValues;
  readonly #secrets: Secret[] = [];

  constructor(values: TemplateValues) {
    this.#values = values;
  }

  /** What of the credentials was filled in, and nobody may see. */
  get secrets(): readonly Secret[] {
    return this.#secrets;
  }

  /**
   * The template with everything filled in. What is filled in is not looked at again.
   * @param place whose template it is, for errors
   * @param assertion what `{assertion}` means; only headers may name it
   * @throws TokenError `configuration`, code `unknown_template`, or `missing_<field>` for a credential
   */
  async fill(template: string, place: string, assertion?: Secret): Promise<string> {
    let filled = '';
    let at = 0;
    for (const match of template.matchAll(TEMPLATE)) {
      const [whole, marks = '', name = ''] = match;
      filled += template.slice(at, match.index);
      filled += marks === '' ? await this.#value(name, place, assertion) : `{${marks.slice(1)}${name}}`;
      at = match.index + whole.length;
    }
    return filled + template.slice(at);
  }

  /** One field of the credentials. @throws TokenError `configuration`, code `missing_<field>` */
  credential(field: string, place: string): string {
    const { credentials } = this.#values;
    if (field === 'private_key') throw unknownTemplate(`${CREDENTIAL}${field}`, place, 'it is never sent');
    const value = fieldOf(credentials, field);
    const others = credentials.unread?.filter((name) => name !== field);
    const found = required(value, field, place, others);
    if (!(found instanceof Secret)) return found;
    this.#secrets.push(found);
    return found.reveal();
  }

  async #value(name: string, place: string, assertion: Secret | undefined): Promise<string> {
    const { credentials, tokenUrl, scope, uuid, publicKey } = this.#values;
    if (name.startsWith(CREDENTIAL)) return this.credential(name.slice(CREDENTIAL.length), place);
    switch (name) {
      case 'tokenUrl':
      case 'tokenHost':
        if (tokenUrl === '') throw unknownTemplate(name, place, 'nobody is asked for this token');
        return name === 'tokenUrl' ? tokenUrl : new URL(tokenUrl).host;
      case 'scope':
        return scope ?? '';
      case 'uuid':
        return uuid();
      case 'certificate.x5t':
        return certificateThumbprint(credentials, 'sha1', place);
      case 'certificate.x5t#S256':
        return certificateThumbprint(credentials, 'sha256', place);
      case 'key.sha256':
        return createHash('sha256')
          .update(await publicKey())
          .digest('base64');
      case 'assertion':
        if (assertion === undefined) throw unknownTemplate(name, place, 'nothing is signed for it');
        return assertion.reveal();
      default:
        throw unknownTemplate(name, place);
    }
  }
}

function fieldOf({ fields = {}, ...credentials }: Credentials, field: string): string | Secret | undefined {
  switch (field) {
    case 'client_id':
    case 'client_secret':
    case 'key_id':
    case 'certificate':
    case 'username':
    case 'password':
      return credentials[field];
    default:
      return Object.hasOwn(fields, field) ? fields[field] : undefined;
  }
}

function unknownTemplate(name: string, place: string, why = 'nothing is known by that name'): TokenError {
  return new TokenError(
    'configuration',
    'unknown_template',
    `"{${name}}" in ${place} cannot be filled in: ${why}. Use ${KNOWN.join(', ')}, in a header {assertion}, or a placeholder of the preset.`,
  );
}
