import { HEALTHS } from '../refresh/rules/health.ts';
import type { ConnectionView } from './connection-view.ts';
import type { Controls } from './controls.ts';
import { type Html, html } from './html.ts';
import { type PageQuery, SORTS } from './query.ts';

/** Providers that can be chosen from; the others are found by name. */
const MOST_PROVIDERS = 200;

type Chosen = NonNullable<PageQuery['health']>;

/** How many connections there are of each health, each a filter. */
export function summaryPart(all: readonly ConnectionView[], query: PageQuery, controls: Controls): Html {
  const tile = (health: Chosen, label: string, count: number, tone: string = health) => {
    const to = { sort: query.sort, page: 1, health } as const;
    const shown = html`<b>${count.toLocaleString('en-US')}</b> ${label}`;
    const link = controls.link(shown, to, { kind: 'tile', isCurrent: query.health === health });
    return html`<li class="${tone}">${link}</li>`;
  };
  const needed = all.filter(({ need }) => need !== undefined).length;
  const tiles = HEALTHS.map((health) => {
    const { length } = all.filter((each) => each.health === health);
    return length > 0 && tile(health, health, length);
  });
  return html`
    <ul class="tiles" aria-label="Connections by health">
      ${tile('need', needed === 1 ? 'needs a person' : 'need a person', needed, needed > 0 ? 'need' : 'healthy')}
      ${tiles}
    </ul>`;
}

/** What a list can be narrowed and sorted by. */
export function filtersPart(all: readonly ConnectionView[], query: PageQuery, controls: Controls): Html {
  const providers = [...new Set(all.map(({ provider }) => provider))].sort().slice(0, MOST_PROVIDERS);
  const fields = [
    select('health', 'Health', query.health, [
      ['', 'any'],
      ['need', 'needs a person'],
      ...HEALTHS.map((health) => [health, health] as const),
    ]),
    select('provider', 'Provider', query.provider, [
      ['', 'any'],
      ...providers.map((provider) => [provider, provider] as const),
    ]),
    html`
      <label>
        <span>Name</span>
        <input name="name" value="${query.name ?? ''}" placeholder="crm or shop/*" autocomplete="off" maxlength="200">
      </label>`,
    select('sort', 'Sort by', query.sort, Object.entries(SORTS)),
  ];
  return controls.filters(fields, query);
}

function select(
  name: string,
  label: string,
  chosen: string | undefined,
  options: readonly (readonly [value: string, label: string])[],
): Html {
  const lines = options.map(([value, text]) => {
    const isChosen = value === (chosen ?? '');
    return html`<option value="${value}"${isChosen && html` selected`}>${text}</option>`;
  });
  return html`<label><span>${label}</span><select name="${name}">${lines}</select></label>`;
}

/** How many there are of those that were asked for, in words. */
export function foundText(found: number, all: number): string {
  const total = all === 1 ? '1 connection' : `${all.toLocaleString('en-US')} connections`;
  return found === all ? total : `${found.toLocaleString('en-US')} of ${total}`;
}
