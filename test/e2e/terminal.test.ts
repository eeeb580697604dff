import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { expect, it } from 'vitest';
import { DEMO_CREDENTIALS } from '../../local/demo/demo-providers.ts';
import { liveReporter } from '../../local/demo/live-reporter.ts';
import { jsonReporter, lineReporter } from '../../local/demo/plain-reporters.ts';
import type { Reporter } from '../../local/demo/reporter.ts';
import { startLocalSystem } from '../../local/system.ts';
import { assertNoCanary, canarySecret } from '../support/canary.ts';
import { quietOutput } from '../support/quiet-output.ts';
import { SteppingClock } from '../support/stepping-clock.ts';

const HOUR = 3_600_000;
/** So long that only the test itself ticks after the first. */
const NEVER_SECONDS = 1_000_000;

/** The same run shown in every way at once. */
function all(reporters: readonly Reporter[]): Reporter {
  const each = (show: (reporter: Reporter) => void) => reporters.forEach(show);
  return {
    started: (start, at) => each((reporter) => reporter.started(start, at)),
    event: (event, at) => each((reporter) => reporter.event(event, at)),
    show: (rows, at) => each((reporter) => reporter.show(rows, at)),
    ended: (summaries, at) => each((reporter) => reporter.ended(summaries, at)),
  };
}

it('what a local run prints holds no secret, and nothing that a provider wants the terminal to do', async () => {
  using output = quietOutput();
  const terminal = Object.assign(new PassThrough(), { columns: 120, rows: 40, isTTY: true });
  let shown = '';
  terminal.setEncoding('utf8').on('data', (text: string) => {
    shown += text;
  });
  let lines = '';
  const plain = { write: (text: string) => (lines += text) };
  const clock = new SteppingClock();
  const reporter = all([
    jsonReporter(plain),
    lineReporter(plain, HOUR),
    liveReporter(terminal as unknown as NodeJS.WriteStream, { colour: true }),
  ]);
  const system = await startLocalSystem({
    port: 0,
    tickSeconds: NEVER_SECONDS,
    lifetimeSeconds: 3600,
    mark: canarySecret('local'),
    clock,
    reporter,
    dataDirectory: undefined,
  });
  try {
    const nasty = '\u001b]0;owned\u0007\u001b[2J<script>';
    const body = JSON.stringify({ error: nasty, error_description: `${nasty}${canarySecret('said')}` });
    const { kajabi, slashid, rotating } = system.providers;
    for (const [provider, status] of [
      [kajabi, 400],
      [slashid, 500],
      [rotating, 200],
    ] as const) {
      provider.tokenEndpoint.failNext({ kind: 'answer', status, body }, 3);
    }
    for (let tick = 0; tick < 4; tick += 1) {
      clock.advance(HOUR);
      await system.functions.refreshDue();
      reporter.show(await system.rows(), clock.now());
    }
    await system.functions.reconcile();
    reporter.event({ type: 'tick-failed', detail: 'StoreError' }, clock.now());
  } finally {
    reporter.ended(await system.stop(), clock.now());
  }
  const printed = `${lines}${stripVTControlCharacters(shown)}${output.text()}`;
  expect(printed).toContain('rotating-demo');
  expect(printed).toContain('refresh failed');
  assertNoCanary(printed, 'the terminal');
  for (const { client_secret } of Object.values(DEMO_CREDENTIALS))
    expect(printed).not.toContain(client_secret);
  // A line break ends a line; the escapes of the live view are its own.
  expect(lines).not.toMatch(/[^\P{Cc}\n]/u);
  expect(shown).not.toContain('owned');
  expect(printed).not.toContain('<script>');
});
