import { defineConfig, mergeConfig } from 'vitest/config';
import base from '../../../vitest.config.ts';

/** What only a real browser can show; `npm run test:browser` sees to it that there is one. */
const config = mergeConfig(
  base,
  defineConfig({ test: { testTimeout: 60_000, hookTimeout: 60_000, reporters: ['verbose'] } }),
);
// Merging would add to the list of the suite that needs no browser.
config.test.include = ['test/suites/browser/*.browser.ts'];
export default config;
