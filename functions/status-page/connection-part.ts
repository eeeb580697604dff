import { durationText } from '../text/times.ts';
import type { ConnectionView } from './connection-view.ts';
import type { Controls } from './controls.ts';
import { type Content, foreign, type Html, html } from './html.ts';
import { relative } from './instants.ts';
import { listOf, type PageQuery } from './query.ts';
import type { Group } from './selection.ts';
import { timeline } from './timeline.ts';

/** What a part of a page is drawn with. `now` in epoch milliseconds. */
export interface Drawing {
  readonly query: PageQuery;
  readonly controls: Controls;
  readonly now: number;
}

/** Characters of a message or a remedy in a list; of one connection more are shown. */
const MOST_IN_LIST = 400;

/** Connections with the same trouble, which is told once, or one with its own. */
export function groupPart({ trouble, shown, count }: Group, drawing: Drawing): Html {
  const { query, controls } = drawing;
  const [first] = shown;
  if (first === undefined || trouble === undefined || count === 1) {
    return html`${shown.map((view) => rowPart(view, drawing, true))}`;
  }
  const total = count.toLocaleString('en-US');
  const all = { ...listOf(query), trouble: trouble.key, page: 1 };
  const isCut = shown.length < count && query.trouble === undefined;
  return html`
    <li class="group ${first.need ? 'need' : first.health}">
      <h2>${total} connections: ${foreign(trouble.code, 100)}</h2>
      <p>${foreign(first.name)}: ${foreign(trouble.message, MOST_IN_LIST)}</p>
      ${todo(trouble.remedy, MOST_IN_LIST)}
      <ul class="rows">${shown.map((view) => rowPart(view, drawing, false))}</ul>
      ${isCut && html`<p class="more">${controls.link(`Show all ${total} of them`, all)}</p>`}
    </li>`;
}

function rowPart(view: ConnectionView, drawing: Drawing, withTrouble: boolean): Html {
  const { query, controls, now } = drawing;
  const { name, provider, health, recent } = view;
  const to = { ...listOf(query), connection: name };
  return html`
    <li class="row ${health}" id="connection:${name}">
      <div class="who">
        ${controls.link(foreign(name), to, { kind: 'name' })}
        <span class="dim">${foreign(provider, 100)}</span>
      </div>
      <div class="state">
        <div>${badges(view)}</div>
        <div>${expiryText(view, now)} <span class="dim">${refreshText(view, now)}</span></div>
      </div>
      ${timeline(view, recent, now)}
      ${controls.mayAct && html`<div class="buttons">${buttons(view, query, controls)}</div>`}
      ${withTrouble && troublePart(view, now, MOST_IN_LIST)}
    </li>`;
}

/** How a connection stands: by colour and by word. */
export function badges({ health, need }: Pick<ConnectionView, 'health' | 'need'>): Html {
  return html`
    <span class="badge ${health}">${health}</span>
    ${need && html` <span class="badge need">needs a person</span>`}`;
}

/** Why somebody is needed, or what failed, and what to do. `most`: characters of each. */
export function troublePart(
  { need, error, errorSince }: ConnectionView,
  now: number,
  most: number,
): Html | undefined {
  const trouble = need ?? error;
  if (trouble === undefined) return undefined;
  const since = need?.since ?? errorSince;
  const age = since !== undefined && html`, for ${durationText(now - since)}`;
  return html`
    <div class="trouble">
      <p><b>${foreign(trouble.code, 100)}</b>${age}: ${foreign(trouble.message, most)}</p>
      ${todo(trouble.remedy, most)}
    </div>`;
}

function todo(remedy: string, most: number): Html {
  return html`<p>To do: ${foreign(remedy, most)}</p>`;
}

/** What may be done with one connection. */
export function buttons({ name, health }: ConnectionView, query: PageQuery, controls: Controls): Content {
  const shared = { connection: name, query };
  if (health === 'paused') return controls.button({ ...shared, kind: 'resume', label: 'Resume' });
  return [
    controls.button({ ...shared, kind: 'refresh', label: 'Refresh now' }),
    controls.button({ ...shared, kind: 'pause', label: 'Pause' }),
  ];
}

export function expiryText({ expiresAt }: ConnectionView, now: number): Html {
  if (expiresAt === undefined) return html`no token yet`;
  return html`${expiresAt > now ? 'expires' : 'expired'} ${relative(expiresAt, now)}`;
}

export function refreshText({ dueAt }: ConnectionView, now: number): Html {
  if (dueAt === undefined) return html`is not refreshed`;
  return dueAt > now ? html`refresh ${relative(dueAt, now)}` : html`due since ${durationText(now - dueAt)}`;
}
