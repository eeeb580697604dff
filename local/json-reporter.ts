import { type JsonEvent, jsonLine } from './json-lines.ts';
import type { Output, Reporter } from './reporter.ts';

/** Prints nothing but events, one a line. */
export function jsonReporter(output: Output): Reporter {
  const print = (event: JsonEvent, at: number) => output.write(jsonLine(event, at));
  return {
    started: (start, at) => print({ type: 'started', ...start }, at),
    event: print,
    show: () => {},
    ended: (summaries, at, permissions) => {
      for (const summary of summaries) print({ type: 'summary', ...summary }, at);
      if (permissions) print({ type: 'permissions', ...permissions }, at);
    },
  };
}
