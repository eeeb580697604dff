import { ACTIONS, type Action } from './actions.ts';
import { type PageQuery, readPageQuery } from './query.ts';
import type { Theme } from './style.ts';

/** What a dashboard asks of a widget's function. */
export type WidgetEvent =
  /** What the function is, for who adds it to a dashboard. */
  | { readonly kind: 'describe' }
  | {
      readonly kind: 'show';
      readonly query: PageQuery;
      readonly theme: Theme;
      /** The button that was pressed. */
      readonly action?: Action;
    };

/**
 * Reads the event of a custom widget. What its buttons send has a `query`; a dashboard that loads it, or loads it again,
 * sends the parameters that the dashboard keeps.
 */
export function readWidgetEvent(sent: unknown): WidgetEvent {
  const params = fieldsOf(sent) ?? {};
  const { describe, filter, connection } = params;
  const context = fieldsOf(params['widgetContext']) ?? {};
  const filters = fieldsOf(fieldsOf(context['forms'])?.['all']);
  const query = fieldsOf(params['query']);
  const action = ACTIONS.find((each) => each === params['action']);
  if (describe === true) return { kind: 'describe' };
  // The fields of the filters come with every button; they mean something for their own alone.
  const chosen = filter === true ? { ...query, ...filters } : query;
  return {
    kind: 'show',
    query: readPageQuery(chosen ?? params),
    theme: context['theme'] === 'dark' ? 'dark' : 'light',
    ...(action !== undefined && typeof connection === 'string' && { action: { kind: action, connection } }),
  };
}

/**
 * The fields of an object. Whatever else a dashboard sends is of no concern; who invokes the function without one sends
 * none of it.
 */
function fieldsOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return Object.fromEntries(Object.entries(value).filter(([key]) => key !== '__proto__'));
}

/** The answer to `describe`, in Markdown. */
export const WIDGET_MANUAL = `### Evertoken

How the connections of this deployment stand: what needs a person, why, and what to do; the last tick; the history of
each connection.

| parameter | shows |
| --- | --- |
| \`health\` | only those of it: \`need\` (whatever needs a person), \`needs-reauthorization\`, \`awaiting-credentials\`, \`misconfigured\`, \`failing\`, \`retrying\`, \`new\`, \`healthy\`, \`paused\` |
| \`provider\` | only those of one preset, or host |
| \`name\` | only those with this in their name; with \`*\`, those that it describes as a whole |
| \`sort\` | \`need\` (the default), \`expiry\`, \`refresh\`, \`name\` |
| \`connection\` | one connection, with its history |

Without parameters it shows all. Whoever looks invokes this function with their own credentials.
`;
