import { describe, expect, it } from 'vitest';
import { HEALTHS } from '../../../functions/refresh/rules/health.ts';
import { readWidgetEvent, WIDGET_MANUAL } from '../../../functions/status-page/widget-event.ts';

/** What a dashboard sends with every call. */
const context = (more: object = {}) => ({
  dashboardName: 'evertoken-eu-central-1',
  widgetId: 'widget-16',
  accountId: '111122223333',
  locale: 'en',
  timezone: { label: 'UTC', offsetISO: '+00:00', offsetInMinutes: 0 },
  period: 300,
  isAutoPeriod: true,
  theme: 'dark',
  title: 'Connections',
  forms: { all: { health: 'paused', provider: '', name: 'shop/*', sort: 'name' } },
  params: {},
  width: 588,
  height: 369,
  ...more,
});
const ALL = { sort: 'need', page: 1 };
const PLAIN = { kind: 'show', theme: 'light', query: expect.objectContaining(ALL) };

describe('the event of a widget', () => {
  it('asks what the function is', () => {
    expect(readWidgetEvent({ describe: true })).toEqual({ kind: 'describe' });
    expect(WIDGET_MANUAL).toMatch(/^### Evertoken\n/);
    for (const health of HEALTHS) expect(WIDGET_MANUAL).toContain(`\`${health}\``);
  });

  it('shows what the parameters of the dashboard say, in its theme, whatever stands in the fields', () => {
    expect(readWidgetEvent({ health: 'need', widgetContext: context() })).toEqual({
      kind: 'show',
      theme: 'dark',
      query: expect.objectContaining({ ...ALL, health: 'need', name: undefined }),
    });
  });

  it('shows what a button says, whatever the parameters and the fields are', () => {
    const query = { health: 'healthy', page: '2' };
    expect(readWidgetEvent({ query, widgetContext: context({ params: { health: 'need' } }) })).toMatchObject({
      query: { health: 'healthy', page: 2, name: undefined, sort: 'need' },
    });
    expect(readWidgetEvent({ query: {}, health: 'need' })).toMatchObject({ query: { health: undefined } });
  });

  it('reads the fields for the button of the filters alone', () => {
    const event = { filter: true, query: { trouble: 'abc' }, widgetContext: context() };
    expect(readWidgetEvent(event)).toMatchObject({
      query: { health: 'paused', provider: undefined, name: 'shop/*', sort: 'name', trouble: 'abc', page: 1 },
    });
  });

  it.each(['refresh', 'pause', 'resume'] as const)('presses %s', (action) => {
    expect(readWidgetEvent({ action, connection: 'crm', query: {} })).toMatchObject({
      action: { kind: action, connection: 'crm' },
    });
  });

  it.each([
    undefined,
    null,
    7,
    'describe',
    [],
    {},
    { describe: 'true' },
    { action: 'remove', connection: 'crm' },
    { action: 'pause' },
    { action: 'pause', connection: { name: 'crm' } },
    { action: ['pause'], connection: 'crm' },
    { query: 'health=need' },
    { filter: true, widgetContext: { theme: 'dark', forms: { all: 7 } }, theme: 'dark' },
    { widgetContext: 'none' },
    { widgetContext: { theme: 'sepia' } },
  ])('shows all, and does nothing, where it is %j', (event) => {
    const read = readWidgetEvent(event);
    expect(read).toMatchObject({ kind: 'show', query: expect.objectContaining(ALL) });
    expect(read).not.toHaveProperty('action');
    if (!JSON.stringify(event)?.includes('dark')) expect(read).toMatchObject(PLAIN);
  });
});
