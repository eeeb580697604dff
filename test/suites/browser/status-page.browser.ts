import type { Browser, BrowserContextOptions } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../functions/handlers/system-clock.ts';
import { scaleTiming, TIMING } from '../../../functions/refresh/rules/timing.ts';
import { type StatusServer, startStatusServer } from '../../../local/status-page/status-server.ts';
import { type LocalSystem, startLocalSystem } from '../../../local/system.ts';
import { NOW } from '../../functions/refresh/state-of.ts';
import { manyStates, pastOf, tickAt } from '../../functions/status-page/many-states.ts';
import { HOSTILE_TEXTS } from '../../support/hostile-texts.ts';
import { MemoryState } from '../../support/memory-state.ts';
import { findChromium } from './chromium.ts';
import { openWindow, overflowOf, startChromium, violationsOf, type Window } from './chromium-page.ts';

const found = findChromium();
const reason = 'missing' in found ? ` (skipped: ${found.missing})` : '';
const PHONE = { width: 320, height: 640 };

let browser: Browser;
beforeAll(async () => {
  if (!('missing' in found)) browser = await startChromium();
});
afterAll(() => browser?.close());

let ending = new AsyncDisposableStack();
afterEach(async () => {
  await ending.disposeAsync();
  ending = new AsyncDisposableStack();
});

const open = async (options: BrowserContextOptions = {}): Promise<Window> =>
  ending.use(await openWindow(browser, options));

/** A page of so many connections in every health, that stand still. */
async function serve(count: number, change?: (state: MemoryState) => void): Promise<StatusServer> {
  const state = new MemoryState();
  for (const one of manyStates(count, NOW)) state.items.set(one.name, one);
  await state.leaseTick('a', NOW, NOW + 1);
  await state.releaseTick('a', tickAt(NOW));
  state.history = async () => pastOf(NOW);
  change?.(state);
  const server = await startStatusServer({
    ports: [0],
    state,
    clock: { now: () => NOW },
    timing: TIMING,
    namespace: 'evertoken',
    refreshRequests: { refresh: async () => ({ outcome: 'refreshed', error: null }) },
  });
  ending.defer(() => server.close());
  return server;
}

/** The demo, at work: tokens live 45 s. */
async function startSystem(clock = systemClock): Promise<LocalSystem> {
  const reporter = { started: () => {}, show: () => {}, event: () => {}, ended: () => {} };
  const options = { port: 0, tickSeconds: 5, lifetimeSeconds: 45, dataDirectory: undefined };
  const system = await startLocalSystem({ ...options, clock, reporter });
  ending.defer(async () => void (await system.stop()));
  return system;
}

const row = ({ page }: Window, name: string) => page.locator(`[id="connection:${name}"]`);

