import { badges, buttons, type Drawing, expiryText, refreshText, troublePart } from './connection-part.ts';
import type { ConnectionView } from './connection-view.ts';
import { historyPart } from './history-part.ts';
import { type Content, foreign, type Html, html } from './html.ts';
import { relative, utcText } from './instants.ts';
import type { PageModel } from './page-model.ts';
import { listOf } from './query.ts';
import { marksOf, timeline, timelineLegend, wholeTimeline } from './timeline.ts';

/** Characters of a message or a remedy. */
const MOST_SHOWN = 2_000;

/** One connection with all that is known of it, and its history. */
export function detailPart(view: ConnectionView, history: PageModel['history'], drawing: Drawing): Html {
  const { query, controls, now } = drawing;
  const { name, health } = view;
  const marks = history.length > 0 ? marksOf(history) : view.recent;
  const asked = query.confirm === 'pause' && health !== 'paused' && controls.confirmation(name, query);
  const acts = controls.mayAct && html`<p class="buttons">${buttons(view, query, controls)}</p>`;
  return html`
    <section class="detail" aria-label="Connection">
      <p>${controls.link('← All connections', listOf(query))}</p>
      <h2>${foreign(name)} ${badges(view)}</h2>
      ${controls.actions(asked || acts, query)}
      ${troublePart(view, now, MOST_SHOWN)}
      ${timeline(view, marks, now)}
      ${wholeTimeline(view, marks, now)}
      ${timelineLegend()}
      <dl class="known">${facts(view, now)}</dl>
      ${historyPart(history)}
    </section>`;
}

/** The same for a name that nobody registered. */
export function unknownPart(name: string, { query, controls }: Drawing): Html {
  return html`
    <section class="detail" aria-label="Connection">
      <p>${controls.link('← All connections', listOf(query))}</p>
      <p>No connection ${foreign(name)} is registered.</p>
    </section>`;
}

function facts(view: ConnectionView, now: number): Html[] {
  const at = (instant: number | undefined, none: string) =>
    instant === undefined ? none : html`${relative(instant, now)} ${inUtc(instant)}`;
  const inUtc = (instant: number | undefined) =>
    instant !== undefined && html` <span class="utc">(${utcText(instant)})</span>`;
  const pairs: readonly (readonly [string, Content])[] = [
    ['Token', [expiryText(view, now), inUtc(view.expiresAt)]],
    ['Obtained', at(view.obtainedAt, 'never')],
    ['Next refresh', [refreshText(view, now), inUtc(view.dueAt)]],
    ['Token lies in', foreign(view.place)],
    ['Refresh token ends', at(view.refreshTokenExpiresAt, 'not known to end')],
    ['Refreshes so far', view.refreshes],
    ['Failures in a row', view.failures],
    ['Versions left today', view.writesLeft],
    ['Provider', foreign(view.provider)],
    ['Grants', foreign(view.grants)],
    ['Credentials', foreign(view.credentials)],
    ['Sent to', foreign(view.credentialsSentTo ?? '-')],
  ];
  return pairs.map(([label, value]) => html`<div><dt>${label}</dt><dd>${value}</dd></div>`);
}
