import { carryOut } from '../status-page/actions.ts';
import { loadPage } from '../status-page/load-page.ts';
import { widgetFunctions } from '../status-page/widget-controls.ts';
import { readWidgetEvent, WIDGET_MANUAL } from '../status-page/widget-event.ts';
import { widgetPage } from '../status-page/widget-page.ts';
import { chain } from './chain.ts';
import { type Composition, composeFromEnvironment } from './composition.ts';

/** Does what a button of the status widget asks for, and shows what came of it. */
export function statusActionHandler(compose: () => Composition) {
  return chain(compose, async (event: unknown, { config, ports }, _endsAt, _accountId, functionArn) => {
    const asked = readWidgetEvent(event);
    if (asked.kind === 'describe') return WIDGET_MANUAL;
    const { action, query, theme } = asked;
    const notice = action && (await carryOut(action, ports));
    if (notice) ports.log.info('asked for in the dashboard', { ...action, came: notice.tone });
    const functions = widgetFunctions(functionArn, config.namespace, true);
    const model = await loadPage(query, ports);
    return String(widgetPage({ ...model, notice }, query, { functions, theme }));
  });
}

export const handler = statusActionHandler(composeFromEnvironment);
