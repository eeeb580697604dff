import type { Output } from '../../cli/text/screen.ts';
import { inertLines } from '../../functions/text/inert.ts';
import { placeText } from '../own/place-connection.ts';
import { type JsonEvent, jsonLine } from './json-lines.ts';
import type { Reporter, StartReport } from './reporter.ts';
import { renderPermissions, renderSummary } from './summary.ts';
import { renderEvent, renderLine } from './view.ts';

/** Prints nothing but events, one a line. */
export function jsonReporter(output: Output): Reporter {
  const print = (event: JsonEvent, at: number) => output.write(jsonLine(event, at));
  return {
    placed: (places, at) => {
      for (const { name: connection, ...place } of places) {
        const { kind } = place;
        const details =
          kind === 'left-out' ? { why: place.why } : { asks: place.asks, inPlaceOf: place.inPlaceOf };
        print({ type: 'placed', connection, isLeftOut: kind === 'left-out', ...details }, at);
      }
    },
    started: (start, at) => print({ type: 'started', ...start }, at),
    event: print,
    scene: (detail, at) => print({ type: 'scene', detail }, at),
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
    placed: (places) => {
      for (const place of places) print(placeText(place));
    },
    started: (start, at) => {
      startedAt = at;
      print(`AWS endpoint ${start.endpointUrl}; status page ${start.statusUrl}; ${paceText(start)}`);
    },
    event: (event, at) => print(renderEvent(event, at)),
    scene: print,
    show: (rows, at) => {
      for (const row of rows) print(renderLine(row, at));
    },
    ended: (summaries, at, permissions) => {
      print(renderSummary(summaries, at - startedAt));
      if (permissions) print(renderPermissions(permissions));
    },
  };
}

function paceText({ timeScale, lifetimeSeconds, tickSeconds }: StartReport): string {
  const lifetimes = timeScale === 1 ? 'in real time' : `tokens live ${lifetimeSeconds} s`;
  return `${lifetimes}, ticks every ${tickSeconds} s`;
}
