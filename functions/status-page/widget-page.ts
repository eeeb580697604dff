import { type Html, html, ownHtml } from './html.ts';
import type { PageModel } from './page-model.ts';
import type { PageQuery } from './query.ts';
import { renderPage } from './render-page.ts';
import { styleSheet, type Theme } from './style.ts';
import { type WidgetFunctions, widgetControls } from './widget-controls.ts';

/** The page as a widget of a CloudWatch dashboard, whose own style of every element the first class switches off. */
export function widgetPage(
  model: PageModel,
  query: PageQuery,
  { functions, theme }: { readonly functions: WidgetFunctions; readonly theme: Theme },
): Html {
  return html`
    <div class="cwdb-no-default-styles"></div>
    <style>${ownHtml(styleSheet(theme))}</style>
    ${renderPage(model, query, widgetControls(functions))}`;
}
