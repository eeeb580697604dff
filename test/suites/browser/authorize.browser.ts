import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  authorize,
  NAME,
  type SignInWorld,
  startSignInWorld,
} from '../../cli/authorization/support/running-command.ts';
import { FLAGS, findChromium } from './chromium.ts';

const HOUR = 3_600_000;
const found = findChromium();
const reason = 'missing' in found ? ` (skipped: ${found.missing})` : '';

describe.skipIf('missing' in found)(`evertoken authorize in Chromium${reason}`, () => {
  let folder: string;
  let browser: BrowserContext;
  let page: Page;
  let world: SignInWorld;
  let asked: string[];
  let complaints: string[];

  beforeEach(async () => {
    world = await startSignInWorld();
    folder = await mkdtemp(join(tmpdir(), 'chromium-'));
    browser = await chromium.launchPersistentContext(folder, {
      executablePath: 'path' in found ? found.path : '',
      args: [...FLAGS],
    });
    page = browser.pages()[0] ?? (await browser.newPage());
    asked = [];
    complaints = [];
    page.on('request', (request) => asked.push(new URL(request.url()).hostname));
    page.on('console', (message) => complaints.push(message.text()));
  });

  afterEach(async () => {
    await browser.close();
    await rm(folder, { recursive: true, force: true });
    await world[Symbol.asyncDispose]();
  });

  const stateOf = () => world.deployment.system.functions.composition.ports.state.get(NAME);

  async function signIn(url: string, answer: 'Continue' | 'Deny'): Promise<void> {
    await page.goto(url);
    await page.getByLabel('Name').fill('A. Person');
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByText('Allow access?').waitFor();
    await page.getByRole('button', { name: answer }).click();
  }

  it('the person denies, and the tab says so', async () => {
    const command = authorize(world);
    await signIn(await command.opened, 'Deny');
    await page.getByRole('heading', { name: 'The sign-in failed' }).waitFor();
    expect(await page.getByRole('paragraph').textContent()).toMatch(/^Access was denied at the provider/);
    expect(await command.exitCode).toBe(1);
    expect(await stateOf()).toMatchObject({ generation: 0 });
  });

  it('the person signs in and consents, the tab says that it worked, and three rotations follow', async () => {
    const { deployment, provider } = world;
    const command = authorize(world);
    await signIn(await command.opened, 'Continue');
    await page.getByRole('heading', { name: 'You are signed in' }).waitFor();
    expect(await page.getByRole('paragraph').textContent()).toBe(
      `"${NAME}" is kept fresh from now on. You can close this tab.`,
    );
    // The style sheet in the page is the one thing that its policy lets in.
    expect(await page.evaluate('getComputedStyle(document.body).maxWidth')).not.toBe('none');
    expect(complaints.filter((text) => !/favicon|404/.test(text))).toEqual([]);
    expect(new Set(asked)).toEqual(new Set(['127.0.0.1']));
    expect(await command.exitCode).toBe(0);
    expect(command.stdout()).toMatch(/^Signed in\./);
    const rows = await deployment.system.rows();
    expect(rows).toMatchObject([{ connection: NAME, health: 'healthy' }]);
    const before = (await stateOf())?.refreshTokenVersionId;
    const seen = new Set([before]);
    for (let rotation = 0; rotation < 3; rotation += 1) {
      deployment.clock.advance(HOUR);
      await deployment.tick();
      const state = await stateOf();
      expect(state).toMatchObject({ lastOutcome: 'refreshed', failures: 0 });
      seen.add(state?.refreshTokenVersionId);
    }
    expect(seen.size).toBe(4);
    expect(provider.revokedFamilies).toEqual([]);
  });
});
