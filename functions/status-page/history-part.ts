import type { PastOutcome } from '../refresh/ports/history.ts';
import { durationText } from '../text/times.ts';
import { type Content, foreign, type Html, html } from './html.ts';
import { utcText } from './instants.ts';

const HEADS = [
  'When (UTC)',
  'Outcome',
  'Asked by',
  'Grant',
  'What happened',
  'HTTP',
  'Exchange',
  'Stored',
  'Late',
];

/** What a connection came to, newest first. */
export function historyPart(history: readonly PastOutcome[]): Html {
  if (history.length === 0) {
    return html`<h3>History</h3><p class="dim">Nothing has been tried yet.</p>`;
  }
  return html`
    <h3>History</h3>
    <div class="scroll" role="region" aria-label="History" tabindex="0">
      <table>
        <thead><tr>${HEADS.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
        <tbody>${history.map(row)}</tbody>
      </table>
    </div>`;
}

function row(past: PastOutcome): Html {
  const { outcome, trigger, grant, code, message, status } = past;
  const said = code !== undefined && [
    html`<b>${foreign(code, 100)}</b> `,
    message !== undefined && foreign(message),
  ];
  const cells: readonly Content[] = [
    whenText(past),
    html`<span class="badge ${outcome === 'refreshed' ? 'healthy' : 'retrying'}">${outcome}</span>`,
    trigger,
    grant !== undefined && foreign(grant, 100),
    said,
    status,
    msText(past.exchangeMs),
    msText(past.storeMs),
    past.lateMs !== undefined && durationText(past.lateMs),
  ];
  return html`<tr>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>`;
}

function whenText({ at, since, times }: PastOutcome): string {
  const instants = times > 1 ? `${utcText(since)} to ${utcText(at)}, ${times} times` : utcText(at);
  return instants.replaceAll(' UTC', '');
}

function msText(ms: number | undefined): string {
  return ms === undefined ? '' : `${Math.round(ms).toLocaleString('en-US')} ms`;
}
