import type { PastOutcome } from '../refresh/ports/history.ts';
import { durationText } from '../text/times.ts';
import type { ConnectionView, Mark } from './connection-view.ts';
import { type Html, html } from './html.ts';

/** In units of the drawing, which is stretched to the width that there is. */
const WIDTH = 300;
const HEIGHT = 24;
/** So many lives of a token are looked back on. */
const LIVES_BACK = 4;
/** Of a token that never came. */
const DEFAULT_LIFE_MS = 3_600_000;
/** What is seen of the time to come is a little more than what ends in it. */
const SPARE = 25;

type Drawn = Pick<ConnectionView, 'obtainedAt' | 'expiresAt' | 'dueAt'>;

/**
 * The life of the current token, the window in which it is refreshed, now, and what came of the tries before: those
 * that refreshed above the line, those that failed below. `now` in epoch milliseconds.
 * @param from where it begins; by default four lives of the token ago, or with the oldest that is known since then
 */
export function timeline(
  view: Drawn,
  marks: readonly Mark[],
  now: number,
  from = beginning(view, marks, now),
): Html {
  const { obtainedAt, expiresAt, dueAt } = view;
  const soonDueAt = dueAt !== undefined && dueAt < now + life(view) ? dueAt : 0;
  const to = Math.max(expiresAt ?? 0, soonDueAt, now) + (now - from) / SPARE;
  const x = (at: number) => tenths(((Math.min(Math.max(at, from), to) - from) / (to - from)) * WIDTH);
  const bar = (kind: string, start: number | undefined, end: number | undefined) => {
    if (start === undefined || end === undefined || end <= Math.max(start, from)) return undefined;
    const width = tenths(Math.max(1, x(end) - x(start)));
    return html`<rect class="${kind}" x="${x(start)}" y="8" width="${width}" height="8"/>`;
  };
  const strokes = (kind: Mark['kind'], y: number) => {
    const seen = marks.filter((mark) => mark.kind === kind && mark.at >= from && mark.at <= to);
    const path = seen.map(({ at }) => `M${x(at)} ${y}v6`).join('');
    return path !== '' && html`<path class="${kind}" d="${path}"/>`;
  };
  const windowAt = dueAt === undefined ? undefined : Math.max(dueAt, obtainedAt ?? dueAt);
  return html`
    <div class="timeline">
      <svg role="img" aria-label="${words(view, marks, now)}" viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none">
        <rect class="line" y="11.5" width="${WIDTH}" height="1"/>
        ${bar('life', obtainedAt, expiresAt)}
        ${bar('window', windowAt, expiresAt)}
        ${bar('gap', expiresAt, now)}
        ${strokes('refreshed', 1)}
        ${strokes('failed', 17)}
        <path class="now" d="M${x(now)} 0v${HEIGHT}"/>
      </svg>
      <span>−${durationText(now - from)}</span>
      <span>+${durationText(to - now)}</span>
    </div>`;
}

/** What the strokes and bars mean: once on a page. */
export function timelineLegend(): Html {
  const key = (kind: string, label: string) => html`<li><i class="key ${kind}"></i>${label}</li>`;
  return html`
    <ul class="legend" aria-label="Legend of the timelines">
      ${key('life', 'life of the token')}
      ${key('window', 'refresh window')}
      ${key('gap', 'expired')}
      ${key('refreshed', 'refreshed (above)')}
      ${key('failed', 'failed (below)')}
      ${key('now', 'now')}
    </ul>`;
}

/** A history as marks, in order of time. */
export function marksOf(history: readonly PastOutcome[]): readonly Mark[] {
  return history
    .map(({ at, since, outcome }): Mark => {
      return { at, since, kind: outcome === 'refreshed' ? 'refreshed' : 'failed' };
    })
    .reverse();
}

/** The same for all that is known, where that began earlier. */
export function wholeTimeline(view: Drawn, marks: readonly Mark[], now: number): Html | undefined {
  const from = Math.min(now, ...marks.map(({ at, since }) => since ?? at));
  return from < beginning(view, marks, now) ? timeline(view, marks, now, from) : undefined;
}

function beginning(view: Drawn, marks: readonly Mark[], now: number): number {
  const earliest = now - LIVES_BACK * life(view);
  const { obtainedAt = now } = view;
  const recent = [obtainedAt, ...marks.map(({ since, at }) => since ?? at)].filter((at) => at >= earliest);
  return Math.min(now - life(view) / 4, obtainedAt < earliest ? obtainedAt : now, ...recent);
}

function life({ obtainedAt, expiresAt }: Drawn): number {
  const known = obtainedAt !== undefined && expiresAt !== undefined ? expiresAt - obtainedAt : 0;
  return known > 0 ? known : DEFAULT_LIFE_MS;
}

function words({ obtainedAt, expiresAt, dueAt }: Drawn, marks: readonly Mark[], now: number): string {
  const when = (at: number) => (at > now ? `in ${durationText(at - now)}` : `${durationText(now - at)} ago`);
  const token =
    obtainedAt === undefined || expiresAt === undefined
      ? 'no token yet'
      : `token obtained ${when(obtainedAt)}, ${expiresAt > now ? 'expires' : 'expired'} ${when(expiresAt)}`;
  const refresh = dueAt === undefined ? 'paused' : `refresh due ${when(dueAt)}`;
  const refreshed = marks.filter(({ kind }) => kind === 'refreshed').length;
  const tries = `of the last ${marks.length} tries ${refreshed} refreshed, ${marks.length - refreshed} failed`;
  return `${token}; ${refresh}${marks.length > 0 ? `; ${tries}` : ''}`;
}

function tenths(value: number): number {
  return Math.round(value * 10) / 10;
}
