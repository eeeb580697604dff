import { createHash } from 'node:crypto';
import { sameTrouble, withoutNames } from '../refresh/rules/same-trouble.ts';
import type { ConnectionView } from './connection-view.ts';

/** What is the matter with one connection or with many, and what to do about it. */
export interface Trouble {
  /** The same for all connections that share it; stands in URLs. */
  readonly key: string;
  readonly code: string;
  /** What was seen of one connection. */
  readonly message: string;
  /** Says `CONNECTION` where the remedy of one names it. */
  readonly remedy: string;
}

/** `undefined` for a connection that has none. */
export function troubleOf({ name, need, error }: ConnectionView): Trouble | undefined {
  const trouble = need ?? error;
  if (trouble === undefined) return undefined;
  const { code, message, remedy } = trouble;
  const same = sameTrouble({ needed: need !== undefined, code, remedy }, name);
  const key = createHash('sha256').update(same).digest('base64url').slice(0, 10);
  return { key, code, message, remedy: withoutNames(remedy, name) };
}
