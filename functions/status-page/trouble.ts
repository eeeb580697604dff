import { createHash } from 'node:crypto';
import { nameProblem } from '../connections/connection-name.ts';
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

const PLACE = 'CONNECTION';

/** `undefined` for a connection that has none. */
export function troubleOf({ name, need, error }: ConnectionView): Trouble | undefined {
  const trouble = need ?? error;
  if (trouble === undefined) return undefined;
  const remedy = withoutName(trouble.remedy, name);
  // Whether somebody is needed belongs to it, since those that need one come first; instants and counts do not.
  const same = JSON.stringify([need === undefined, trouble.code, remedy.replace(/\d+/g, '0')]);
  const key = createHash('sha256').update(same).digest('base64url').slice(0, 10);
  return { key, code: trouble.code, message: trouble.message, remedy };
}

/** Only where it stands for itself: beside what names are made of, it is part of another word. */
function withoutName(text: string, name: string): string {
  // What the state calls itself need be no name, and then no pattern either.
  if (nameProblem(name) !== undefined) return text;
  const alone = new RegExp(`(?<![\\w/+=.@-])${RegExp.escape(name)}(?![\\w/+=@-]|\\.\\w)`, 'g');
  return text.replace(alone, PLACE);
}
