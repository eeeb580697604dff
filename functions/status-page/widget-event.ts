import * as z from 'zod';
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

const fields = z.record(z.string(), z.unknown());

const NO_CONTEXT = { theme: 'light', forms: { all: {} } } as const;

/** Whatever else a dashboard sends is of no concern; who invokes the function without one sends none of it. */
const event = z.object({
  describe: z.literal(true).optional().catch(undefined),
  query: fields.optional().catch(undefined),
  filter: z.literal(true).optional().catch(undefined),
  action: z.enum(ACTIONS).optional().catch(undefined),
  connection: z.string().optional().catch(undefined),
  widgetContext: z
    .object({
      theme: z.enum(['light', 'dark']).catch('light'),
      forms: z.object({ all: fields }).catch({ all: {} }),
    })
    .catch(NO_CONTEXT),
});

/**
 * Reads the event of a custom widget. What its buttons send has a `query`; a dashboard that loads it, or loads it again,
 * sends the parameters that the dashboard keeps.
 */
export function readWidgetEvent(sent: unknown): WidgetEvent {
  const params = fields.safeParse(sent).data ?? {};
  const { describe, query, filter, action, connection, widgetContext } = event.parse(params);
  if (describe) return { kind: 'describe' };
  // The fields of the filters come with every button; they mean something for their own alone.
  const chosen = filter ? { ...query, ...widgetContext.forms.all } : query;
  return {
    kind: 'show',
    query: readPageQuery(chosen ?? params),
    theme: widgetContext.theme,
    ...(action !== undefined && connection !== undefined && { action: { kind: action, connection } }),
  };
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
