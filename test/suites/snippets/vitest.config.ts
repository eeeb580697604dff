import { defineConfig } from 'vitest/config';

/** What consumers in other languages copy. Needs their tools, and the network the first time. */
export default defineConfig({
  test: {
    include: ['test/suites/snippets/**/*.snippet.ts'],
    setupFiles: ['test/support/setup.ts'],
    // Says which languages are left out, and why.
    reporters: ['verbose'],
    testTimeout: 60_000,
    // Packages are fetched and compiled in hooks.
    hookTimeout: 600_000,
  },
});
