import type { TickRecord } from '../refresh/ports/state-table.ts';
import { durationText } from '../text/times.ts';
import type { ConnectionView } from './connection-view.ts';
import { foreign, type Html, html } from './html.ts';
import { relative } from './instants.ts';
import type { PageModel } from './page-model.ts';

/** A connection is taken up within two minutes of its due instant, where nothing is wrong. */
const LATE_MS = 120_000;
/** With fewer versions left than this, it is worth a look. */
const FEW_WRITES = 20;

/** The deployment's own pulse: its last tick, what is due and late, and the least of the quotas. */
export function pulsePart({ tick, tickProblem, connections, now }: PageModel): Html {
  const queued = connections.flatMap(({ dueAt }) => dueAt ?? []);
  const due = queued.filter((at) => at <= now).length;
  const late = queued.filter((at) => at < now - LATE_MS).length;
  const problem =
    tickProblem &&
    html`
      <div class="notice failed">
        <p><b>${tickProblem.message}</b></p>
        <p>To do: ${tickProblem.remedy}</p>
      </div>`;
  return html`
    <section aria-label="Pulse of the deployment">
      ${problem}
      <dl class="facts">
        ${tick ? tickFact(tick, now) : fact('Last tick', 'none yet')}
        ${fact('Due now', due)}
        ${fact('Late', late, late > 0)}
        ${quotaFact(connections)}
      </dl>
    </section>`;
}

function tickFact({ startedAt, endedAt, due, refreshed, failed, left }: TickRecord, now: number): Html {
  const did = `${refreshed} of ${due} due refreshed, ${failed} failed, ${left} left`;
  const said = html`${relative(endedAt, now)}, took ${durationText(endedAt - startedAt)}: ${did}`;
  return fact('Last tick', said, left > 0);
}

function quotaFact(connections: readonly ConnectionView[]): Html | undefined {
  const [first, ...others] = connections;
  if (first === undefined) return undefined;
  const least = others.reduce((one, other) => (other.writesLeft < one.writesLeft ? other : one), first);
  const { name, writesLeft } = least;
  const said = html`${writesLeft} versions left today, the least, of ${foreign(name)}`;
  return fact('Quota', said, writesLeft < FEW_WRITES);
}

function fact(label: string, value: Html | string | number, isBad = false): Html {
  return html`<div${isBad && html` class="bad"`}><dt>${label}</dt><dd>${value}</dd></div>`;
}
