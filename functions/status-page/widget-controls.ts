import { functionName } from '../aws/resource-names.ts';
import { type Controls, isFiltered, pauseQuestion } from './controls.ts';
import { type Html, html } from './html.ts';
import { type PageQuery, queryFields } from './query.ts';

/** ARNs of the functions that a widget calls, in the name of who looks at it. */
export interface WidgetFunctions {
  /** Shows. */
  readonly look: string;
  /** Does what buttons ask for, and shows; absent: there are no buttons. */
  readonly act?: string | undefined;
}

/**
 * A widget of a CloudWatch dashboard has no script, and no links within itself: an element `cwdb-action` says what
 * becomes of a click on the element before it. Those are buttons here, so that the keyboard reaches them.
 */
export function widgetControls({ look, act }: WidgetFunctions): Controls {
  const call = (endpoint: string, event: object, confirmation?: string): Html => {
    const asks = confirmation !== undefined && html` confirmation="${confirmation}"`;
    const params = JSON.stringify(event);
    return html`<cwdb-action action="call" display="widget" endpoint="${endpoint}"${asks}>${params}</cwdb-action>`;
  };
  const link: Controls['link'] = (label, to, { kind = 'plain', isCurrent = false } = {}) => {
    const current = isCurrent && html` aria-current="true"`;
    const button = html`<button type="button" class="link ${kind}"${current}>${label}</button>`;
    return html`${button}${call(look, { query: queryFields(to) })}`;
  };
  return {
    mayAct: act !== undefined,
    link,

    filters(fields, query) {
      const all: PageQuery = { sort: 'need', page: 1 };
      // A form whose first button is disabled is not sent by Enter: that would leave the console.
      return html`
        <form class="filters" role="search">
          <button type="submit" disabled hidden></button>
          ${fields}
          <button type="button">Show</button>
          ${call(look, { filter: true, query: { trouble: query.trouble } })}
          ${isFiltered(query) && link('Show all', all)}
        </form>`;
    },

    actions: (content) => html`<div>${content}</div>`,

    button({ kind, connection, label, query }) {
      if (act === undefined) return html``;
      const event = { action: kind, connection, query: queryFields(query) };
      const button = html`<button type="button" aria-label="${label}: ${connection}">${label}</button>`;
      return html`${button}${call(act, event, kind === 'pause' ? pauseQuestion(connection) : undefined)}`;
    },

    // The action itself asks.
    confirmation: () => undefined,
  };
}

/**
 * The functions of a deployment, as their ARNs follow from the one of any of them.
 * @param hasButtons whether the one that acts is deployed
 */
export function widgetFunctions(arn: string, namespace: string, hasButtons: boolean): WidgetFunctions {
  const beside = (handler: string) =>
    arn.replace(/:function:.*$/, `:function:${functionName(namespace, handler)}`);
  return { look: beside('status-widget'), ...(hasButtons && { act: beside('status-action') }) };
}
