import { eventText } from './event-text.ts';
import { renderPermissions } from './permission-report.ts';
import type { Output, Reporter } from './reporter.ts';
import { renderSummary } from './summary.ts';
import { renderLine } from './view.ts';

/** Plain lines, for output that is no terminal: every event, and each connection once in `everyMs`. */
export function lineReporter(output: Output, everyMs: number): Reporter {
  const print = (line: string) => output.write(`${line}\n`);
  let startedAt = 0;
  return {
    showEveryMs: everyMs,
    preparing: print,
    started: (start, at) => {
      startedAt = at;
      print(
        `AWS endpoint ${start.endpointUrl}; tokens live ${start.lifetimeSeconds} s, ticks every ${start.tickSeconds} s`,
      );
    },
    event: (event, at) => print(eventText(event, at)),
    show: (rows, at) => {
      for (const row of rows) print(renderLine(row, at));
    },
    ended: (summaries, at, permissions) => {
      print(renderSummary(summaries, at - startedAt));
      if (permissions) print(renderPermissions(permissions));
    },
  };
}
