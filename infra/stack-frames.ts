import { SourceMap } from 'node:module';
import { functionNameAt } from './function-names.ts';

/** A place in a bundle, as a stack trace names it: file, line and column, counted from 1; before it the function. */
const FRAME =
  /(?:((?:new )?[\w$.#<>]+(?: \[as [\w$]+\])?) \()?(?:file:\/\/)?[^\s()"']*?((?:index|chunk-[A-Z0-9]{8})\.mjs):(\d+):(\d+)/g;
/** Sources are named from the folder of the bundle: two folders below `dist`. */
const TO_ROOT = /^(?:\.\.\/)+/;

/** Where what a stack trace of a bundle says is looked up; `undefined` where there is none. */
export interface Sources {
  /** The source map of a file of the bundle, in JSON. */
  mapOf(file: string): string | undefined;
  /** The text of a source, by its path from the root of the repository. Default: none, and functions keep their names. */
  sourceOf?(path: string): string | undefined;
}

/**
 * Names in a text the sources of all places in a bundle, e.g. `functions/oauth/secret.ts:12:5`, and the functions there,
 * whose names in a bundle are short. What no source map knows is left as it is.
 */
export function symbolicated(text: string, { mapOf, sourceOf = () => undefined }: Sources): string {
  const maps = new Map<string, SourceMap | undefined>();
  const map = (file: string) => {
    if (!maps.has(file)) {
      const json = mapOf(file);
      maps.set(file, json === undefined ? undefined : new SourceMap(JSON.parse(json)));
    }
    return maps.get(file);
  };
  return text.replace(
    FRAME,
    (frame, name: string | undefined, file: string, line: string, column: string) => {
      const origin = map(file)?.findOrigin(Number(line), Number(column));
      if (origin === undefined || !('fileName' in origin)) return frame;
      const path = origin.fileName.replace(TO_ROOT, '');
      const place = `${path}:${origin.lineNumber}:${origin.columnNumber}`;
      if (name === undefined) return place;
      const source = sourceOf(path);
      const called = source && functionNameAt(source, origin.lineNumber, origin.columnNumber);
      return `${called || name} (${place}`;
    },
  );
}
