import { type Controls, isFiltered, pauseQuestion } from './controls.ts';
import { html } from './html.ts';
import { type PageQuery, queryFields } from './query.ts';

/** Where a button's form goes. */
export const ACT_PATH = '/act';

/** Links and forms of a page that a server of its own serves at `/`. */
export const webControls: Controls = {
  mayAct: true,

  link(label, to, { kind = 'plain', isCurrent = false } = {}) {
    return html`<a class="${kind}" href="${href(to)}"${isCurrent && html` aria-current="true"`}>${label}</a>`;
  },

  filters(fields, query) {
    const { trouble } = query;
    return html`
      <form class="filters" method="get" action="/" role="search">
        ${fields}
        ${trouble !== undefined && html`<input type="hidden" name="trouble" value="${trouble}">`}
        <button>Show</button>
        ${isFiltered(query) && html`<a href="/">Show all</a>`}
      </form>`;
  },

  actions(content, query) {
    return html`
      <form method="post" action="${ACT_PATH}">
        <input type="hidden" name="back" value="${fieldsOf(query)}">
        ${content}
      </form>`;
  },

  button({ kind, connection, label, query }) {
    const id = `${kind}:${connection}`;
    const called = `${label}: ${connection}`;
    if (kind !== 'pause') {
      return html`<button id="${id}" name="${kind}" value="${connection}" aria-label="${called}">${label}</button>`;
    }
    const to = href({ ...query, connection, confirm: 'pause' });
    return html`<a class="button" id="${id}" href="${to}" aria-label="${called}">${label}</a>`;
  },

  confirmation(connection, query) {
    const { confirm: _, ...back } = query;
    return html`
      <div class="notice" role="group" aria-label="Confirmation">
        <p>${pauseQuestion(connection)}</p>
        <p class="buttons">
          <button name="pause" value="${connection}">Pause</button>
          <a class="button" href="${href(back)}">Leave it running</a>
        </p>
      </div>`;
  },
};

function href(query: PageQuery): string {
  const fields = fieldsOf(query);
  return fields === '' ? '/' : `/?${fields}`;
}

function fieldsOf(query: PageQuery): string {
  return new URLSearchParams(queryFields(query)).toString();
}
