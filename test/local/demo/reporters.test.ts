import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { beforeEach, describe, expect, it } from 'vitest';
import { plainly } from '../../../cli/text/colour.ts';
import { liveReporter, renderFrame } from '../../../local/demo/live-reporter.ts';
import { jsonReporter, lineReporter } from '../../../local/demo/plain-reporters.ts';
import type { Reporter, StartReport } from '../../../local/demo/reporter.ts';
import type { ConnectionSummary } from '../../../local/demo/summary.ts';
import type { Row } from '../../../local/demo/view.ts';
import type { Place } from '../../../local/own/place-connection.ts';

process.env['TZ'] = 'UTC';
const at = Date.UTC(2030, 0, 1, 12, 0, 5);
const start: StartReport = {
  endpointUrl: 'http://127.0.0.1:4566',
  statusUrl: 'http://127.0.0.1:4567/',
  namespace: 'evertoken',
  connections: ['crm'],
  tickSeconds: 5,
  lifetimeSeconds: 45,
  timeScale: 80,
};
const row: Row = {
  connection: 'crm',
  grants: ['client_credentials'],
  health: 'healthy',
  expiresAt: at + 40_000,
  nextRefreshAt: at + 20_000,
  refreshes: 1,
  reads: 5,
  rejected: 0,
};
const summary: ConnectionSummary = {
  connection: 'crm',
  health: 'healthy',
  refreshes: 1,
  reads: 5,
  rejected: 0,
  expired: 0,
  missing: 1,
  failed: 0,
};

let printed: string;
const output = { write: (text: string) => (printed += text) };
beforeEach(() => {
  printed = '';
});

function run(reporter: Reporter) {
  reporter.started(start, at);
  reporter.event(
    { type: 'refreshed', connection: 'crm', code: null, expiresAt: '2030-01-01T12:00:45.000Z' },
    at,
  );
  reporter.show([row], at);
  reporter.event({ type: 'refresh-failed', connection: 'crm', code: 'http_503' }, at + 1000);
  reporter.event({ type: 'tick-failed', detail: 'StoreError' }, at + 2000);
  reporter.ended([summary], at + 5000);
}

it('JSON output is one event a line and nothing else', () => {
  run(jsonReporter(output));
  const events = printed
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(events.map(({ type }) => type)).toEqual([
    'started',
    'refreshed',
    'refresh-failed',
    'tick-failed',
    'summary',
  ]);
  expect(events[0]).toEqual({ at: '2030-01-01T12:00:05.000Z', type: 'started', ...start });
  expect(events[4]).toEqual({ at: '2030-01-01T12:00:10.000Z', type: 'summary', ...summary });
});

it('plain output is a line for each event and each connection', () => {
  run(lineReporter(output, 5000));
  expect(printed.trimEnd().split('\n')).toEqual([
    'AWS endpoint http://127.0.0.1:4566; status page http://127.0.0.1:4567/; tokens live 45 s, ticks every 5 s',
    '12:00:05 crm refreshed, good until 12:00:45',
    '12:00:05 crm: healthy, expires in 40 s, refresh in 20 s, refreshes 1, reads 5, rejected 0',
    '12:00:06 crm refresh failed: http_503',
    '12:00:07 tick failed: StoreError',
    'crm  healthy: refreshes 1, reads 5, rejected 0, expired 0',
    '5 reads in 5 s: every one found a token that works.',
  ]);
  expect(printed).not.toContain('\u001b');
});

describe('connections of one’s own', () => {
  const places: readonly Place[] = [
    {
      kind: 'placed',
      name: 'crm',
      definition: { provider: 'kajabi', credentials: 'c' },
      grants: ['client_credentials'],
      asks: ['http://127.0.0.1:1001'],
      inPlaceOf: 'https://api.kajabi.com',
      isRemote: false,
    },
    { kind: 'left-out', name: 'books', why: 'it is too far away; come nearer' },
  ];

  it('are told of before anything else, in lines', () => {
    lineReporter(output, 5000).placed?.(places, at);
    expect(printed.trimEnd().split('\n')).toEqual([
      'crm: asks http://127.0.0.1:1001 in place of https://api.kajabi.com, which --allow-origin would name',
      'books: left out: it is too far away; come nearer',
    ]);
  });

  it('and as events, which say nothing of a definition', () => {
    jsonReporter(output).placed?.(places, at);
    const events = printed
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events).toEqual([
      {
        at: '2030-01-01T12:00:05.000Z',
        type: 'placed',
        connection: 'crm',
        isLeftOut: false,
        asks: ['http://127.0.0.1:1001'],
        inPlaceOf: 'https://api.kajabi.com',
      },
      {
        at: '2030-01-01T12:00:05.000Z',
        type: 'placed',
        connection: 'books',
        isLeftOut: true,
        why: 'it is too far away; come nearer',
      },
    ]);
  });
});

