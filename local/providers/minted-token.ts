import { createHmac, randomBytes } from 'node:crypto';

/** A token that nobody can guess, with `mark` in it as readable text. */
export function mintOpaqueToken(mark: string | undefined): string {
  const random = randomBytes(24).toString('base64url');
  return mark === undefined ? random : `${mark}.${random}`;
}

/**
 * A JWT of which others are meant to read the claims only. Base64 would hide a mark in them, so the mark
 * stands in front of the signature; the server that issues such tokens knows them by heart and does not verify.
 */
export function mintJwt(claims: Readonly<Record<string, unknown>>, mark: string | undefined): string {
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
  const content = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(claims)}`;
  const signature = createHmac('sha256', randomBytes(32)).update(content).digest('base64url');
  return `${content}.${(mark ?? '').replaceAll(/[^A-Za-z0-9_-]/g, '_')}${signature}`;
}
