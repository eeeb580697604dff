import { Secret } from '../secret.ts';

/** A token of a connection: of it not even a short piece may be shown. */
export interface KeptToken {
  readonly token: Secret;
}

/** What an answer may repeat and nobody may see. */
export type Kept = Secret | KeptToken;

/** Shortest piece that is covered; a shorter secret is covered whole. */
const PIECE = 8;
const PIECE_OF_TOKEN = 6;
/** An encoded secret that is shorter would be covered wherever its few characters stand. */
const LEAST_ENCODED = 6;
/** Longer than any token that a provider is known to issue; an answer could bring a mebibyte of it. */
const LONGEST = 16_384;
const COVER = '[redacted]';
const JWT = /\beyJ[\w-]{8,}(?:\.[\w-]*){0,4}/g;

/**
 * Covers in `text` whatever it repeats of the secrets, in upper or lower case, as they are or encoded (JSON, URL,
 * form, hexadecimal, base64 and base64url), in whole or in pieces, since providers shorten what they quote: of at
 * least eight characters, of a token six. Anything that looks like a JWT is covered too: it may be a token that
 * nobody here knows yet.
 */
export function redact(text: string, secrets: readonly Kept[]): string {
  const covered = new Uint8Array(text.length);
  const folded = fold(text);
  const places: Places = new Map();
  for (const kept of secrets) {
    const isToken = !(kept instanceof Secret);
    const value = (isToken ? kept.token : kept).reveal();
    for (const form of formsOf(value, isToken ? PIECE_OF_TOKEN : PIECE)) {
      coverPieces(folded, form, covered, places);
    }
  }
  for (const match of text.matchAll(JWT)) covered.fill(1, match.index, match.index + match[0].length);
  return withCovers(text, covered);
}

/** A secret as it may stand in a text, and the length in which a piece of it stands there. */
interface Form {
  readonly text: string;
  readonly piece: number;
}

function formsOf(value: string, piece: number): readonly Form[] {
  const secret = value.slice(0, LONGEST);
  const wellFormed = secret.toWellFormed();
  const bytes = Buffer.from(wellFormed);
  const json = JSON.stringify(secret).slice(1, -1);
  const hex = bytes.toString('hex');
  const plain = [
    secret,
    json,
    json.replaceAll('/', '\\/'),
    encodeURIComponent(wellFormed),
    new URLSearchParams({ '': wellFormed }).toString().slice(1),
  ];
  const encoded = [
    { text: hex, piece: 2 * piece },
    { text: hex.replace(/../g, '%$&'), piece: 3 * piece },
    { text: unicodeEscapes(secret), piece: 6 * piece },
    ...[0, 1, 2].flatMap((before) => {
      const core = base64Core(bytes, before);
      const url = core.replaceAll('+', '-').replaceAll('/', '_');
      return [core, url].map((text) => ({ text, piece: Math.floor((4 * piece) / 3) }));
    }),
  ];
  return [
    ...[...new Set(plain)].map((text) => ({ text: fold(text), piece })),
    ...encoded
      .filter(({ text }) => text.length >= LEAST_ENCODED)
      .map((form) => ({ ...form, text: fold(form.text) })),
  ];
}

/** What of the base64 is the same whatever follows, with `before` bytes before it in its group of three. */
function base64Core(bytes: Buffer, before: number): string {
  const encoded = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
  return encoded.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
}

function unicodeEscapes(text: string): string {
  return [...Array(text.length).keys()]
    .map((at) => `\\u${text.charCodeAt(at).toString(16).padStart(4, '0')}`)
    .join('');
}

/** In lower case, with every character where it was. */
function fold(text: string): string {
  return text.replace(/\p{Lu}/gu, (letter) => {
    const lower = letter.toLowerCase();
    return lower.length === letter.length ? lower : letter;
  });
}

/** Where each piece of a text begins that is not covered yet, by the length of the pieces. */
type Places = Map<number, Map<string, number[]>>;

function coverPieces(text: string, form: Form, covered: Uint8Array, places: Places): void {
  const length = Math.min(form.piece, form.text.length);
  if (length > text.length) return;
  const found = places.get(length) ?? placesOf(text, length);
  places.set(length, found);
  for (let from = 0; from + length <= form.text.length; from++) {
    const piece = form.text.slice(from, from + length);
    for (const at of found.get(piece) ?? []) covered.fill(1, at, at + length);
    found.delete(piece);
  }
}

function placesOf(text: string, length: number): Map<string, number[]> {
  const places = new Map<string, number[]>();
  for (let at = 0; at + length <= text.length; at++) {
    const piece = text.slice(at, at + length);
    const others = places.get(piece);
    if (others === undefined) places.set(piece, [at]);
    else others.push(at);
  }
  return places;
}

function withCovers(text: string, covered: Uint8Array): string {
  let result = '';
  for (let at = 0; at < text.length; at++) {
    if (covered[at] === 0) result += text[at];
    else if (at === 0 || covered[at - 1] === 0) result += COVER;
  }
  return result;
}
