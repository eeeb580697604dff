import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Deployment, startDeployment } from '../../support/deployment.ts';
import { findChromium } from './chromium.ts';
import { openWindow, startChromium, violationsOf, type Window } from './chromium-page.ts';
import { openDashboard } from './dashboard.ts';

const found = findChromium();
const reason = 'missing' in found ? ` (skipped: ${found.missing})` : '';
const ENDPOINT = 'arn:aws:lambda:us-east-1:000000000000:function:evertoken-status-widget';
const MINUTE = 60_000;

describe.skipIf('missing' in found)(`the status widget in a dashboard in Chromium${reason}`, () => {
  let browser: Browser;
  let deployment: Deployment;
  let window: Window;
  /** Functions that were invoked, by name. */
  let invoked: string[];

  beforeAll(async () => {
    browser = await startChromium();
    deployment = await startDeployment();
  });
  afterAll(async () => {
    await browser?.close();
    await deployment?.[Symbol.asyncDispose]();
  });
  beforeEach(async () => {
    window = await openWindow(browser);
    invoked = [];
  });
  afterEach(() => window[Symbol.asyncDispose]());

  const open = (theme = 'light') =>
    openDashboard(window.page, {
      theme,
      endpoint: ENDPOINT,
      invoke: async (endpoint, event) => {
        const name = endpoint.split(':').at(-1) ?? '';
        invoked.push(name);
        const { payload } = await deployment.system.endpoint.functions.run(name, event);
        return JSON.parse(payload);
      },
    });
  const stateOf = (name: string) => deployment.system.functions.composition.ports.state.get(name);

  it.each(['light', 'dark'])(
    'has no violation by axe in %s colours, and leaves other widgets as they are',
    async (theme) => {
      await open(theme);
      const { page } = window;
      const other = 'JSON.stringify(getComputedStyle(document.getElementById("other")))';
      const before = await page.evaluate(`document.querySelector('#widget style').disabled = true; ${other}`);
      expect(await page.evaluate(`document.querySelector('#widget style').disabled = false; ${other}`)).toBe(
        before,
      );
      expect(await violationsOf(page, '#widget')).toEqual([]);
      expect(window.complaints).toEqual([]);
    },
  );

  it('presses "refresh now", by the keyboard too, and shows what came of it', async () => {
    await open();
    const { page } = window;
    deployment.clock.advance(2 * MINUTE);
    const { generation = 0 } = (await stateOf('slashid-demo')) ?? {};
    await page.getByRole('button', { name: 'Refresh now: slashid-demo' }).focus();
    await page.keyboard.press('Enter');
    await page.getByText('slashid-demo has a new token.').waitFor();
    expect((await stateOf('slashid-demo'))?.generation).toBe(generation + 1);
    expect(invoked).toEqual(['evertoken-status-widget', 'evertoken-status-action']);
  });

  it('pauses only when the question is answered', async () => {
    await open();
    const { page } = window;
    const pause = page.getByRole('button', { name: 'Pause: kajabi-demo' });
    page.once('dialog', (dialog) => dialog.dismiss());
    await pause.click();
    expect(invoked).toEqual(['evertoken-status-widget']);
    let asked = '';
    page.once('dialog', (dialog) => {
      asked = dialog.message();
      return dialog.accept();
    });
    await pause.click();
    await page.getByText('kajabi-demo is paused').waitFor();
    expect(asked).toMatch(/^Pause kajabi-demo\? Nothing refreshes it/);
    await page.getByRole('button', { name: 'Resume: kajabi-demo' }).click();
    await page.getByText('kajabi-demo is resumed').waitFor();
  });

  it('filters, looks at one connection and comes back, and is left by no key', async () => {
    await open();
    const { page } = window;
    await page.getByRole('textbox', { name: 'Name' }).fill('*-demo');
    await page.getByRole('combobox', { name: 'Sort by' }).selectOption('name');
    await page.keyboard.press('Enter');
    await page.getByRole('textbox', { name: 'Name' }).press('Enter');
    expect(page.url()).toBe('about:blank');
    await page.getByRole('button', { name: 'Show', exact: true }).click();
    await page.getByText('3 connections', { exact: true }).waitFor();
    expect(await page.locator('.row .name').allTextContents()).toEqual([
      'kajabi-demo',
      'rotating-demo',
      'slashid-demo',
    ]);
    await page.getByRole('button', { name: 'rotating-demo', exact: true }).click();
    await page.getByText('evertoken/tokens/rotating-demo').waitFor();
    await page.getByRole('button', { name: '← All connections' }).click();
    await expect.poll(() => page.locator('.row').count()).toBe(3);
    expect(await page.getByRole('textbox', { name: 'Name' }).inputValue()).toBe('*-demo');
    expect(new Set(invoked)).toEqual(new Set(['evertoken-status-widget']));
    expect(window.complaints).toEqual([]);
  });
});
