import { randomUUID } from 'node:crypto';
import { createLogUpdate } from 'log-update';
import type { Paint } from '../../cli/text/colour.ts';
import { fittedList } from '../../cli/text/fit-screen.ts';
import { createInk } from '../../cli/text/screen.ts';
import { placeText } from '../own/place-connection.ts';
import type { Reporter, StartReport } from './reporter.ts';
import { renderPermissions, renderSummary } from './summary.ts';
import { type Row, renderEvent, renderTable, renderTroubles, wrapWords } from './view.ts';

const RECENT_EVENTS = 6;

export interface LiveReporterOptions {
  readonly colour: boolean;
}

/** A view that redraws itself in place, for a terminal. */
export function liveReporter(terminal: NodeJS.WriteStream, { colour }: LiveReporterOptions): Reporter {
  const { paint, dry } = createInk(colour, randomUUID());
  const update = createLogUpdate(terminal);
  const draw = (text: string) => update(dry(text));
  const print = (text: string) => terminal.write(dry(text));
  let start: StartReport | undefined;
  let startedAt = 0;
  let scene: string | undefined;
  const recent: string[] = [];
  return {
    showEveryMs: 1000,
    preparing: draw,
    placed: (places) => {
      update.clear();
      for (const place of places) print(`${wrapWords(placeText(place), terminal.columns)}\n`);
      print('\n');
    },
    started: (report, at) => {
      start = report;
      startedAt = at;
    },
    event: (event, at) => {
      recent.push(renderEvent(event, at));
      if (recent.length > RECENT_EVENTS) recent.shift();
    },
    scene: (text) => {
      scene = text;
    },
    show: (rows, at) => {
      const { columns: width, rows: height } = terminal;
      draw(renderFrame({ start, scene, rows, recent, now: at, width, height, paint }));
    },
    ended: (summaries, at, permissions) => {
      update.done();
      print(`\n${renderSummary(summaries, at - startedAt)}\n`);
      if (permissions) print(`${wrapWords(renderPermissions(permissions), terminal.columns)}\n`);
    },
  };
}

export interface Frame {
  /** Absent until the run has begun. */
  readonly start: StartReport | undefined;
  /** What happens in a demonstration. */
  readonly scene?: string | undefined;
  readonly rows: readonly Row[];
  /** Latest last. */
  readonly recent: readonly string[];
  readonly now: number;
  readonly width: number;
  /** Lines of the terminal. Default: as many as there is to show. */
  readonly height?: number;
  readonly paint: Paint;
}

/** The whole view as text, no more than the terminal shows at once. */
export function renderFrame(frame: Frame): string {
  const { start, scene, rows, recent, now, width, height = Number.POSITIVE_INFINITY, paint } = frame;
  const cut = (line: string) => (line.length > width ? `${line.slice(0, width - 1)}…` : line);
  const head = start && [
    cut(`AWS endpoint ${start.endpointUrl}; status page ${start.statusUrl}`),
    cut(`${paceText(start)}; ticks come every ${start.tickSeconds} s. Ctrl-C ends.`),
    '',
    ...(scene === undefined ? [] : [...wrapWords(scene, width).split('\n'), '']),
  ];
  const parts = {
    table: renderTable(rows, now, { paint, width }).split('\n'),
    blocks: renderTroubles(rows, now, width),
    last: recent.map(cut),
  };
  // The cursor has a line of its own, and no line wraps.
  const room = { rows: height - 1 - (head?.length ?? 0), height: (text: string) => text.split('\n').length };
  return [...(head ?? []), fittedList(parts, room)].join('\n');
}

function paceText({ timeScale, lifetimeSeconds }: StartReport): string {
  return timeScale === 1 ? 'In real time' : `Tokens live ${lifetimeSeconds} s`;
}