it('a scene is a line, an event, or what the view shows above the connections', () => {
  lineReporter(output, 5000).scene?.('An outage.', at);
  expect(printed).toBe('An outage.\n');
  printed = '';
  jsonReporter(output).scene?.('An outage.', at);
  expect(JSON.parse(printed)).toMatchObject({ type: 'scene', detail: 'An outage.' });
  const scene = 'An outage: the token endpoint answers 503, and you see a connection retrying.';
  const lines = renderFrame({
    start,
    scene,
    rows: [row],
    recent: [],
    now: at,
    width: 60,
    paint: plainly,
  }).split('\n');
  expect(lines.slice(3, 6)).toEqual([
    'An outage: the token endpoint answers 503, and you see a',
    'connection retrying.',
    '',
  ]);
});

it('says that time is real where it is', () => {
  const real = { ...start, timeScale: 1 };
  lineReporter(output, 5000).started(real, at);
  expect(printed).toContain('; in real time, ticks every 5 s\n');
  const frame = renderFrame({ start: real, rows: [], recent: [], now: at, width: 80, paint: plainly });
  expect(frame).toContain('In real time; ticks come every 5 s.');
});

describe('the live view', () => {
  const frame = {
    start,
    rows: [row],
    recent: ['12:00:05 crm refreshed'],
    now: at,
    width: 80,
    paint: plainly,
  };

  it('has the endpoint, the connections and the latest events', () => {
    expect(renderFrame(frame)).toBe(
      [
        'AWS endpoint http://127.0.0.1:4566; status page http://127.0.0.1:4567/',
        'Tokens live 45 s; ticks come every 5 s. Ctrl-C ends.',
        '',
        'connection  health   expires in  next refresh  refreshes  reads  rejected',
        'crm         healthy        40 s       in 20 s          1      5         0',
        '',
        '12:00:05 crm refreshed',
      ].join('\n'),
    );
  });

  it('is no longer than the terminal, whatever is the matter with however many', () => {
    const rows = Array.from({ length: 40 }, (_, index) => ({
      ...row,
      connection: `crm-${index}`,
      troubles: [
        {
          connection: `crm-${index}`,
          code: `c${index}`,
          message: 'm',
          remedy: `r ${'x'.repeat(index)}`,
          since: at,
          needed: true,
        },
      ],
    }));
    for (const height of [24, 12]) {
      const lines = renderFrame({ ...frame, rows, height }).split('\n');
      expect(lines.length).toBeLessThan(height);
      expect(lines.join('\n')).toMatch(/… and \d+ more connections/);
      expect(lines.at(-1)).toBe('12:00:05 crm refreshed');
    }
    expect(renderFrame({ ...frame, rows, height: 24 })).toContain('  To do: r');
  });

  it('never wraps a line', () => {
    const narrow = renderFrame({ ...frame, recent: ['x'.repeat(200)], width: 30 });
    for (const line of narrow.split('\n')) expect(line.length).toBeLessThanOrEqual(30);
  });

  it('shows its latest events only, and leaves the summary behind', () => {
    const terminal = Object.assign(new PassThrough(), { isTTY: true, columns: 80, rows: 24 });
    terminal.setEncoding('utf8');
    const reporter = liveReporter(terminal as unknown as NodeJS.WriteStream, { colour: false });
    reporter.started(start, at);
    for (let index = 1; index <= 8; index++) {
      reporter.event({ type: 'refreshed', connection: `crm-${index}` }, at);
    }
    reporter.show([row], at);
    reporter.ended([summary], at + 5000);
    const text = stripVTControlCharacters(terminal.read());
    expect(text).not.toContain('crm-2 refreshed');
    expect(text).toContain('crm-3 refreshed');
    expect(text).toContain('crm-8 refreshed');
    expect(text).toMatch(/5 reads in 5 s: every one found a token that works\.\n$/);
  });
});
