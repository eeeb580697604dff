import { type Drawing, groupPart } from './connection-part.ts';
import type { Controls } from './controls.ts';
import { detailPart, unknownPart } from './detail-part.ts';
import { type Html, html } from './html.ts';
import { utcText } from './instants.ts';
import { filtersPart, foundText, summaryPart } from './overview-part.ts';
import type { Notice, PageModel } from './page-model.ts';
import { pulsePart } from './pulse-part.ts';
import type { PageQuery } from './query.ts';
import { select } from './selection.ts';
import { timelineLegend } from './timeline.ts';

/** The page as one element. Pure: the same for a dashboard and for a browser, but for its controls. */
export function renderPage(model: PageModel, query: PageQuery, controls: Controls): Html {
  const { namespace, now, notice, connections } = model;
  const drawing = { query, controls, now };
  return html`
    <div class="evertoken">
      <header>
        <h1>Evertoken <span class="dim">${namespace}</span></h1>
        <p class="dim">As of ${utcText(now)}</p>
      </header>
      ${notice && noticePart(notice)}
      ${pulsePart(model)}
      ${summaryPart(connections, query, controls)}
      ${query.connection === undefined ? listPart(model, drawing) : onePart(query.connection, model, drawing)}
    </div>`;
}

/** What needs attention, in a few words: for the title of a window. */
export function titleOf({ connections, tickProblem, namespace }: PageModel): string {
  const needed = connections.filter(({ need }) => need !== undefined).length;
  if (needed > 0) return `${needed} ${needed === 1 ? 'needs' : 'need'} a person · ${namespace}`;
  return tickProblem ? `No ticks · ${namespace}` : `All well · ${namespace}`;
}

function onePart(name: string, { connections, history }: PageModel, drawing: Drawing): Html {
  const view = connections.find((each) => each.name === name);
  return view ? detailPart(view, history, drawing) : unknownPart(name, drawing);
}

function listPart({ connections }: PageModel, drawing: Drawing): Html {
  const { query, controls } = drawing;
  const { groups, found, page, pages } = select(connections, query);
  const list = html`<ul class="rows">${groups.map((group) => groupPart(group, drawing))}</ul>`;
  const none = connections.length === 0 ? 'No connection is registered yet.' : 'No connection is like that.';
  return html`
    <section aria-label="Connections">
      ${filtersPart(connections, query, controls)}
      <p class="found">${foundText(found, connections.length)}</p>
      ${found === 0 ? html`<p>${none}</p>` : controls.actions(list, query)}
      ${pages > 1 && pagesPart(page, pages, drawing)}
      ${found > 0 && timelineLegend()}
    </section>`;
}

function pagesPart(page: number, pages: number, { query, controls }: Drawing): Html {
  const to = (label: string, target: number) =>
    target >= 1 && target <= pages && controls.link(label, { ...query, page: target });
  return html`
    <nav class="pages" aria-label="Pages">
      ${to('← Before', page - 1)}
      <span>Page ${page} of ${pages}</span>
      ${to('Next →', page + 1)}
    </nav>`;
}

function noticePart({ tone, text, remedy }: Notice): Html {
  return html`
    <div class="notice ${tone}" role="status">
      <p>${text}</p>
      ${remedy !== undefined && html`<p>To do: ${remedy}</p>`}
    </div>`;
}
