import type { Output } from '../../cli/text/screen.ts';
import { inertLines } from '../../functions/text/inert.ts';
import { type JsonEvent, jsonLine } from './json-lines.ts';
import type { Reporter } from './reporter.ts';
import { renderPermissions, renderSummary } from './summary.ts';
import { renderEvent, renderLine } from './view.ts';

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

/** Plain lines, for output that is no terminal: every event, and each connection once in `everyMs`. */
export function lineReporter(output: Output, everyMs: number): Reporter {
  const print = (line: string) => output.write(`${inertLines(line)}\n`);
  let startedAt = 0;
  return {
    showEveryMs: everyMs,
    preparing: print,
    started: (start, at) => {
      startedAt = at;
      print(
        `AWS endpoint ${start.endpointUrl}; status page ${start.statusUrl}; tokens live ${start.lifetimeSeconds} s, ticks every ${start.tickSeconds} s`,
      );
    },
    event: (event, at) => print(renderEvent(event, at)),
    show: (rows, at) => {
      for (const row of rows) print(renderLine(row, at));
    },
    ended: (summaries, at, permissions) => {
      print(renderSummary(summaries, at - startedAt));
      if (permissions) print(renderPermissions(permissions));
    },
  };
}