describe.skipIf('missing' in found)(`the status page in Chromium${reason}`, () => {
  describe.each(['light', 'dark'] as const)('in %s colours', (colorScheme) => {
    it.each([3, 300, 1_000])(
      '%i connections have no violation by axe, and fit a window and a phone',
      async (count) => {
        const { url } = await serve(count);
        const window = await open({ colorScheme });
        const { page } = window;
        const name = encodeURIComponent(manyStates(8, NOW)[Math.min(5, count - 1)]?.name ?? '');
        for (const path of ['', '?health=need', `?connection=${name}`, `?connection=${name}&confirm=pause`]) {
          await page.goto(url + path);
          expect(await violationsOf(page)).toEqual([]);
          for (const viewport of [{ width: 1280, height: 800 }, PHONE]) {
            await page.setViewportSize(viewport);
            expect(await overflowOf(page)).toBe(0);
          }
        }
        expect(await violationsOf(page)).toEqual([]);
        const ground = await page.evaluate(
          'getComputedStyle(document.querySelector(".evertoken")).backgroundColor',
        );
        expect(ground).toBe(colorScheme === 'dark' ? 'rgb(15, 20, 26)' : 'rgb(255, 255, 255)');
        expect([...window.hosts]).toEqual(['127.0.0.1']);
        expect(window.complaints).toEqual([]);
      },
    );
  });

  it('"refresh now" is pressed in a system at work, and the row is seen to change', async () => {
    let aheadMs = 0;
    const system = await startSystem({ ...systemClock, now: () => systemClock.now() + aheadMs });
    await expect
      .poll(async () => (await system.rows()).every(({ health }) => health === 'healthy'), {
        timeout: 20_000,
      })
      .toBe(true);
    const window = await open();
    const { page } = window;
    await page.goto(system.statusPage.url);
    const expiry = row(window, 'slashid-demo').locator('time').first();
    const before = await expiry.getAttribute('datetime');
    // No provider is asked twice within the gap, and this window may well be open before it has passed.
    aheadMs += scaleTiming(TIMING, 3600 / 45).forceGapMs;
    await page.getByRole('button', { name: 'Refresh now: slashid-demo' }).click();
    await page.getByText('slashid-demo has a new token.').waitFor();
    expect(Date.parse((await expiry.getAttribute('datetime')) ?? '')).toBeGreaterThan(
      Date.parse(before ?? ''),
    );
    await page.getByRole('link', { name: 'slashid-demo', exact: true }).click();
    await page.getByRole('cell', { name: 'request' }).waitFor();
    expect([...window.hosts]).toEqual(['127.0.0.1']);
    expect(window.complaints).toEqual([]);
  });

  it('keeps itself up to date, and leaves whoever uses the keyboard where they are', async () => {
    const system = await startSystem();
    const window = await open();
    const { page } = window;
    await page.goto(system.statusPage.url);
    await page.evaluate('window.kept = document.getElementById("page")');
    await row(window, 'rotating-demo').getByText('healthy').waitFor({ timeout: 20_000 });
    await page.locator('[id="pause:rotating-demo"]').focus();
    const { state } = system.functions.composition.ports;
    await expect.poll(() => state.setPaused('kajabi-demo', true, Date.now())).toBe(true);
    await row(window, 'kajabi-demo').getByText('paused').waitFor();
    expect(await page.evaluate('document.activeElement.id')).toBe('pause:rotating-demo');
    expect(await page.evaluate('window.kept === document.getElementById("page")')).toBe(true);
    await page.getByRole('button', { name: 'Resume: kajabi-demo' }).click();
    await page.getByText('kajabi-demo is resumed').waitFor();
    await row(window, 'kajabi-demo').getByText('healthy').waitFor({ timeout: 20_000 });
  });

  it('says that nobody answers any more', async () => {
    const server = await serve(3);
    const { page } = await open();
    await page.goto(server.url);
    await server.close();
    await page.getByText(/^No answer since .+ Is it still running\?$/).waitFor();
  });

  it('does all of it by the keyboard alone, pausing only when asked once more', async () => {
    const { url } = await serve(3);
    const window = await open();
    const { page } = window;
    await page.goto(url);
    const name = manyStates(1, NOW)[0]?.name ?? '';
    const seen: string[] = [];
    const focused = () =>
      page.evaluate<string>(
        '((one) => [one.tagName, one.ariaLabel || one.name || one.textContent].join(" "))(document.activeElement)',
      );
    while (!seen.includes(`A Pause: ${name}`) && seen.length < 60) {
      await page.keyboard.press('Tab');
      seen.push(await focused());
      expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).toBe('solid');
    }
    const [, , first = ''] = manyStates(3, NOW).map((state) => state.name);
    expect(seen).toEqual(
      expect.arrayContaining(['A 1 needs a person', 'SELECT health', 'INPUT name', 'BUTTON Show']),
    );
    expect(seen.indexOf(`A ${first}`)).toBeLessThan(seen.indexOf(`A ${name}`));
    expect(seen).toContain(`BUTTON Refresh now: ${name}`);
    await page.keyboard.press('Enter');
    await page.getByText(`Pause ${name}?`).waitFor();
    await page.getByRole('button', { name: 'Pause', exact: true }).focus();
    await page.keyboard.press('Enter');
    await page.getByText(`${name} is paused`).waitFor();
    await page.getByRole('button', { name: `Resume: ${name}` }).focus();
    await page.keyboard.press('Space');
    await page.getByText(`${name} is resumed`).waitFor();
    expect(window.complaints).toEqual([]);
  });

  it('is narrowed and sorted at 1,000 connections, and remembers how in its address', async () => {
    const { url } = await serve(1_000);
    const { page } = await open();
    await page.goto(url);
    expect(await page.getByText('1,000 connections', { exact: true }).count()).toBe(1);
    await page.getByRole('combobox', { name: 'Health' }).selectOption('healthy');
    await page.getByRole('textbox', { name: 'Name' }).fill('xero/*');
    await page.getByRole('combobox', { name: 'Sort by' }).selectOption('name');
    await page.getByRole('textbox', { name: 'Name' }).press('Enter');
    await page.waitForURL(/health=healthy/);
    const shown = await page.locator('.row .name').allTextContents();
    expect(shown.length).toBe(50);
    expect(shown.every((each) => each.startsWith('xero/'))).toBe(true);
    expect(shown).toEqual(shown.toSorted());
    await page.getByRole('link', { name: 'Next →' }).click();
    expect(await page.locator('.row .name').first().textContent()).not.toBe(shown[0]);
    await page.getByRole('link', { name: 'Show all', exact: true }).click();
    await page
      .getByRole('link', { name: /^Show all \d+ of them$/ })
      .first()
      .click();
    expect(await page.locator('.group').count()).toBe(1);
  });

  it('needs no script: it presses, asks, filters and loads itself again', async () => {
    const { url } = await serve(3);
    const window = await open({ javaScriptEnabled: false });
    const { page } = window;
    await page.goto(url);
    const [name = ''] = manyStates(1, NOW).map((state) => state.name);
    await page.getByRole('button', { name: `Refresh now: ${name}` }).click();
    await page.getByText(`${name} has a new token.`).waitFor();
    await page.getByRole('link', { name: `Pause: ${name}` }).click();
    await page.getByRole('button', { name: 'Pause', exact: true }).click();
    await page.getByText(`${name} is paused`).waitFor();
    await page.getByRole('link', { name: '← All connections' }).click();
    await page.getByRole('combobox', { name: 'Health' }).selectOption('paused');
    await page.getByRole('button', { name: 'Show' }).click();
    expect(await page.locator('.row').count()).toBe(1);
    expect(await page.locator('meta[http-equiv=refresh]').count()).toBe(1);
    expect(window.complaints).toEqual([]);
  });

  it('shows hostile names and words as text, and asks nobody for anything', async () => {
    const texts = [
      ...HOSTILE_TEXTS.map(({ text }) => text.slice(0, 2_000)),
      '<img src="https://evil.example/x" onerror="window.owned=1">',
      '"><script>window.owned=1</script>',
      '</style><style>*{background:url(https://evil.example/)}</style>',
      "' autofocus onfocus='window.owned=1",
      'javascript:window.owned=1',
    ];
    const { url } = await serve(0, ({ items }) => {
      texts.forEach((text, index) => {
        const [, , expired] = manyStates(3, NOW);
        if (!expired) return;
        const words = { lastErrorCode: text, lastErrorMessage: text, credentialsSentTo: text };
        items.set(text, {
          ...expired,
          ...words,
          name: `${text}${index}`,
          definition: { provider: text, credentials: text },
        });
      });
    });
    const window = await open();
    const { page } = window;
    for (const query of [
      '',
      '?page=2',
      '?sort=name',
      `?connection=${encodeURIComponent(texts.at(-4) ?? '')}`,
    ]) {
      await page.goto(url + query);
      expect(await page.evaluate('window.owned')).toBeUndefined();
      expect(
        await page
          .locator('main script, main img, main iframe, main style, main [onerror], main [onfocus]')
          .count(),
      ).toBe(0);
      expect(await violationsOf(page)).toEqual([]);
    }
    await page.setViewportSize(PHONE);
    expect(await overflowOf(page)).toBe(0);
    expect([...window.hosts]).toEqual(['127.0.0.1']);
    expect(window.complaints).toEqual([]);
  });
});
