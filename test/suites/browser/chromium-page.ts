import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { FLAGS, findChromium } from './chromium.ts';

/** A window of Chromium, and what went on in it. */
export interface Window extends AsyncDisposable {
  readonly page: Page;
  /** Hosts that it asked for anything. */
  readonly hosts: ReadonlySet<string>;
  /** What it complained of on its console, violations of a policy among it. */
  readonly complaints: readonly string[];
}

/** Starts a Chromium. */
export async function startChromium(): Promise<Browser> {
  const found = findChromium();
  return chromium.launch({ executablePath: 'path' in found ? found.path : '', args: [...FLAGS] });
}

/** Opens a window that shares nothing with others. */
export async function openWindow(browser: Browser, options: BrowserContextOptions = {}): Promise<Window> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const hosts = new Set<string>();
  const complaints: string[] = [];
  page.on('request', (request) => hosts.add(new URL(request.url()).hostname));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  return {
    page,
    hosts,
    complaints,
    async [Symbol.asyncDispose]() {
      await context.close();
    },
  };
}

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/**
 * What axe finds wrong with a page, as rule and elements.
 * @param within a selector; by default the whole page
 */
export async function violationsOf(page: Page, within?: string): Promise<readonly string[]> {
  await page.evaluate(AXE);
  const { violations } = (await page.evaluate(
    `axe.run(${within === undefined ? '' : JSON.stringify(within)})`,
  )) as {
    readonly violations: readonly {
      readonly id: string;
      readonly nodes: readonly { readonly html: string }[];
    }[];
  };
  return violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(' | ')}`,
  );
}

/** By how many pixels a page is wider than its window. */
export async function overflowOf(page: Page): Promise<number> {
  return Number(
    await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth'),
  );
}
