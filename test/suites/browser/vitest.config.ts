import { defineConfig } from 'vitest/config';
import { shared } from '../../../vitest.config.ts';

/** What only a real browser can show; `npm run test:browser` sees to it that there is one. */
export default defineConfig({
  test: {
    ...shared,
    include: ['test/suites/browser/*.browser.ts'],
    testTimeout: 60_000,
    reporters: ['verbose'],
  },
});
