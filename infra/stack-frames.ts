import { SourceMap } from 'node:module';

/** A place in a bundle, as a stack trace names it: file, line and column, counted from 1. */
const FRAME = /(?:file:\/\/)?[^\s()"']*?((?:index|chunk-[A-Z0-9]{8})\.mjs):(\d+):(\d+)/g;
/** Sources are named from the folder of the bundle: two folders below `dist`. */
const TO_ROOT = /^(?:\.\.\/)+/;

/**
 * Names in a text the sources of all places in a bundle, e.g. `functions/oauth/secret.ts:12:5`. What no source map
 * knows is left as it is.
 * @param mapOf the source map of a file of the bundle, in JSON; `undefined` where there is none
 */
export function symbolicated(text: string, mapOf: (file: string) => string | undefined): string {
  const maps = new Map<string, SourceMap | undefined>();
  const map = (file: string) => {
    if (!maps.has(file)) {
      const json = mapOf(file);
      maps.set(file, json === undefined ? undefined : new SourceMap(JSON.parse(json)));
    }
    return maps.get(file);
  };
  return text.replace(FRAME, (frame, file: string, line: string, column: string) => {
    const origin = map(file)?.findOrigin(Number(line), Number(column));
    if (origin === undefined || !('fileName' in origin)) return frame;
    return `${origin.fileName.replace(TO_ROOT, '')}:${origin.lineNumber}:${origin.columnNumber}`;
  });
}
