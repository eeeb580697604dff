import { loadPage } from '../status-page/load-page.ts';
import { widgetFunctions } from '../status-page/widget-controls.ts';
import { readWidgetEvent, WIDGET_MANUAL } from '../status-page/widget-event.ts';
import { widgetPage } from '../status-page/widget-page.ts';
import { chain } from './chain.ts';
import { type Composition, composeFromEnvironment } from './composition.ts';

/** Shows how connections stand in a dashboard, and does nothing: a button that reaches it is passed over. */
export function statusWidgetHandler(compose: () => Composition) {
  return chain(compose, async (event: unknown, { config, ports }, _endsAt, _accountId, functionArn) => {
    const asked = readWidgetEvent(event);
    if (asked.kind === 'describe') return WIDGET_MANUAL;
    const functions = widgetFunctions(functionArn, config.namespace, config.statusButtons === true);
    const model = await loadPage(asked.query, ports);
    return String(widgetPage(model, asked.query, { functions, theme: asked.theme }));
  });
}

export const handler = statusWidgetHandler(composeFromEnvironment);
