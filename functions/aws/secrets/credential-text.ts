import type { CredentialField } from '../../connections/needed-credentials.ts';
import { Secret } from '../../oauth/secret.ts';

/** White space that is no space: RFC 6749 appendix A has none of it in ids, secrets and tokens. */
const NO_SPACE = /[^\S ]/;
const LINE_BREAK = /[\r\n]/;

/**
 * What surely does not belong to a value at its ends; what is copied, piped or read from a file brings it along.
 * A user name and a password may hold anything but line breaks (RFC 6749 appendix A). A space is left where it
 * might be meant: only no id begins or ends with one.
 */
const STRAY: Readonly<Record<Exclude<CredentialField, 'private_key' | 'certificate'>, RegExp>> = {
  client_id: /\s/,
  client_secret: NO_SPACE,
  key_id: /\s/,
  username: LINE_BREAK,
  password: LINE_BREAK,
};

/** The value without what surely does not belong to it; `undefined` when nothing is left. */
export function credentialText(field: CredentialField, value: Secret): Secret | undefined {
  const text = value.reveal();
  const isPem = field === 'private_key' || field === 'certificate';
  return filled(isPem ? pemText(text) : withoutEnds(text, STRAY[field]));
}

/** A token, or a field that only a preset knows, without what surely does not belong to it; `undefined` when nothing is left. */
export function tokenText(token: Secret): Secret | undefined {
  return filled(withoutEnds(token.reveal(), NO_SPACE));
}

function withoutEnds(text: string, stray: RegExp): string {
  let from = 0;
  let to = text.length;
  while (from < to && stray.test(text.charAt(from))) from += 1;
  while (from < to && stray.test(text.charAt(to - 1))) to -= 1;
  return text.slice(from, to);
}

function filled(text: string): Secret | undefined {
  return text.trim() === '' ? undefined : new Secret(text);
}

/** One key or certificate; several stand in a chain. */
const PEM = /(-----BEGIN ([A-Z0-9 ]+)-----)(.*?)(-----END \2-----)\s*/gs;
const PEM_LINE = /.{1,64}/g;

/**
 * PEM keeps its line breaks. Where it has none, they became spaces in an input of one line, or were escaped twice:
 * base64 has neither spaces nor backslashes, so it is certain where they were.
 */
function pemText(text: string): string {
  const trimmed = text.trim();
  if (/[\r\n]/.test(trimmed)) return text;
  const written = trimmed.replace(/(?:\\r)?\\n/g, ' ').trim();
  if (written.replace(PEM, '') !== '') return text;
  return written.replace(PEM, (_, begin: string, _label: string, body: string, end: string) =>
    [begin, ...(body.replace(/\s+/g, '').match(PEM_LINE) ?? []), end, ''].join('\n'),
  );
}
