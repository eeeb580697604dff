import type { Page } from 'playwright-core';

/** Invokes a function as a dashboard does, by its ARN. */
export type Invoke = (endpoint: string, event: object) => Promise<string>;

/**
 * What a CloudWatch dashboard does with a custom widget, as its documentation has it: what could run is taken out of the
 * HTML, a click on an element before a `cwdb-action` asks for its confirmation, invokes its function with its parameters,
 * the context and the fields of all forms, and shows the answer in the widget's place.
 */
function dashboard({ theme, endpoint }: { readonly theme: string; readonly endpoint: string }): string {
  return `(() => {
    const widget = document.getElementById('widget');
    const forms = () => Object.fromEntries([...widget.querySelectorAll('input, select')].map((one) => [one.name, one.value]));
    const call = async (endpoint, params) => {
      show(await window.invoke(endpoint, { ...params, widgetContext: { theme: ${JSON.stringify(theme)}, forms: { all: forms() } } }));
    };
    const show = (html) => {
      const shown = new DOMParser().parseFromString(html, 'text/html');
      for (const one of shown.querySelectorAll('script, iframe, use, object, embed, link, meta')) one.remove();
      for (const one of shown.querySelectorAll('*')) {
        for (const { name } of [...one.attributes]) if (name.startsWith('on')) one.removeAttribute(name);
      }
      widget.replaceChildren(...shown.head.childNodes, ...shown.body.childNodes);
      for (const action of widget.querySelectorAll('cwdb-action')) {
        action.previousElementSibling.addEventListener('click', () => {
          const asks = action.getAttribute('confirmation');
          if (asks === null || confirm(asks)) call(action.getAttribute('endpoint'), JSON.parse(action.textContent));
        });
      }
    };
    return call(${JSON.stringify(endpoint)}, {});
  })()`;
}

/** Opens a dashboard with one widget, beside text of its own. */
export async function openDashboard(
  page: Page,
  { invoke, ...widget }: { readonly theme: string; readonly endpoint: string; readonly invoke: Invoke },
): Promise<void> {
  await page.exposeFunction('invoke', invoke);
  const ground = widget.theme === 'dark' ? '#0f1b2a' : '#fff';
  await page.setContent(
    `<!doctype html><html lang="en"><title>CloudWatch</title><body style="background:${ground}"><h2 id="other">Alarms</h2><div id="widget"></div></body></html>`,
  );
  await page.evaluate(dashboard(widget));
}
