import { nameProblem } from '../../connections/connection-name.ts';

/** They stand for the name of each connection that shares a trouble, and of its credentials. */
const ANY = 'CONNECTION';
const ANY_CREDENTIALS = 'CREDENTIALS';

/** Credentials by what stands before their name: a path, a command, a word. */
const CREDENTIALS = /(\/credentials\/|evertoken credentials set |credentials ")[a-z0-9](?:[\w./-]*\w)?/g;

/** Words about a connection without its name, where that is a word by itself, and without that of its credentials. */
export function withoutNames(text: string, connection: string): string {
  const shared = text.replace(CREDENTIALS, `$1${ANY_CREDENTIALS}`);
  // What the state calls itself need be no name, and then no pattern either.
  if (nameProblem(connection) !== undefined) return shared;
  const name = new RegExp(`(?<![\\w.@-])${RegExp.escape(connection)}(?![\\w@-]|[./]\\w)`, 'g');
  return shared.replace(name, ANY);
}

/** Without numbers and instants by themselves: those in a name tell one thing from another. */
export function withoutFigures(text: string): string {
  return text.replace(/(?<![\w.-])\d[\d:.,TZ-]*(?!\w)/g, '0');
}

/** The same for all that need a person, or do not, with the same code and the same remedy but for names and figures. */
export function sameTrouble(
  { needed, code, remedy }: { readonly needed: boolean; readonly code: string; readonly remedy: string },
  connection: string,
): string {
  return JSON.stringify([needed, code, withoutFigures(withoutNames(remedy, connection))]);
}
